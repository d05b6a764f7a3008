// Flows.
#include <cstdint>
#include <map>
#include <ranges>
#include <sluice/flow/flow.hpp>
#include <utility>
#include <vector>

#include "steady_state/scenarios.hpp"

namespace steady_state {
namespace {

namespace flow = sluice::flow;
using namespace std::chrono_literals;

auto numbers(number events) { return flow::from(std::views::iota(number{0}, events)); }

void flow_steps(place& where, number events) {
    auto const f = numbers(events) | flow::map([](number n) { return 3 * n; }) |
                   flow::filter([](number n) { return n % 2 == 0; }) |
                   flow::reduce(number{0}, [](number& sum, number n) { sum += n; });
    number total = 0;
    flow::async_sum(f, where.context(), where.ending(total));
    where.work();
    expect(total, 3 * (events / 2) * (events / 2 - 1));
}

constexpr number keys = 1000;

void flow_count_by(place& where, number events) {
    auto const f = numbers(events) | flow::map([](number n) { return n * 7919 % keys; }) |
                   flow::partition({.stages = 4}) | flow::count_by(std::identity{}, {.stages = 2}) |
                   flow::map([](std::pair<number, std::size_t> const& of) { return number{of.second}; });
    number total = 0;
    flow::async_sum(f, where.context(), where.ending(total));
    where.work();
    expect(total, events);
}

/// An event each millisecond.
struct reading {
    std::int64_t at;
    number value;
};

void flow_fixed_windows(place& where, number events) {
    auto const f = numbers(events) | flow::map([](number n) {
                       return reading{static_cast<std::int64_t>(n), n};
                   }) |
                   flow::fixed_windows(128ms, &reading::at) |
                   flow::reduce(number{0}, [](number& sum, reading const& each) { sum += each.value; });
    number total = 0;
    flow::async_sum(f, where.context(), where.ending(total));
    where.work();
    expect(total, events * (events - 1) / 2);
}

constexpr scenario all[] = {
    {"flow_steps", "map, filter, reduce in one layer", 0, flow_steps},
    {"flow_count_by", "partition to 4, count_by of 1000 keys in 2 stages", 0, flow_count_by},
    {"flow_fixed_windows", "windows of 128 events, a sum each", 0, flow_fixed_windows},
};

}  // namespace

auto of_flows() -> std::span<scenario const> { return all; }

}  // namespace steady_state
