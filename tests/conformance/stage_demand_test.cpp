// D.1 2 … 7: what a consumer gets of a producer that counts, batch by batch.
#include "helpers.hpp"

using namespace conformance;

namespace {

/// The first batches, on the simulator and on two threads.
void first_batches(sluice::subscribe_options const& options, int enough, std::vector<range> const& expected) {
    in_many_orders([&](simulation& home) {
        batches got;
        sluice::producer numbers{home, counter{.enough = enough}};
        sluice::consumer<int> all{home, from(numbers, options), forwarder{&got}};
        outcome told;
        start(told, numbers, all);
        home.run();
        expect_batches(got, expected);
        stop_all(home, numbers);
    });
    for (int run = 0; run < 5; ++run) {
        batches got;
        sluice::thread_pool pool{2};
        sluice::producer numbers{pool, counter{.enough = enough, .ends = true}};
        sluice::consumer<int> all{pool, from(numbers, options), forwarder{&got}};
        sluice::run(numbers, all);
        BOOST_CHECK_NO_THROW(expect_batches(got, expected));
    }
}

constexpr sluice::subscribe_options ten{.max_demand = 10, .min_demand = 0};
constexpr sluice::subscribe_options twenty{.max_demand = 20, .min_demand = 0};

}  // namespace

BOOST_AUTO_TEST_SUITE(gen_stage_demand)

BOOST_AUTO_TEST_CASE(d1_002_with_default_max_and_min_demand) {
    first_batches({}, 3000, {{0, 500}, {500, 1000}, {1000, 1500}});
}

BOOST_AUTO_TEST_CASE(d1_003_with_80_percent_min_demand) {
    std::vector<range> twenties;
    for (int first = 0; first < 1020; first += 20) twenties.push_back({first, first + 20});
    first_batches({.max_demand = 100, .min_demand = 80}, 1020, twenties);
}

BOOST_AUTO_TEST_CASE(d1_004_with_20_percent_min_demand) {
    first_batches({.max_demand = 100, .min_demand = 20}, 1000,
                  {{0, 80}, {80, 100}, {100, 180}, {180, 260}, {260, 280}});
}

BOOST_AUTO_TEST_CASE(d1_005_with_1_max_and_0_min_demand) {
    in_many_orders([](simulation& home) {
        batches got;
        sluice::producer numbers{home, counter{.enough = 50}};
        sluice::consumer<int> all{home, {}, sluice::inlet_options{.stay_open = true}, forwarder{&got}};
        outcome told;
        start(told, numbers, all);
        all.async_subscribe(numbers, {.max_demand = 1, .min_demand = 0}, asio::detached);
        home.run();
        expect_batches(got, {{0, 1}, {1, 2}, {2, 3}});
        expect_equal(longest(got), std::size_t{1}, "always one");
        stop_all(home, numbers, all);
    });
}

BOOST_AUTO_TEST_CASE(d1_006_with_shared_broadcast_demand) {
    in_many_orders([](simulation& home) {
        batches one, two;
        sluice::producer numbers{home, counter{.enough = 1100}, sluice::broadcast_dispatcher<int>{}};
        sluice::consumer<int> first{home, {}, sluice::inlet_options{.stay_open = true}, forwarder{&one}};
        sluice::consumer<int> second{home, {}, sluice::inlet_options{.stay_open = true}, forwarder{&two}};
        outcome told;
        start(told, numbers, first, second);
        first.async_subscribe(numbers, ten, asio::detached);
        second.async_subscribe(numbers, twenty, asio::detached);
        home.run();
        // Whoever subscribes first may be ahead for a while; from where both are there they get the same.
        for (auto const* got : {&one, &two}) {
            bool const in_time = !one.empty() && !two.empty() && one[0][0] <= 1000 && two[0][0] <= 1000;
            invariant(!in_time || has_batch(*got, iota(1000, 1010)), "the common demand is 10");
        }
        stop_all(home, numbers, first, second);
    });
}

BOOST_AUTO_TEST_CASE(d1_007_with_shared_broadcast_demand_and_a_subscriber_that_never_asks) {
    in_many_orders([](simulation& home) {
        batches one, two, none;
        sluice::subscription raw;
        sluice::producer numbers{home, counter{.enough = 1100}, sluice::broadcast_dispatcher<int>{}};
        sluice::consumer<int> idle{home, from(numbers, by_hand), forwarder{&none, nullptr, &raw}};
        outcome told, left;
        start(told, numbers);
        start(left, idle);
        home.run();
        sluice::consumer<int> first{home, from(numbers, ten), forwarder{&one}};
        sluice::consumer<int> second{home, from(numbers, twenty), forwarder{&two}};
        outcome end;
        start(end, first, second);
        home.run();
        invariant(one.empty() && two.empty(), "nobody gets anything before all have asked");
        raw.cancel(sluice::end_reason(std::make_exception_ptr(std::runtime_error("killed"))));
        home.run();
        expect_text(left.text(), "killed", "the one that never asked");
        invariant(has_batch(one, iota(1000, 1010)), "the first");
        invariant(has_batch(two, iota(1000, 1010)), "the second");
        expect_equal(none.size(), std::size_t{0}, "nothing without demand");
        stop_all(home, numbers);
    });
}

// The rows of demand: what a producer is told, and that it remembers the rest itself.
BOOST_AUTO_TEST_CASE(a_producer_is_told_what_is_asked_and_owes_what_it_does_not_emit) {
    in_many_orders([](simulation& home) {
        batches got;
        std::vector<std::size_t> asked;
        sluice::producer nothing{home, nothing_producer{&asked}};
        sluice::consumer<int> all{home, from(nothing, {.max_demand = 7}), forwarder{&got}};
        outcome told;
        start(told, nothing, all);
        home.run();
        expect_equal(asked, std::vector<std::size_t>{7}, "asked once");
        queue(nothing, {1, 2, 3, 4});
        home.run();
        expect_equal(asked, std::vector<std::size_t>{7, 4}, "the next ask alone, not what it owes still");
        stop_all(home, nothing);
    });
}

BOOST_AUTO_TEST_CASE(a_producer_may_give_less_than_it_is_asked_for) {
    in_many_orders([](simulation& home) {
        batches got;
        sluice::producer little{home, demand_producer{}};
        sluice::consumer<int> all{home, from(little, {.max_demand = 5, .min_demand = 4}), forwarder{&got}};
        outcome told;
        start(told, little, all);
        for (int steps = 0; steps < 500 && home.step(); ++steps) {}
        stop_all(home, little);
        home.run();
        invariant(got.size() >= 2, "it goes on");
        expect_equal(got[0], std::vector{5}, "the first ask");
        expect_equal(got[1], std::vector{1}, "what was processed is asked for again");
    });
}

BOOST_AUTO_TEST_CASE(a_consumer_that_sleeps_gets_no_more_than_it_has_asked_for_and_what_it_had_is_told) {
    in_many_orders([](simulation& home) {
        batches got;
        std::vector<int> lost;
        int next = 0;
        sluice::producer numbers{home, counter{.enough = 100}};
        numbers.async_visit<counter>([](counter& c) { return c.next; }, asio::detached);
        sluice::consumer<int> asleep{home, from(numbers, {.max_demand = 10}), sleeper{&home, &got}};
        asleep.on_discard(
            [&](batch<int> events, sluice::discard_reason) { lost.insert(lost.end(), events.begin(), events.end()); });
        outcome up, down;
        start(up, numbers);
        start(down, asleep);
        home.run_ready();
        numbers.async_visit<counter>([](counter& c) { return c.next; }, [&](std::exception_ptr, int n) { next = n; });
        home.run_ready();
        expect_equal(got, batches{iota(0, 5)}, "one batch");
        expect_equal(next, 10, "no more than it has asked for");
        asleep.stop();
        home.run();
        expect_equal(lost, iota(5, 10), "discarded where all can see it");
        expect_text(down.text(), "operation_aborted", "stopped");
    });
}

BOOST_AUTO_TEST_SUITE_END()
