#include "bench.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

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

void run_once(row const& work, way const& how, double seconds, timing& into) {
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

auto index_of(row const& work, way::part what) -> std::optional<std::size_t> {
    auto const found = std::ranges::find(work.ways, what, &way::what);
    if (found == work.ways.end()) return std::nullopt;
    return static_cast<std::size_t>(found - work.ways.begin());
}

}  // namespace

auto median(std::vector<double> values) -> double {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    auto const middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

auto result::ratio(way::part of_what, way::part to_what, std::vector<double> timing::*kind) const
    -> std::optional<double> {
    auto const a = index_of(*of, of_what);
    auto const b = index_of(*of, to_what);
    if (!a || !b) return std::nullopt;
    auto const& above = ways[*a].*kind;
    auto const& below = ways[*b].*kind;
    std::vector<double> ratios;
    for (std::size_t i = 0; i < above.size(); ++i) {
        if (below[i] > 0) ratios.push_back(above[i] / below[i]);
    }
    return median(std::move(ratios));
}

auto measure(row const& work, measuring const& how) -> result {
    result measured{&work, std::vector<timing>(work.ways.size())};
    for (auto const& each : work.ways) run_checked(work, each);  // to warm up
    for (std::size_t i = 0; i < how.repetitions; ++i) {
        for (std::size_t w = 0; w < work.ways.size(); ++w) run_once(work, work.ways[w], how.seconds, measured.ways[w]);
    }
    return measured;
}

}  // namespace sluice::benchmarks
