#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <sluice/testing/explore.hpp>
#include <sluice/testing/invariant.hpp>
#include <string>
#include <utility>
#include <vector>

#include "timed.hpp"

BOOST_AUTO_TEST_SUITE(flow_late_events)

using namespace flow_test;
using sluice::testing::explore;
using sluice::testing::simulation;

// Watermarks of several stages, what is late and what becomes of it, and stages that fall silent.

namespace {

auto tens(flow::event_window_options const& options = {}) { return flow::fixed_windows(10ms, time_of, options); }

/// Two sources into one stage.
auto both(std::vector<sent> a, std::vector<sent> b) {
    return flow::merge(played(std::move(a)), played(std::move(b))) | flow::shuffle({.stages = 1});
}

/// What several stages note.
struct notes {
    void add(int value) {
        std::lock_guard const lock(mutex);
        all.push_back(value);
    }
    auto take() {
        std::lock_guard const lock(mutex);
        return sorted(std::exchange(all, {}));
    }

private:
    std::mutex mutex;
    numbers all;
};

auto number_of_discarded(std::vector<sluice::stage_stats> const& all) {
    std::uint64_t sum = 0;
    for (auto const& each : all) sum += each.discarded;
    return sum;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_event_of_a_closed_window_is_late_and_late_gets_it) {
    auto const noted = std::make_shared<notes>();
    auto const note = [noted](stamped&& event) { noted->add(event.value); };
    auto const f = flow::from(std::vector<stamped>{{1, 1}, {11, 2}, {2, 3}, {21, 4}, {15, 5}, {25, 6}}) | tens() |
                   flow::late(note) | sum() | words();
    everywhere_in_many_orders([&](collector const& collect) {
        BOOST_TEST((collect(f) == strings{"1: fixed 0, done", "2: fixed 10, done", "10: fixed 20, done"}));
        BOOST_TEST(noted->take() == (numbers{3, 5}));
    });
}
BOOST_AUTO_TEST_CASE(out_of_order_within_a_batch_is_not_late) {
    gives(together({{21, 1}, {1, 2}, {11, 3}, {2, 4}}) | tens() | sum() | words(),
          strings{"6: fixed 0, done", "3: fixed 10, done", "1: fixed 20, done"});
}
BOOST_AUTO_TEST_CASE(late_events_that_nobody_takes_are_counted_as_discarded) {
    auto const lost = [](auto const& f) {
        sluice::testing::random_chooser chooser(1);
        simulation home(chooser);
        auto running = flow::launch(f, home.get_executor());
        home.run();
        return number_of_discarded(running.stats());
    };
    std::vector<stamped> const all{{1, 1}, {11, 2}, {2, 3}, {21, 4}, {15, 5}, {25, 6}, {1, 7}};
    BOOST_TEST(lost(flow::from(all) | tens() | sum()) == 3u);
    BOOST_TEST(lost(played({{0ms, all}, {1ms, all}}) | tens() | sum()) == 5u);
    BOOST_TEST(lost(flow::from(all) | tens() | flow::late([](stamped const&) {}) | sum()) == 0u);
    BOOST_TEST(lost(flow::from(all) | tens({.out_of_order = 1s}) | sum()) == 0u);
    auto const key = [](stamped const&) { return 0; };
    BOOST_TEST(lost(flow::from(all) | flow::session_windows(5ms, time_of, key, std::plus<>()) | sum()) == 3u);
    // Of sliding windows an event is lost only if all of its windows are closed.
    BOOST_TEST(lost(flow::from(all) | flow::sliding_windows(20ms, 10ms, time_of) | sum()) == 1u);
}
BOOST_AUTO_TEST_CASE(with_lateness_a_window_fires_when_it_is_passed_and_once_more_when_it_is_done) {
    gives(flow::from(std::vector<stamped>{{1, 1}, {11, 2}, {2, 3}, {14, 4}, {3, 5}, {15, 6}, {4, 7}}) |
              tens({.lateness = 5ms}) | sum() | words(),
          strings{"1: fixed 0, watermark", "9: fixed 0, done", "12: fixed 10, done"});
}
BOOST_AUTO_TEST_CASE(a_late_event_may_open_a_window_that_was_none) {
    gives(together({{41, 1}}) | tens({.lateness = 1s}) | sum() | words(), strings{"1: fixed 40, done"});
    in_time(played({{0ms, {{41, 1}}}, {1ms, {{11, 2}}}, {2ms, {{42, 4}}}}) | tens({.lateness = 1s}) | sum() | words(),
            {"2 ms 2: fixed 10, done", "2 ms 5: fixed 40, done"});
}
BOOST_AUTO_TEST_CASE(a_late_event_lengthens_a_session_that_is_kept) {
    auto const key = [](stamped const&) { return 0; };
    in_time(played({{0ms, {{0, 1}}}, {1ms, {{29, 2}}}, {2ms, {{5, 4}}}, {3ms, {{80, 8}}}, {4ms, {{6, 16}}}}) |
                flow::session_windows(10ms, time_of, key, std::plus<>(), {.lateness = 20ms}) | sum() | words(),
            {"1 ms 1: session 0, watermark", "3 ms 5: session 0, done", "3 ms 2: session 29, watermark",
             "3 ms 2: session 29, done", "4 ms 8: session 80, done"});
}
BOOST_AUTO_TEST_CASE(windows_close_later_if_events_may_be_out_of_order) {
    gives(flow::from(std::vector<stamped>{{1, 1}, {11, 2}, {14, 4}, {9, 8}, {15, 16}, {8, 32}, {25, 64}}) |
              tens({.out_of_order = 5ms}) | sum() | words(),
          strings{"9: fixed 0, done", "22: fixed 10, done", "64: fixed 20, done"});
}

BOOST_AUTO_TEST_CASE(a_window_waits_for_the_slowest_of_the_stages_before) {
    in_time(both({{0ms, {{1, 1}, {55, 2}}}, {90ms, {}}}, {{10ms, {{2, 4}}}, {20ms, {{12, 8}}}, {30ms, {{60, 16}}}}) |
                tens() | sum() | words(),
            // The second one has ended at 30 ms; then the first one counts alone.
            {"20 ms 5: fixed 0, done", "30 ms 8: fixed 10, done", "30 ms 0: fixed 20, done", "30 ms 0: fixed 30, done",
             "30 ms 0: fixed 40, done", "90 ms 2: fixed 50, done", "90 ms 16: fixed 60, done"});
}
BOOST_AUTO_TEST_CASE(a_stage_that_has_ended_holds_no_window_back) {
    // One source ends without a word, in any order of things; the other one goes on and is silent.
    in_time(both({{10ms, {}}}, {{0ms, {{1, 1}, {25, 2}}}, {1s, {}}}) | tens() | sum() | words(),
            {"10 ms 1: fixed 0, done", "10 ms 0: fixed 10, done", "1000 ms 2: fixed 20, done"});
    in_time(both({{10ms, {{1, 4}}}}, {{0ms, {{1, 1}, {25, 2}}}, {1s, {}}}) | tens() | sum() | words(),
            {"10 ms 5: fixed 0, done", "10 ms 0: fixed 10, done", "1000 ms 2: fixed 20, done"});
}
BOOST_AUTO_TEST_CASE(a_stage_that_falls_silent_holds_windows_back_for_so_long_only) {
    auto const a = std::vector<sent>{{0ms, {{1, 1}}}, {1s, {}}};
    auto const b = std::vector<sent>{{0ms, {{2, 2}}}, {20ms, {{12, 4}}}, {40ms, {{22, 8}}}, {1s, {}}};
    in_time(both(a, b) | tens({.idle_timeout = 50ms}) | sum() | words(),
            // At 50 ms the first one has been silent for 50 ms, at 90 ms both.
            {"50 ms 3: fixed 0, done", "50 ms 4: fixed 10, done", "90 ms 8: fixed 20, done"});
    in_time(both(a, b) | tens() | sum() | words(),
            {"1000 ms 3: fixed 0, done", "1000 ms 4: fixed 10, done", "1000 ms 8: fixed 20, done"});
}
BOOST_AUTO_TEST_CASE(what_a_silent_stage_sends_later_may_be_late) {
    auto const noted = std::make_shared<notes>();
    auto const f = both({{0ms, {{1, 1}}}, {70ms, {{3, 16}, {21, 32}}}, {1s, {}}}, {{0ms, {{12, 2}}}, {1s, {}}}) |
                   tens({.idle_timeout = 50ms}) |
                   flow::late([noted](stamped const& event) { noted->add(event.value); }) | sum() | words();
    in_time(f, {"50 ms 1: fixed 0, done", "50 ms 2: fixed 10, done", "120 ms 32: fixed 20, done"});
    BOOST_TEST(noted->take() == numbers(20, 16));  // in each of the 20 runs
}
BOOST_AUTO_TEST_CASE(a_source_that_falls_silent_closes_its_sessions_too) {
    auto const key = [](stamped const& event) { return event.value; };
    in_time(played({{0ms, {{0, 1}, {5, 2}}}, {20ms, {{6, 1}}}, {1s, {}}}) |
                flow::session_windows(10ms, time_of, key, std::plus<>(), {.idle_timeout = 50ms}) | sum() | words(),
            {"70 ms 2: session 5, done", "70 ms 2: session 0, done"});
}
BOOST_AUTO_TEST_CASE(a_window_is_kept_for_late_events_so_long_at_most_by_the_clock) {
    in_time(played({{0ms, {{1, 1}, {11, 2}}}, {20ms, {{2, 4}}}, {40ms, {{3, 8}}}, {1s, {}}}) |
                tens({.lateness = 1h, .late_for = 30ms}) | sum() | words(),
            {"0 ms 1: fixed 0, watermark", "30 ms 5: fixed 0, done", "1000 ms 2: fixed 10, done"});
}
BOOST_AUTO_TEST_CASE(with_both_timeouts_a_silent_source_leaves_no_window_open) {
    in_time(played({{0ms, {{1, 1}, {11, 2}}}, {1s, {}}}) |
                tens({.lateness = 1h, .late_for = 30ms, .idle_timeout = 50ms}) | sum() | words(),
            {"0 ms 1: fixed 0, watermark", "30 ms 1: fixed 0, done", "50 ms 2: fixed 10, watermark",
             "50 ms 2: fixed 10, done"});
    auto const key = [](stamped const& event) { return event.value; };
    in_time(played({{0ms, {{1, 1}}}, {1s, {}}}) |
                flow::session_windows(10ms, time_of, key, std::plus<>(), {.lateness = 1h, .idle_timeout = 50ms}) |
                sum() | words(),
            {"50 ms 1: session 1, watermark", "50 ms 1: session 1, done"});
}
BOOST_AUTO_TEST_CASE(when_all_have_been_silent_what_comes_then_is_not_late_if_its_window_was_not_there) {
    in_time(played({{0ms, {{1, 1}, {11, 2}}}, {100ms, {{21, 4}}}, {110ms, {{35, 8}}}, {120ms, {{12, 16}}}, {1s, {}}}) |
                tens({.lateness = flow::forever, .idle_timeout = 50ms}) | sum() | words(),
            {"0 ms 1: fixed 0, watermark", "50 ms 1: fixed 0, done", "50 ms 2: fixed 10, watermark",
             "50 ms 2: fixed 10, done", "110 ms 4: fixed 20, watermark", "170 ms 4: fixed 20, done",
             "170 ms 8: fixed 30, watermark", "170 ms 8: fixed 30, done"});
}
BOOST_AUTO_TEST_CASE(a_stage_whose_batch_is_still_in_work_is_not_silent) {
    // Each firing gives 500 events, which are taken in 20 ms; so the batch takes longer than the timeout.
    auto const take_slowly = [](sluice::inlet<int>& in, std::vector<std::size_t>& into) -> asio::awaitable<void> {
        sluice::testing::timer timer(co_await asio::this_coro::executor);
        while (auto events = co_await in.receive()) {
            for (auto const each : *events) ++into[static_cast<std::size_t>(each)];
            timer.expires_after(20ms);
            co_await timer.async_wait();
        }
    };
    std::vector<stamped> by_turns;
    for (int i = 0; i < 10; ++i) by_turns.push_back({i % 2 == 0 ? 15 : 5, 1});
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        BOOST_TEST_INFO_SCOPE("seed " << seed);
        sluice::testing::random_chooser chooser(seed);
        simulation home(chooser, {.early_deadline_one_in = 0});
        std::vector<std::size_t> seen(8);  // how often each sum
        auto const f = played({{0ms, by_turns}, {10s, {}}}) | tens({.idle_timeout = 50ms}) | flow::trigger_every(1) |
                       sum() | flow::on_trigger([](int& sum) { return numbers(500, sum); }) |
                       flow::sink(take_slowly, std::ref(seen));
        flow::async_run(f, home.get_executor(), [](std::exception_ptr error) { BOOST_TEST(!error); });
        BOOST_TEST(home.run().complete());
        std::vector<std::size_t> const expected{0, 1000, 1000, 1000, 1000, 2000, 0, 0};
        BOOST_TEST(seen == expected, boost::test_tools::per_element());
    }
}
BOOST_AUTO_TEST_CASE(a_stage_that_receives_nothing_else_hears_of_an_end_in_any_order) {
    // One of the two ends while the other one's last events are worked off.
    auto const report = explore({.name = "an_end_is_heard", .seeds = 300}, [](simulation& home) {
        strings all;
        bool is_over = false;
        auto const f = both({{0ms, {{1, 1}}}}, {{0ms, {{11, 2}}}, {1h, {}}}) | tens() | sum() | words();
        flow::async_for_each(
            f, home.get_executor(), [&](std::string const& each) { all.push_back(each); },
            [&](std::exception_ptr) { is_over = true; });
        home.run_ready();
        sluice::testing::invariant(all == strings{"1: fixed 0, done"}, "the window is closed before the hour is over");
        home.run();
        sluice::testing::invariant(is_over, "it ends");
    });
    BOOST_TEST(report.passed());
}

BOOST_AUTO_TEST_SUITE_END()
