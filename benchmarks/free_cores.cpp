#include "free_cores.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <thread>

#include "work.hpp"

namespace sluice::benchmarks {
namespace {

constexpr double tolerance = 0.1;

// Long enough for the scheduler to give the core to somebody else who wants it. Each step needs the one before; nothing
// of memory or of a shared part of the processor.
auto seconds_of_work(std::uint64_t seed) -> double {
    auto const began = std::chrono::steady_clock::now();
    for (int i = 0; i < 20'000'000; ++i) seed = seed * 6364136223846793005U + 1442695040888963407U;
    std::atomic<std::uint64_t> kept(seed);
    static_cast<void>(kept.load());
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

auto seconds_of_two() -> double {
    std::atomic<int> there{0};
    auto const meet = [&there] {
        there.fetch_add(1);
        while (there.load() < 2) std::this_thread::yield();
    };
    double others = 0;
    std::thread other([&] {
        meet();
        others = seconds_of_work(2);
    });
    meet();
    auto const mine = seconds_of_work(1);
    other.join();
    return std::max(mine, others);
}

auto percent(double part) -> std::string { return std::to_string(std::lround(part * 100)) + " %"; }

auto change(double before, double after, char const* of_what) -> std::optional<std::string> {
    auto const more = std::max(before, after) / std::min(before, after) - 1;
    if (more <= tolerance) return std::nullopt;
    return "the time of " + std::string(of_what) + " spinning differed by " + percent(more) + " before and after";
}

// A virtual machine's core was given to another of the host's.
auto trouble_of_distance(double before, double after) -> std::optional<std::string> {
    if (std::max(before, after) <= 2 * std::min(before, after)) return std::nullopt;
    return "the cores were " + std::to_string(std::lround(before)) + " ns apart before, and " +
           std::to_string(std::lround(after)) + " ns after";
}

auto own_seconds() -> double {
    ::rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           1e-6 * static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

// What /proc/stat says of all cores together, but for the time in which they were idle or waited for a disk; with what
// the host took from a virtual machine.
auto everybodys_seconds() -> double {
    enum { user, nice, system, idle, iowait, irq, softirq, steal, kinds };
    std::ifstream in("/proc/stat");
    std::string cpu;
    std::array<double, kinds> ticks{};
    in >> cpu;
    for (double& each : ticks) in >> each;
    if (!in) return 0;
    auto const used = ticks[user] + ticks[nice] + ticks[system] + ticks[irq] + ticks[softirq] + ticks[steal];
    return used / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

auto free_cores::spin() -> spun {
    constexpr int rounds = 2;
    spun sum;
    for (int i = 0; i < rounds; ++i) {
        sum.alone += seconds_of_work(1);
        sum.together += seconds_of_two();
    }
    return sum;
}

auto free_cores::read_clocks() -> clocks {
    auto const now = std::chrono::steady_clock::now().time_since_epoch();
    return {std::chrono::duration<double>(now).count(), everybodys_seconds() - own_seconds()};
}

auto free_cores::trouble_of(spun const& times) -> std::optional<std::string> {
    auto const more = times.together / times.alone - 1;
    if (more <= tolerance) return std::nullopt;
    return "two threads spinning took " + percent(more) + " longer than one";
}

auto free_cores::ns_apart() -> double {
    constexpr std::uint64_t rounds = 10;  // the least of them counts
    constexpr std::uint64_t times = 2'000;
    std::atomic<std::uint64_t> number{0};  // odd: on its way there; even: back
    auto const wait_for = [&number](std::uint64_t value) {
        spinning wait;
        while (number.load(std::memory_order_acquire) != value) wait();
    };
    std::thread other([&] {
        for (std::uint64_t i = 1; i < 2 * rounds * times; i += 2) {
            wait_for(i);
            number.store(i + 1, std::memory_order_release);
        }
    });
    auto least = std::numeric_limits<double>::max();
    for (std::uint64_t next = 1; next < 2 * rounds * times;) {
        auto const began = std::chrono::steady_clock::now();
        for (std::uint64_t i = 0; i < times; ++i, next += 2) {
            number.store(next, std::memory_order_release);
            wait_for(next + 1);
        }
        auto const took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
        least = std::min(least, took * 1e9 / times);
    }
    other.join();
    return least;
}

auto free_cores::trouble_since(clocks const& began) -> std::optional<std::string> {
    auto const now = read_clocks();
    auto const others = (now.others - began.others) / (now.wall - began.wall);
    if (others <= tolerance) return std::nullopt;
    return "others used " + percent(others) + " of a core";
}

free_cores::free_cores() {
    auto const arrived = read_clocks();
    before_ = spin();
    apart_ = ns_apart();
    std::this_thread::sleep_for(std::chrono::milliseconds(150));  // the clock of others goes in steps of 10 ms
    others_before_ = trouble_since(arrived);
    began_ = read_clocks();
}

auto free_cores::trouble_before() const -> std::optional<std::string> {
    return others_before_ ? others_before_ : trouble_of(before_);
}

auto free_cores::trouble() const -> std::optional<std::string> {
    if (auto why = trouble_since(began_)) return *why + " meanwhile";
    if (auto why = trouble_before()) return *why + ", before";
    auto const after = spin();
    if (auto why = trouble_of(after)) return *why + ", after";
    if (auto why = change(before_.alone, after.alone, "one thread")) return why;
    if (auto why = change(before_.together, after.together, "two threads")) return why;
    return trouble_of_distance(apart_, ns_apart());
}

auto wait_for_free_cores(bool accept_busy) -> free_cores {
    constexpr int attempts = 10;
    free_cores found;
    for (int i = 1; i < attempts && !accept_busy && found.trouble_before(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        found = free_cores();
    }
    return found;
}

}  // namespace sluice::benchmarks
