// D.1 9 … 17: a stage in the middle. Its own batches are GenStage's; what its consumer gets has the same order and
// bounds, but other cuts: it takes one batch at a time, and small ones travel together.
#include "helpers.hpp"

using namespace conformance;

namespace {

constexpr sluice::subscribe_options eighty{.max_demand = 100, .min_demand = 80};
constexpr sluice::subscribe_options twenty{.max_demand = 100, .min_demand = 20};
constexpr sluice::subscribe_options half{.max_demand = 100, .min_demand = 50};
constexpr sluice::inlet_options open_inlet{.stay_open = true};
constexpr int enough = 1020;

void expect_doubles(batches const& doubled, int last) {
    expect_equal(joined(doubled), twice(0, last), "each twice, in order");
    invariant(longest(doubled) <= 50, "max - min at most");
}
void expect_twenties(batches const& middle) {
    for (auto const& each : middle) expect_equal(each.size(), std::size_t{20}, "20 at a time");
    expect_batches(middle, {{0, 20}, {20, 40}, {40, 60}, {60, 80}, {80, 100}, {100, 120}});
}
void expect_by_twenty_percent(batches const& middle) {
    expect_batches(middle, {{0, 80}, {80, 100}, {100, 180}, {180, 260}, {260, 280}});
}

/// All of them at once: each stage is made with what it subscribes to.
void from_the_start(sluice::subscribe_options const& options, void (*expect_middle)(batches const&)) {
    in_many_orders([&](simulation& home) {
        batches middle, doubled;
        sluice::producer numbers{home, counter{.enough = enough}};
        sluice::producer_consumer<int, int> twofold{home, from(numbers, options), doubler{&middle}};
        sluice::consumer<int> all{home, from(twofold, half), forwarder{&doubled}};
        outcome told;
        start(told, numbers, twofold, all);
        home.run();
        expect_middle(middle);
        expect_doubles(doubled, static_cast<int>(joined(middle).size()));
        stop_all(home, numbers);
    });
}

/// The consumer subscribes to the middle before the middle subscribes to the producer.
void late(sluice::subscribe_options const& options, void (*expect_middle)(batches const&)) {
    in_many_orders([&](simulation& home) {
        batches middle, doubled;
        sluice::producer numbers{home, counter{.enough = enough}};
        sluice::producer_consumer<int, int> twofold{
            home, {}, sluice::stage_options{.in = open_inlet}, doubler{&middle}};
        sluice::consumer<int> all{home, {}, open_inlet, forwarder{&doubled}};
        outcome told;
        start(told, numbers, twofold, all);
        all.async_subscribe(twofold, half, asio::detached);
        home.run();
        invariant(middle.empty() && doubled.empty(), "there is no source yet");
        twofold.async_subscribe(numbers, options, asio::detached);
        home.run();
        expect_middle(middle);
        expect_doubles(doubled, static_cast<int>(joined(middle).size()));
        stop_all(home, numbers, twofold, all);
    });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gen_stage_middle)

BOOST_AUTO_TEST_CASE(d1_009_80_percent_min_demand_with_init_subscription) {
    from_the_start(eighty, expect_twenties);
    for (int run = 0; run < 5; ++run) {
        batches middle, doubled;
        sluice::thread_pool pool{2};
        sluice::producer numbers{pool, counter{.enough = enough, .ends = true}};
        sluice::producer_consumer<int, int> twofold{pool, from(numbers, eighty), doubler{&middle}};
        sluice::consumer<int> all{pool, from(twofold, half), forwarder{&doubled}};
        sluice::run(numbers, twofold, all);
        BOOST_CHECK_NO_THROW(expect_twenties(middle));
        BOOST_CHECK_NO_THROW(expect_doubles(doubled, static_cast<int>(joined(middle).size())));
    }
}

BOOST_AUTO_TEST_CASE(twenty_percent_min_demand_with_init_subscription) {
    from_the_start(twenty, expect_by_twenty_percent);
}

BOOST_AUTO_TEST_CASE(d1_011_80_percent_min_demand_with_late_subscription) { late(eighty, expect_twenties); }

BOOST_AUTO_TEST_CASE(d1_012_20_percent_min_demand_with_late_subscription) { late(twenty, expect_by_twenty_percent); }

BOOST_AUTO_TEST_CASE(d1_014_keeps_emitting_events_even_when_discarded) {
    in_many_orders([](simulation& home) {
        batches dropped, got;
        sluice::producer numbers{home, counter{.enough = enough}};
        sluice::producer_consumer<int, int> drops{home, from(numbers, eighty), discarder{&dropped}};
        sluice::consumer<int> all{home, from(drops, half), forwarder{&got}};
        outcome told;
        start(told, numbers, drops, all);
        home.run();
        expect_twenties(dropped);
        for (int first : {0, 100, 1000}) invariant(has_batch(dropped, iota(first, first + 20)), "seen");
        invariant(got.empty(), "nothing comes through");
        stop_all(home, numbers);
    });
}

BOOST_AUTO_TEST_CASE(a_middle_may_emit_later_what_it_has_received) {
    in_many_orders([](simulation& home) {
        batches later, got;
        sluice::producer numbers{home, counter{.enough = 40}};
        postponer body{nullptr, &later};
        sluice::producer_consumer<int, int> postpones{home, from(numbers, {.max_demand = 10}), body};
        postpones.async_visit<postponer>([&](postponer& p) { p.self = &postpones; }, asio::detached);
        sluice::consumer<int> all{home, from(postpones, half), forwarder{&got}};
        outcome told;
        start(told, postpones, all);
        home.run();
        start(told, numbers);
        home.run();
        invariant(joined(later).size() >= 40, "all were postponed");
        expect_equal(joined(got), joined(later), "and emitted");
        stop_all(home, numbers, postpones);
    });
}

BOOST_AUTO_TEST_CASE(d1_015_with_shared_broadcast_demand) {
    in_many_orders([](simulation& home) {
        batches one, two;
        sluice::producer numbers{home, counter{.enough = 300}};
        sluice::producer_consumer<int, int> twofold{home, from(numbers, {.max_demand = 10}),
                                                    sluice::broadcast_dispatcher<int>{}, doubler{}};
        sluice::consumer<int> first{home, from(twofold, {.max_demand = 10, .min_demand = 0}), forwarder{&one}};
        sluice::consumer<int> second{home, from(twofold, {.max_demand = 20, .min_demand = 0}), forwarder{&two}};
        outcome told;
        start(told, first, second, twofold);
        home.run();
        start(told, numbers);
        home.run();
        invariant(has_batch(one, twice(200, 205)), "the first");
        invariant(has_batch(two, twice(200, 205)), "the second");
        expect_equal(joined(one), joined(two), "the same");
        stop_all(home, numbers);
    });
}

BOOST_AUTO_TEST_CASE(d1_017_queued_events_with_lost_producer) {
    in_many_orders([](simulation& home) {
        batches middle, doubled;
        journal heard;
        sluice::producer numbers{home, sluice::outlet_options{.on_last_cancel = sluice::on_last_cancel::stay_open},
                                 counter{.enough = 1000}};
        sluice::subscription upstream;
        sluice::producer_consumer<int, int> twofold{
            home, {}, sluice::stage_options{.in = open_inlet}, doubler{&middle, &heard}};
        outcome up, mid, down;
        start(up, numbers);
        start(mid, twofold);
        twofold.async_subscribe(
            numbers, {.max_demand = 100, .min_demand = 50, .cancel = sluice::cancel_mode::temporary},
            [&](boost::system::error_code, sluice::subscription made) { upstream = std::move(made); });
        home.run();
        // GenStage takes none before somebody asks; here one batch is in work, and nothing is asked for in its place.
        expect_equal(middle, batches{iota(0, 50)}, "one batch ahead");
        upstream.cancel(sluice::end_reason(std::make_exception_ptr(std::runtime_error("done"))));
        home.run();
        expect_equal(heard, journal{"subscribed"}, "the end is queued behind the events");
        sluice::consumer<int> all{home, from(twofold, half), forwarder{&doubled}};
        start(down, all);
        home.run();
        expect_equal(middle, batches{iota(0, 50), iota(50, 100)}, "all that had come");
        expect_equal(joined(doubled), twice(0, 100), "went through");
        expect_equal(heard, journal{"subscribed", "subscribed", "cancelled: failed: done"}, "then the end");
        stop_all(home, numbers, twofold);
        expect_equal(middle.size(), std::size_t{2}, "nothing after it");
    });
}

BOOST_AUTO_TEST_SUITE_END()
