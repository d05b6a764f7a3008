// Adaptive demand, on virtual time. What its controller decides, its own tests show.
#include <boost/asio/io_context.hpp>
#include <numeric>
#include <optional>

#include "stats_support.hpp"

BOOST_AUTO_TEST_SUITE(adaptive)

using namespace stages;
using namespace std::chrono_literals;
using sluice::from;
using sluice::subscribe_options;

namespace {

/// What went from a producer to a consumer, and what that was to be.
struct trace {
    std::size_t bound = 0;
    std::size_t asked = 0;  // of the producer
    std::size_t processed = 0;
    int next = 0;  // expected
    std::vector<std::size_t> batches = {};

    void hear(std::size_t wanted) {
        asked += wanted;
        invariant(asked <= processed + bound, std::to_string(asked) + " events were asked for, and only " +
                                                  std::to_string(processed) + " processed");
    }
    void receive(batch<int> const& events) {
        batches.push_back(events.size());
        for (int each : events) expect_equal(each, next++, "the next event");
    }
};

/// As many as were asked for, each time after a while.
auto far_away(outlet<int>& out, simulation& home, trace& seen, std::chrono::milliseconds trip, int last)
    -> asio::awaitable<void> {
    for (int next = 0; next < last;) {
        auto const wanted = co_await out.demand();
        if (!wanted) co_return;
        seen.hear(*wanted);
        co_await home.async_wait(trip);
        auto events = out.make_batch();
        while (events.size() < *wanted && next < last) events.push_back(next++);
        const bool taken = co_await out.emit(std::move(events));
        if (!taken) co_return;
    }
}
/// Takes its time for each event.
auto takes(inlet<int>& in, simulation& home, trace& seen, std::chrono::microseconds const& an_event)
    -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        seen.receive(*events);
        auto const work = an_event * static_cast<int>(events->size());
        if (work > 0us) co_await home.async_wait(std::chrono::duration_cast<simulation::clock::duration>(work));
        seen.processed += events->size();
    }
}
/// The same as a handler object.
struct takes_events {
    trace* seen;
    void handle_events(batch<int> const& events) {
        seen->receive(events);
        seen->processed += events.size();
    }
};

auto window_of(sluice::stage_stats const& stats) -> std::size_t {
    invariant(!stats.subscriptions.empty(), "it is subscribed");
    return stats.subscriptions.front().max_demand;
}

}  // namespace

BOOST_AUTO_TEST_CASE(demand_grows_to_max_demand_when_the_producer_is_far_and_the_consumer_fast) {
    in_many_orders(
        [](simulation& home) {
            trace seen{.bound = 200};
            auto const no_time = 0us;
            sluice::producer<int> numbers{home, far_away, std::ref(home), std::ref(seen), 10ms, 20'000};
            sluice::consumer<int> all{
                home,           from(numbers, {.max_demand = 200, .adaptive = {.target_latency = 5ms}}),
                takes,          std::ref(home),
                std::ref(seen), std::cref(no_time)};
            outcome told;
            start(told, numbers, all);
            home.run_ready();
            expect_equal(window_of(all.stats()), 10u, "in the beginning");
            pass(home, 600ms);
            expect_equal(window_of(all.stats()), 200u, "in the end");
            home.run();
            expect_text(told.text(), "normal", "the run");
            expect_equal(seen.next, 20'000, "all events");
            invariant(*std::ranges::max_element(seen.batches) <= 100, "batches of at most max - min");
        },
        30, patient);
}

BOOST_AUTO_TEST_CASE(demand_shrinks_when_the_consumer_becomes_slow_and_nothing_that_was_asked_for_is_lost) {
    in_many_orders(
        [](simulation& home) {
            trace seen{.bound = 200};
            auto an_event = 0us;
            sluice::producer<int> numbers{home, far_away, std::ref(home), std::ref(seen), 4ms, 60'000};
            sluice::consumer<int> all{
                home,           from(numbers, {.max_demand = 200, .adaptive = {.target_latency = 20ms}}),
                takes,          std::ref(home),
                std::ref(seen), std::cref(an_event)};
            outcome told;
            start(told, numbers, all);
            pass(home, 100ms);
            invariant(window_of(all.stats()) >= 100, "wide: " + std::to_string(window_of(all.stats())));
            an_event = 2ms;  // ten of them in the time that it has
            pass(home, 4s);
            auto const slow = window_of(all.stats());
            invariant(slow <= 20 && slow >= 3, "narrow: " + std::to_string(slow));
            auto const outstanding = all.stats().subscriptions.front().outstanding;
            invariant(outstanding <= slow, "no more than that is outstanding");
            an_event = 0us;
            pass(home, 400ms);
            invariant(window_of(all.stats()) > 40, "wide again: " + std::to_string(window_of(all.stats())));
            home.run();
            expect_text(told.text(), "normal", "the run");
            expect_equal(seen.next, 60'000, "all events");
        },
        30, patient);
}

BOOST_AUTO_TEST_CASE(demand_stays_at_least_demand_where_the_target_cannot_be_kept) {
    in_many_orders(
        [](simulation& home) {
            trace seen{.bound = 100};
            auto const slow = std::chrono::microseconds(50ms);
            sluice::producer<int> numbers{home, far_away, std::ref(home), std::ref(seen), 1ms, 400};
            sluice::consumer<int> all{
                home,
                from(numbers, {.max_demand = 100, .adaptive = {.target_latency = 1ms, .least_demand = 4}}),
                takes,
                std::ref(home),
                std::ref(seen),
                std::cref(slow)};
            outcome told;
            start(told, numbers, all);
            for (int i = 0; i < 8; ++i) {
                pass(home, 2s);
                auto const window = window_of(all.stats());
                invariant(window >= 4 && window <= 10, "between the least and where it began");
            }
            home.run();
            expect_text(told.text(), "normal", "the run");
            expect_equal(seen.next, 400, "all events");
        },
        10, patient);
}

BOOST_AUTO_TEST_CASE(min_demand_keeps_its_proportion_to_the_demand_in_force) {
    in_many_orders(
        [](simulation& home) {
            trace seen{.bound = 100};
            auto const no_time = 0us;
            sluice::producer<int> numbers{home, far_away, std::ref(home), std::ref(seen), 1ms, 2'000};
            sluice::consumer<int> all{
                home,
                from(numbers, {.max_demand = 100, .min_demand = 90, .adaptive = {.target_latency = 1s}}),
                takes,
                std::ref(home),
                std::ref(seen),
                std::cref(no_time)};
            expect_text(run_all(home, numbers, all), "normal", "the run");
            expect_equal(seen.batches.front(), 1u, "of ten with a min of nine");
            expect_equal(*std::ranges::max_element(seen.batches), 10u, "of a hundred");
            expect_equal(seen.next, 2'000, "all events");
        },
        10, patient);
}

BOOST_AUTO_TEST_CASE(every_kind_of_consumer_can_have_adaptive_demand) {
    in_many_orders([](simulation& home) {
        subscribe_options const terms{.max_demand = 50, .adaptive = {.target_latency = 1ms}};
        trace first{.bound = 50}, last{.bound = 50};
        sluice::producer<int> numbers{home, far_away, std::ref(home), std::ref(first), 1ms, 300};
        sluice::producer_consumer<int, int> same{home, from(numbers, terms),
                                                 [](inlet<int>& in, outlet<int>& out) -> asio::awaitable<void> {
                                                     while (auto events = co_await in.receive()) {
                                                         co_await out.emit(std::move(*events));
                                                     }
                                                 }};
        sluice::consumer<int> all{home, from(same, terms), takes_events{&last}};
        first.bound = 50 + 300;  // what its consumer has processed nobody notes here
        expect_text(run_all(home, numbers, same, all), "normal", "the run");
        expect_equal(last.next, 300, "all events");
        expect_equal(all.stats().subscriptions.size(), 0u, "ended");
    });
}

BOOST_AUTO_TEST_CASE(it_works_by_the_real_clock_too) {
    boost::asio::io_context context;
    std::vector<int> got;
    sluice::producer<int> numbers{context, counter, 0, 200'000};
    sluice::producer_consumer<int, int> doubled{
        context, from(numbers, {.max_demand = 5000, .adaptive = {.target_latency = 1ms}}), doubler};
    sluice::consumer<int> all{context, from(doubled, {.adaptive = {.target_latency = 1ms}}), collector, std::ref(got)};
    outcome told;
    start(told, numbers, doubled, all);
    bool within = true;
    while (context.run_one() > 0) {
        for (auto const& each : doubled.stats().subscriptions)
            within &= each.max_demand >= 1 && each.max_demand <= 5000;
    }
    BOOST_TEST(told.text() == "normal");
    BOOST_TEST(within);
    BOOST_TEST(got.size() == 200'000u);
    BOOST_TEST(std::ranges::is_sorted(got));
}

BOOST_AUTO_TEST_CASE(the_demand_in_force_is_told) {
    in_many_orders([](simulation& home) {
        sluice::producer<int> numbers{home, staying, silent{}};
        std::vector<int> got;
        sluice::consumer<int> fixed{home, from(numbers, {.max_demand = 70}), collector, std::ref(got)};
        sluice::consumer<int> follows{home, from(numbers, {.max_demand = 70, .adaptive = {.target_latency = 1s}}),
                                      collector, std::ref(got)};
        sluice::consumer<int> manual{home, from(numbers, {.demand_mode = sluice::demand_mode::manual}),
                                     asks_later{&got}};
        outcome told;
        start(told, numbers, fixed, follows, manual);
        home.run();
        expect_equal(window_of(fixed.stats()), 70u, "that of its options");
        expect_equal(window_of(follows.stats()), 10u, "what was found");
        expect_equal(follows.stats().subscriptions.front().outstanding, 10u, "no more was asked for");
        expect_equal(window_of(manual.stats()), 0u, "the user asks");
        auto const text = sluice::snapshot(fixed, follows, manual).text();
        invariant(text.find("10 outstanding of at most 10") != std::string::npos, text);
        invariant(text.find("70 outstanding of at most 70") != std::string::npos, text);
        numbers.stop();
        home.run();
    });
}

BOOST_AUTO_TEST_CASE(stages_that_bound_what_is_under_way_for_another_reason_refuse_it) {
    boost::asio::io_context home;
    sluice::producer<int> numbers{home, naturals};
    auto const adapting = from(numbers, {.adaptive = {.target_latency = 1ms}});
    auto const says = [](auto make) -> std::string {
        try {
            make();
        } catch (boost::system::system_error const& error) {
            return error.code() == sluice::errc::invalid_option ? error.what() : "another error";
        }
        return "nothing";
    };
    auto const slow = says([&] { sluice::throttle<int>(home, adapting, {.events = 5, .per = 1s}); });
    BOOST_TEST(slow.find("subscribe_options::adaptive must not be given for a throttle") == 0u, slow);
    auto const child = [](int) -> asio::awaitable<void> { co_return; };
    auto const each = says([&] { sluice::consumer_supervisor<int>(home, adapting, child); });
    BOOST_TEST(each.find("subscribe_options::adaptive must not be given for a consumer_supervisor") == 0u, each);
}

BOOST_AUTO_TEST_SUITE_END()
