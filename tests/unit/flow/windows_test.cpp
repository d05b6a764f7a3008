#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <ranges>
#include <sluice/errc.hpp>
#include <string>
#include <utility>
#include <vector>

#include "timed.hpp"

BOOST_AUTO_TEST_SUITE(flow_windows)

using namespace flow_test;

namespace {

using seconds = std::chrono::sys_time<std::chrono::seconds>;

/// Events at these times, whose values are 1, 2, 3, …
auto numbered(std::vector<std::int64_t> const& times) {
    std::vector<stamped> all;
    for (auto const time : times) all.push_back({time, static_cast<int>(all.size()) + 1});
    return all;
}
auto events_at(std::vector<std::int64_t> const& times) { return flow::from(numbered(times)); }
auto tens(flow::event_window_options const& options = {}) { return flow::fixed_windows(10ms, time_of, options); }

auto all_values() { return flow::reduce(numbers(), note_value); }
auto spans(numbers& all, flow::trigger_info const& at) {
    return std::vector{std::pair(std::pair(at.span.start, at.span.end), all)};
}
using spanned = std::vector<std::pair<std::pair<std::int64_t, std::int64_t>, numbers>>;

template <class Make>
void is_refused(Make const& make, std::string const& what) {
    auto const says_so = [&](boost::system::system_error const& error) {
        BOOST_TEST_INFO(error.what());
        return error.code() == sluice::errc::invalid_option && std::string(error.what()).starts_with(what);
    };
    BOOST_CHECK_EXCEPTION(make(), boost::system::system_error, says_so);
}

}  // namespace

BOOST_AUTO_TEST_CASE(fixed_windows_follow_on_each_other_and_empty_ones_fire_too) {
    gives(events_at({1, 9, 10, 35}) | tens() | sum() | words(),
          strings{"3: fixed 0, done", "3: fixed 10, done", "0: fixed 20, done", "4: fixed 30, done"});
}
BOOST_AUTO_TEST_CASE(so_many_empty_windows_in_a_row_fire_as_the_options_say) {
    gives(events_at({1, 65}) | tens({.max_empty_run = 0}) | sum() | words(),
          strings{"1: fixed 0, done", "2: fixed 60, done"});
    gives(events_at({1, 65}) | tens({.max_empty_run = 2}) | sum() | words(),
          strings{"1: fixed 0, done", "0: fixed 10, done", "0: fixed 20, done", "2: fixed 60, done"});
}
BOOST_AUTO_TEST_CASE(windows_before_the_epoch_are_where_they_should_be) {
    gives(events_at({-11, -1, 0}) | tens() | sum() | words(),
          strings{"1: fixed -20, done", "2: fixed -10, done", "3: fixed 0, done"});
}
BOOST_AUTO_TEST_CASE(windows_begin_where_the_origin_says) {
    gives(events_at({2, 4, 12}) | tens({.origin = 3ms}) | all_values() | flow::on_trigger(spans),
          spanned{{{-7, 3}, {1}}, {{3, 13}, {2, 3}}});
}
BOOST_AUTO_TEST_CASE(an_event_is_in_each_of_the_sliding_windows_that_hold_it) {
    gives(events_at({0, 12, 27}) | flow::sliding_windows(20ms, 10ms, time_of) | all_values() | flow::on_trigger(spans),
          spanned{{{-10, 10}, {1}}, {{0, 20}, {1, 2}}, {{10, 30}, {2, 3}}, {{20, 40}, {3}}});
    // A slide that is no part of the size.
    gives(events_at({0, 12}) | flow::sliding_windows(10ms, 7ms, time_of) | all_values() | flow::on_trigger(spans),
          spanned{{{-7, 3}, {1}}, {{0, 10}, {1}}, {{7, 17}, {2}}});
}
BOOST_AUTO_TEST_CASE(sessions_are_events_of_a_key_with_small_gaps) {
    auto const last_digit = [](stamped const& event) { return event.value % 2; };
    auto const named = [](numbers& all, flow::trigger_info const& at, int const& key) {
        BOOST_CHECK(at.window.kind == flow::window_kind::session);
        return std::vector{std::pair(key, std::pair(at.span.start, all))};
    };
    auto const append = [](numbers& into, numbers const& from) { into.insert(into.end(), from.begin(), from.end()); };
    using session = std::pair<int, std::pair<std::int64_t, numbers>>;
    // Values 1, 2, 3, … at these times: odd ones at 0, 18, 9, 40, even ones at 5, 30.
    gives(together(numbered({0, 5, 18, 30, 9, 60, 40})) | flow::session_windows(10ms, time_of, last_digit, append) |
              all_values() | flow::on_trigger(named),
          std::vector<session>{{0, {5, {2}}}, {1, {0, {1, 3, 5}}}, {0, {30, {4}}}, {1, {40, {7}}}, {0, {60, {6}}}});
}
BOOST_AUTO_TEST_CASE(count_windows_hold_so_many_events_and_the_last_the_rest) {
    auto const upto = [](int n) { return flow::from(std::views::iota(0, n)); };
    auto const count = flow::reduce(0, [](int& n, int) { ++n; });
    gives(upto(7) | flow::count_windows(3) | count, numbers{3, 3, 1});
    gives(upto(6) | flow::count_windows(3) | count, numbers{3, 3, 0});
    gives(upto(0) | flow::count_windows(3) | count, numbers{0});
    gives(upto(3) | flow::count_windows(1) | count, numbers{1, 1, 1, 0});
}
BOOST_AUTO_TEST_CASE(windows_over_event_time_without_events_are_none) {
    gives(events_at({}) | tens() | sum(), numbers{});
    gives(events_at({}) | flow::sliding_windows(10ms, 5ms, time_of) | sum(), numbers{});
    gives(events_at({}) | flow::session_windows(10ms, time_of, &stamped::value, std::plus<>()) | sum(), numbers{});
    gives(events_at({}) | flow::global_window() | sum(), numbers{0});
}
BOOST_AUTO_TEST_CASE(periodic_windows_go_by_the_clock) {
    in_time(played({{0ms, {{0, 1}}}, {5ms, {{0, 2}}}, {25ms, {{0, 3}}}, {31ms, {}}}) | flow::periodic_windows(10ms) |
                sum() | words(),
            {"10 ms 3: periodic 0, done", "20 ms 0: periodic 1, done", "30 ms 3: periodic 2, done",
             "31 ms 0: periodic 3, done"});
}

BOOST_AUTO_TEST_CASE(lengths_are_in_the_unit_of_the_events_time) {
    auto const at_second = [](int i) { return seconds(std::chrono::seconds(i)); };
    auto const start = [](int& n, flow::trigger_info const& at) {
        return std::vector{std::pair(at.start<seconds>().time_since_epoch().count(), n)};
    };
    using started = std::vector<std::pair<std::int64_t, int>>;
    auto const add = flow::reduce(0, [](int& n, int i) { n += i; });
    gives(flow::from(numbers{1, 59, 60, 130}) | flow::fixed_windows(1min, at_second) | add | flow::on_trigger(start),
          started{{0, 60}, {60, 60}, {120, 130}});
    auto const as_long = [](int i) { return std::chrono::milliseconds(i); };
    gives(flow::from(numbers{1, 59, 60, 130}) | flow::fixed_windows(60ms, as_long) | add, numbers{60, 60, 130});
    auto const as_small = [](int i) { return static_cast<std::uint8_t>(i); };
    gives(flow::from(numbers{1, 59, 60, 130}) | flow::fixed_windows(60ms, as_small) | add, numbers{60, 60, 130});
}
BOOST_AUTO_TEST_CASE(a_length_that_is_no_whole_number_of_units_is_refused_when_it_runs) {
    auto const at_second = [](int i) { return seconds(std::chrono::seconds(i)); };
    auto const with = [&](auto const& window, std::string const& what) {
        auto const f = flow::from(numbers{1}) | window | flow::reduce(0, [](int& n, int i) { n += i; });
        is_refused([&] { collect_here(f); }, what);
    };
    with(flow::fixed_windows(1500ms, at_second),
         "flow::fixed_windows: size must be a whole number of ticks of the events' time (got 1.5");
    with(flow::sliding_windows(3s, 1500ms, at_second),
         "flow::sliding_windows: slide must be a whole number of ticks of the events' time");
    with(flow::fixed_windows(1s, at_second, {.lateness = 1ms}),
         "event_window_options::lateness must be a whole number");
    with(flow::fixed_windows(1s, at_second, {.out_of_order = 1ms}), "event_window_options::out_of_order must be");
    with(flow::fixed_windows(1s, at_second, {.origin = 1ms}), "event_window_options::origin must be a whole number");
    with(flow::session_windows(1ms, at_second, std::identity(), std::plus<>()), "flow::session_windows: gap must be");
}
BOOST_AUTO_TEST_CASE(options_out_of_range_are_refused_at_once) {
    is_refused([] { flow::fixed_windows(0s, time_of); }, "flow::fixed_windows: size must be more than 0 (got 0 ns)");
    is_refused([] { flow::sliding_windows(1s, -1ns, time_of); },
               "flow::sliding_windows: slide must be more than 0 (got -1 ns)");
    is_refused([] { flow::sliding_windows(1ns, 2ns, time_of); },
               "flow::sliding_windows: slide must be at most size (got 2 ns, 1 ns)");
    is_refused([] { flow::session_windows(0s, time_of, time_of, std::plus<>()); },
               "flow::session_windows: gap must be more than 0 (got 0 ns)");
    is_refused([] { flow::count_windows(0); }, "flow::count_windows: events must be at least 1 (got 0)");
    is_refused([] { flow::periodic_windows(0s); }, "flow::periodic_windows: period must be more than 0 (got 0 ns)");
    is_refused([] { tens({.lateness = -1ns}); }, "event_window_options::lateness must be at least 0 (got -1 ns)");
    is_refused([] { tens({.late_for = 0ns}); }, "event_window_options::late_for must be more than 0 (got 0 ns)");
    is_refused([] { tens({.idle_timeout = 0ns}); },
               "event_window_options::idle_timeout must be more than 0 (got 0 ns)");
    is_refused([] { tens({.out_of_order = -1ns}); }, "event_window_options::out_of_order must be at least 0");
}

BOOST_AUTO_TEST_CASE(each_window_has_steps_of_its_own) {
    auto const twice = [](stamped const& event) { return std::vector{event, event}; };
    auto const f = events_at({1, 2, 3, 11, 12, 21}) | tens();
    auto const parity = [](stamped const& event) { return event.value % 2; };
    gives(f | flow::uniq_by(parity) | all_values(), std::vector<numbers>{{1, 2}, {4, 5}, {6}});
    gives(f | flow::take(1) | all_values(), std::vector<numbers>{{1}, {4}, {6}});
    gives(f | flow::drop(1) | all_values(), std::vector<numbers>{{2, 3}, {5}, {}});
    gives(f | flow::flat_map(twice) | flow::take(3) | all_values(), std::vector<numbers>{{1, 1, 2}, {4, 4, 5}, {6, 6}});
    auto const index = [](numbers& all, auto const& event) { all.push_back(static_cast<int>(std::get<1>(event))); };
    gives(f | flow::zip_with_index() | flow::reduce(numbers(), index), std::vector<numbers>{{0, 1, 2}, {0, 1}, {0}});
    auto const many = [](stamped const&) { return std::views::iota(0, 10'000); };
    gives(f | flow::flat_map(many) | flow::reduce(0, [](int& n, int) { ++n; }), numbers{30'000, 20'000, 10'000});
}
BOOST_AUTO_TEST_CASE(steps_before_a_window_run_once_an_event_and_those_behind_get_what_it_gives) {
    auto const later = [](stamped event) { return stamped{event.when + 5, event.value}; };
    auto const small = [](numbers const& all) { return all.size() < 2; };
    auto const f = events_at({1, 4, 6, 21}) | flow::map(later) | tens() | all_values() | flow::filter(small) |
                   flow::flat_map([](numbers all) { return all; });
    gives(f, numbers{3, 4});
}
BOOST_AUTO_TEST_CASE(events_and_accumulators_may_be_move_only) {
    struct packet {
        std::unique_ptr<int> number;
    };
    auto const packets = [] {
        std::vector<packet> all;
        for (int i = 0; i < 30; ++i) all.push_back({std::make_unique<int>(i)});
        return flow::from(std::move(all));
    };
    auto const when = [](packet const& p) { return *p.number; };
    auto const keep = [](std::vector<packet>& all, packet&& p) { all.push_back(std::move(p)); };
    auto const fresh = [] { return std::vector<packet>(); };
    auto const give = [](std::vector<packet>& all) { return std::exchange(all, {}); };
    auto const sum_of = [](collector const& collect, auto const& f) {
        int sum = 0;
        for (auto const& each : collect(f)) sum += *each.number;
        return sum;
    };
    everywhere([&](collector const& collect) {
        auto const fixed = packets() | flow::partition({.stages = 2}, when) | flow::fixed_windows(10ms, when) |
                           flow::reduce(fresh, keep) | flow::on_trigger(give);
        BOOST_TEST(sum_of(collect, fixed) == 435);
        auto const counted = packets() | flow::count_windows(7) | flow::trigger_every(3) | flow::reduce(fresh, keep) |
                             flow::on_trigger(give);
        BOOST_TEST(sum_of(collect, counted) == 435);
        auto const append = [](std::vector<packet>& into, std::vector<packet>&& from) {
            for (auto& each : from) into.push_back(std::move(each));
        };
        auto const key = [](packet const& p) { return *p.number % 3; };
        auto const visits = packets() | flow::session_windows(4ms, when, key, append) | flow::reduce(fresh, keep) |
                            flow::on_trigger(give);
        BOOST_TEST(sum_of(collect, visits) == 435);
    });
}
BOOST_AUTO_TEST_CASE(windows_of_several_stages_give_each_event_once) {
    std::vector<stamped> all;
    for (int i = 0; i < 5000; ++i) all.push_back({i, 1});
    auto const f = flow::from(all) | flow::shuffle({.stages = 3, .max_demand = 100}) |
                   flow::partition({.stages = 2, .max_demand = 100}, [](stamped const& e) { return e.when; }) |
                   flow::fixed_windows(100ms, time_of, {.lateness = 1h}) | sum() |
                   flow::on_trigger([](int& sum) { return numbers{std::exchange(sum, 0)}; });
    everywhere_in_many_orders([&](collector const& collect) {
        int total = 0;
        for (auto const each : collect(f)) total += each;
        BOOST_TEST(total == 5000);
    });
}
BOOST_AUTO_TEST_CASE(every_run_begins_with_new_windows) {
    auto const f = events_at({1, 11, 5}) | tens() | sum() | words();
    strings const expected{"1: fixed 0, done", "2: fixed 10, done"};
    BOOST_TEST((collect_here(f) == expected));
    BOOST_TEST((collect_here(f) == expected));
}
BOOST_AUTO_TEST_CASE(a_window_may_be_composed_without_a_source) {
    auto const per_ten = tens() | flow::trigger_every(2) | sum();
    gives(events_at({1, 2, 3, 11}) | per_ten, numbers{3, 6, 4});
}
BOOST_AUTO_TEST_CASE(the_picture_shows_windows_and_triggers) {
    auto const f = events_at({1}) | tens().named("tens") | flow::trigger_every(2) | flow::late([](stamped const&) {}) |
                   flow::uniq_by(time_of) | sum().named("sum") | flow::on_trigger(in_words);
    BOOST_TEST(flow::describe(f).text() ==
               "1. from(range) | fixed_windows(tens) | trigger_every(2) | late | uniq_by | reduce(sum) | on_trigger  1 "
               "stage\n");
}

BOOST_AUTO_TEST_SUITE_END()
