#include "spin.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <thread>

namespace sluice::benchmarks {
namespace {

constexpr double tolerance = 0.1;

// Each step needs the one before; nothing of memory or of a shared part of the processor.
auto seconds_of_work(std::uint64_t seed) -> double {
    auto const began = std::chrono::steady_clock::now();
    for (int i = 0; i < 3'000'000; ++i) seed = seed * 6364136223846793005U + 1442695040888963407U;
    std::atomic<std::uint64_t> kept(seed);
    static_cast<void>(kept.load());
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

auto seconds_of_two() -> double {
    std::atomic<int> there{0};
    auto const meet = [&there] {
        there.fetch_add(1);
        while (there.load() < 2) {}
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

auto percent(double more) -> std::string { return std::to_string(std::lround(more * 100)) + " %"; }

auto change(double before, double after, char const* of_what) -> std::optional<std::string> {
    auto const more = std::max(before, after) / std::min(before, after) - 1;
    if (more <= tolerance) return std::nullopt;
    return "the time of " + std::string(of_what) + " differed by " + percent(more) + " before and after";
}

}  // namespace

auto spin() -> spin_times {
    std::array<double, 7> alone{};
    std::array<double, 7> together{};
    for (std::size_t i = 0; i < alone.size(); ++i) {
        alone[i] = seconds_of_work(i);
        together[i] = seconds_of_two();
    }
    std::ranges::sort(alone);
    std::ranges::sort(together);
    return {alone[alone.size() / 2], together[together.size() / 2]};
}

auto why_busy(spin_times const& times) -> std::optional<std::string> {
    auto const more = times.together / times.alone - 1;
    if (more <= tolerance) return std::nullopt;
    return "two threads took " + percent(more) + " longer than one for the same work each";
}

auto why_busy(spin_times const& before, spin_times const& after) -> std::optional<std::string> {
    if (auto why = why_busy(before)) return *why + ", before";
    if (auto why = why_busy(after)) return *why + ", after";
    if (auto why = change(before.alone, after.alone, "one thread")) return why;
    return change(before.together, after.together, "two threads");
}

}  // namespace sluice::benchmarks
