// Priorities, weights, and partitions that go wrong, in stages.
#include <algorithm>
#include <string>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(sharing)

using namespace stages;
using sluice::demand_flow;
using sluice::from;
using sluice::partition_dispatcher;

namespace {

auto leave_soon(inlet<int>& in) -> asio::awaitable<void> { co_await in.receive(); }

}  // namespace

BOOST_AUTO_TEST_CASE(a_higher_priority_is_served_before_all_others) {
    in_many_orders([](simulation& home) {
        std::vector<int> urgent, common;
        sluice::producer<int> numbers{home, sluice::outlet_options{.demand = demand_flow::accumulate}, count_up, 30, 5};
        sluice::consumer<int> first{home, from(numbers, {.max_demand = 20}), collector, std::ref(common)};
        sluice::consumer<int> second{home, from(numbers, {.max_demand = 10, .priority = 1}), collector,
                                     std::ref(urgent)};
        outcome told;
        start(told, numbers, first, second);
        home.run();
        numbers.set_demand(demand_flow::forward);
        home.run();
        expect_text(told.text(), "normal", "the end");
        invariant(urgent.size() >= 10, "it was served first, although the other had asked for more");
        expect_equal(std::vector(urgent.begin(), urgent.begin() + 10), iota(0, 10), "with the first events");
        expect_equal(urgent.size() + common.size(), 30u, "nothing is lost");
    });
}

BOOST_AUTO_TEST_CASE(weights_are_the_shares_of_who_always_wants_more) {
    in_many_orders([](simulation& home) {
        std::vector<int> one, three;
        sluice::producer<int> numbers{home,
                                      sluice::outlet_options{.demand = demand_flow::accumulate},
                                      sluice::weighted_dispatcher<int>{},
                                      count_up,
                                      80,
                                      8};
        sluice::consumer<int> light{home, from(numbers, {.max_demand = 80}), collector, std::ref(one)};
        sluice::consumer<int> heavy{home, from(numbers, {.max_demand = 80, .weight = 3}), collector, std::ref(three)};
        outcome told;
        start(told, numbers, light, heavy);
        home.run();
        numbers.set_demand(demand_flow::forward);
        home.run();
        expect_text(told.text(), "normal", "the end");
        expect_equal(one.size(), 20u, "a quarter");
        expect_equal(three.size(), 60u, "three quarters");
    });
}

BOOST_AUTO_TEST_CASE(a_partition_that_is_left_fails_the_producer_if_it_is_to) {
    int failed = 0;
    in_many_orders([&failed](simulation& home) {
        std::vector<int> even, lost;
        auto const parity = [](int i) { return static_cast<std::size_t>(i % 2); };
        sluice::producer<int> numbers{
            home, partition_dispatcher<int>({.partitions = 2, .on_leave = sluice::on_leave::fail}, parity), count_up,
            40, 4};
        numbers.on_discard(
            [&](batch<int> events, sluice::discard_reason) { lost.insert(lost.end(), events.begin(), events.end()); });
        sluice::consumer<int> evens{home, from(numbers, {.max_demand = 10, .partition = 0}), collector, std::ref(even)};
        sluice::consumer<int> odds{home, from(numbers, {.max_demand = 3, .min_demand = 0, .partition = 1}), leave_soon};
        outcome of_numbers, of_odds, of_evens;
        start(of_numbers, numbers);
        start(of_evens, evens);
        start(of_odds, odds);
        home.run();
        expect_text(of_odds.text(), "normal", "it just left");
        auto const left = make_error_code(sluice::errc::partition_left).message();
        if (of_numbers.text() == left) {
            ++failed;
            expect_text(of_evens.text(), left, "its other consumers hear the same");
        } else {  // nothing was queued when it left: what comes later waits for the next one for that partition
            numbers.stop();
            home.run();
            expect_text(of_evens.text(), "normal", "a stop is no failure");
        }
    });
    BOOST_TEST(failed > 0);
}

BOOST_AUTO_TEST_CASE(a_hash_that_throws_fails_the_producer_and_each_event_is_delivered_or_reported) {
    in_many_orders([](simulation& home) {
        std::vector<int> got, lost;
        auto const thirteen = [](int i) -> std::size_t {
            if (i == 13) throw std::runtime_error("thirteen");
            return static_cast<std::size_t>(i % 2);
        };
        sluice::producer<int> numbers{home, partition_dispatcher<int>(2, thirteen), count_up, 40, 5};
        numbers.on_discard(
            [&](batch<int> events, sluice::discard_reason) { lost.insert(lost.end(), events.begin(), events.end()); });
        sluice::consumer<int> evens{home, from(numbers, {.max_demand = 6, .partition = 0}), collector, std::ref(got)};
        sluice::consumer<int> odds{home, from(numbers, {.max_demand = 6, .partition = 1}), collector, std::ref(got)};
        outcome of_numbers, of_evens, of_odds;
        start(of_numbers, numbers);
        start(of_evens, evens);
        start(of_odds, odds);
        home.run();
        expect_text(of_numbers.text(), "thirteen", "the producer's end");
        expect_text(of_evens.text(), "thirteen", "its consumers'");
        expect_text(of_odds.text(), "thirteen", "its consumers'");
        got.insert(got.end(), lost.begin(), lost.end());
        std::ranges::sort(got);
        expect_equal(got, iota(0, 15), "each event of the batches so far, once");
    });
}

BOOST_AUTO_TEST_SUITE_END()
