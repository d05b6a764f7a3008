#include <algorithm>
#include <sluice/supervisor.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "../stages/support.hpp"

using namespace stages;
using sluice::supervised;
using sluice::supervisor;

namespace {

/// Doubles; throws before it emits when it meets an event that it was told to stumble over, once.
auto stumbler(inlet<int>& in, outlet<int>& out, int& over) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (int& event : *events) {
            if (event == over) {
                over = -1;
                throw std::runtime_error("stumbled");
            }
            event *= 2;
        }
        co_await out.emit(std::move(*events));
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(supervising)

BOOST_AUTO_TEST_CASE(a_pipeline_without_failures_ends_as_it_would_without_a_supervisor) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        supervisor tested{home};
        auto numbers = tested.add("numbers", [](supervised& here) {
            return sluice::producer<int>{here, counter, 0, 50};
        });
        auto doubled = tested.add("doubled", [numbers](supervised& here) {
            return sluice::producer_consumer<int, int>{here, here.from(numbers, {.max_demand = 7}), doubler};
        });
        tested.add("collected", [doubled, &got](supervised& here) {
            return sluice::consumer<int>{here, here.from(doubled, {.max_demand = 5}), collector, std::ref(got)};
        });
        expect_text(run_all(home, tested), "normal", "the run");
        auto expected = iota(0, 50);
        for (int& e : expected) e *= 2;
        expect_equal(got, expected, "events");
    });
}

BOOST_AUTO_TEST_CASE(a_middle_that_fails_comes_back_and_the_pipeline_goes_on) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        int over = 25;
        supervisor tested{home};
        auto numbers = tested.add("numbers", [](supervised& here) {
            return sluice::producer<int>{here, counter, 0, 100};
        });
        auto doubled = tested.add("doubled", [numbers, &over](supervised& here) {
            return sluice::producer_consumer<int, int>{here, here.from(numbers, {.max_demand = 6}), stumbler,
                                                       std::ref(over)};
        });
        tested.add("collected", [doubled, &got](supervised& here) {
            return sluice::consumer<int>{here, here.from(doubled, {.max_demand = 4}), collector, std::ref(got)};
        });
        expect_text(run_all(home, tested), "normal", "the run");
        invariant(std::ranges::is_sorted(got), "in order");
        invariant(std::ranges::adjacent_find(got) == got.end(), "none twice");
        invariant(got.size() >= 100 - 18 && got.size() < 100, "only what the failed stage had in its hands is lost");
        expect_equal(got.back(), 198, "the last event");
    });
}

BOOST_AUTO_TEST_SUITE_END()
