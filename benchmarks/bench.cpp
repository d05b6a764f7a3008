#include "bench.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>

#include "free_cores.hpp"

namespace sluice::benchmarks {
namespace {

auto cpu_seconds() -> double {
    ::rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    auto const seconds = [](::timeval const& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

auto wall_seconds() -> double {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void run_checked(row const& work, way const& how) {
    auto const answer = how.run();
    if (answer == work.expected) return;
    throw std::runtime_error(work.name + ", " + how.name + ": got " + std::to_string(answer) + ", expected " +
                             std::to_string(work.expected));
}

void run_once(row const& work, way const& how, double seconds, way_figures& into) {
    auto const wall_before = wall_seconds();
    auto const cpu_before = cpu_seconds();
    double wall = 0;
    double times = 0;
    do {
        run_checked(work, how);
        times += 1;
        wall = wall_seconds() - wall_before;
    } while (wall < seconds);
    auto const cpu = cpu_seconds() - cpu_before;
    auto const units = times * work.units;
    into.wall.push_back(wall * 1e9 / units);
    into.cpu.push_back(cpu * 1e9 / units);
}

auto name_of(way::part what) -> char const* {
    constexpr std::array names{"ours", "limit", "ring", "channels", "peer", "note"};
    return names.at(static_cast<std::size_t>(what));
}

auto without_figures(row const& work) -> row_figures {
    row_figures result;
    result.name = work.name;
    result.unit = work.unit;
    result.missing = work.missing;
    auto const add = [&](char const* name, std::optional<double> value) {
        if (value) result.targets.emplace_back(name, *value);
    };
    add("at_most_ns", work.wanted.at_most_ns);
    add("at_most_limits", work.wanted.at_most_limits);
    add("times_channels", work.wanted.times_channels);
    for (auto const& each : work.ways) result.ways.push_back({each.name, name_of(each.what), {}, {}, {}});
    return result;
}

auto run_all(row const& work, measuring const& how) -> row_figures {
    auto result = without_figures(work);
    for (auto const& each : work.ways) run_checked(work, each);  // to warm up
    for (std::size_t i = 0; i < how.repetitions; ++i) {
        show_progress(work.name + ": " + std::to_string(i + 1) + " of " + std::to_string(how.repetitions));
        for (std::size_t w = 0; w < work.ways.size(); ++w) run_once(work, work.ways[w], how.seconds, result.ways[w]);
    }
    show_progress("");
    return result;
}

}  // namespace

auto median(std::vector<double> values) -> double {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    auto const middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

auto ratios(std::vector<double> const& above, std::vector<double> const& below) -> std::vector<double> {
    std::vector<double> result;
    for (std::size_t i = 0; i < std::min(above.size(), below.size()); ++i) {
        if (below[i] > 0) result.push_back(above[i] / below[i]);
    }
    return result;
}

auto measure(row const& work, measuring const& how) -> row_figures {
    constexpr int attempts = 3;
    std::string why;
    for (int i = 0; i < attempts; ++i) {
        show_progress(work.name + ": waiting for two free cores");
        auto const cores = wait_for_free_cores(how.accept_busy);
        auto trouble = cores.trouble_before();
        if (!trouble || how.accept_busy) {
            auto result = run_all(work, how);
            trouble = cores.trouble();
            result.busy = trouble;
            result.cores_apart = cores.apart();
            if (!trouble || how.accept_busy) return result;
        }
        why = *trouble;
    }
    show_progress("");
    auto refused = without_figures(work);
    refused.refused = "the cores were not free: " + why;
    return refused;
}

}  // namespace sluice::benchmarks
