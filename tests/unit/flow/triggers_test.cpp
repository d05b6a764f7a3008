#include <boost/test/unit_test.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <numeric>
#include <ranges>
#include <sluice/testing/explore.hpp>
#include <sluice/testing/invariant.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "timed.hpp"

BOOST_AUTO_TEST_SUITE(flow_triggers)

using namespace flow_test;
using flow::punctuate_at;
using sluice::testing::simulation;

namespace {

auto upto(int n) { return flow::from(std::views::iota(1, n + 1)); }
void add(int& sum, int i) { sum += i; }
auto total() { return flow::reduce(0, add); }
auto tens() { return flow::fixed_windows(10ms, std::identity()); }

/// A trigger on even events.
auto even(punctuate_at where) {
    return flow::trigger_when("even", 0,
                              [where](int&, int const& i) { return i % 2 == 0 ? where : punctuate_at::nothing; });
}
auto throws(std::string const& what) {
    return [what](auto const& f) { fails_with(f, what); };
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_so_many_events_of_a_window_it_fires) {
    gives(upto(7) | flow::trigger_every(3) | total(), numbers{6, 21, 28});
    gives(upto(6) | flow::trigger_every(3) | total(), numbers{6, 21, 21});
    gives(upto(0) | flow::trigger_every(3) | total(), numbers{0});
    gives(upto(12) | tens() | flow::trigger_every(4) | total() | words(),
          strings{"10: fixed 0, every 4", "36: fixed 0, every 4", "45: fixed 0, done", "33: fixed 10, done"});
    gives(upto(3) | flow::sliding_windows(4ms, 2ms, std::identity()) | flow::trigger_every(2) | total() | words(),
          strings{"3: sliding 0, every 2", "1: sliding -2, done", "5: sliding 2, every 2", "6: sliding 0, done",
                  "5: sliding 2, done"});
}
BOOST_AUTO_TEST_CASE(events_are_counted_before_the_steps_of_the_window) {
    auto const few = [](int i) { return i > 5; };
    gives(upto(6) | flow::trigger_every(2) | flow::filter(few) | total(), numbers{0, 0, 6, 6});
    gives(upto(6) | flow::filter(few) | flow::trigger_every(2) | total(), numbers{6});
}
BOOST_AUTO_TEST_CASE(a_trigger_of_ones_own_fires_before_after_or_instead_of_an_event) {
    gives(upto(5) | even(punctuate_at::before) | total() | words(),
          strings{"1: global, even", "6: global, even", "15: global, done"});
    gives(upto(5) | even(punctuate_at::after) | total() | words(),
          strings{"3: global, even", "10: global, even", "15: global, done"});
    gives(upto(5) | even(punctuate_at::instead) | total() | words(),
          strings{"1: global, even", "4: global, even", "9: global, done"});
    gives(upto(5) | even(punctuate_at::skip) | total() | words(), strings{"9: global, done"});
}
BOOST_AUTO_TEST_CASE(each_window_has_a_state_of_its_trigger) {
    // After the second event of each window.
    auto const second = flow::trigger_when(
        "second", [] { return std::make_unique<int>(0); },
        [](std::unique_ptr<int>& seen, int const&) {
            return ++*seen == 2 ? punctuate_at::after : punctuate_at::nothing;
        });
    gives(upto(12) | tens() | second | total() | words(),
          strings{"3: fixed 0, second", "45: fixed 0, done", "21: fixed 10, second", "33: fixed 10, done"});
}
BOOST_AUTO_TEST_CASE(by_the_clock_all_open_windows_fire_the_oldest_first) {
    in_time(played({{0ms, {{1, 1}, {11, 2}}}, {25ms, {{12, 4}}}, {45ms, {}}}) |
                flow::fixed_windows(10ms, time_of, {.lateness = 1h}) | flow::trigger_periodically(10ms) | sum() |
                words(),
            {"0 ms 1: fixed 0, watermark", "10 ms 1: fixed 0, periodically 10 ms",
             "10 ms 2: fixed 10, periodically 10 ms", "20 ms 1: fixed 0, periodically 10 ms",
             "20 ms 2: fixed 10, periodically 10 ms", "30 ms 1: fixed 0, periodically 10 ms",
             "30 ms 6: fixed 10, periodically 10 ms", "40 ms 1: fixed 0, periodically 10 ms",
             "40 ms 6: fixed 10, periodically 10 ms", "45 ms 1: fixed 0, done", "45 ms 6: fixed 10, done"});
}
BOOST_AUTO_TEST_CASE(several_triggers_by_the_clock_keep_their_own_time) {
    in_time(played({{0ms, {{0, 1}}}, {13ms, {}}}) | flow::trigger_periodically(4ms) | flow::trigger_periodically(6ms) |
                flow::trigger_every(1) | sum() | words(),
            {"0 ms 1: global, every 1", "4 ms 1: global, periodically 4 ms", "6 ms 1: global, periodically 6 ms",
             "8 ms 1: global, periodically 4 ms", "12 ms 1: global, periodically 4 ms",
             "12 ms 1: global, periodically 6 ms", "13 ms 1: global, done"});
}
BOOST_AUTO_TEST_CASE(a_trigger_by_the_clock_fires_in_sessions_and_count_windows_too) {
    auto const events = std::vector<sent>{{0ms, {{0, 1}, {2, 2}}}, {12ms, {}}};
    in_time(played(events) | flow::session_windows(5ms, time_of, &stamped::value, std::plus<>()) |
                flow::trigger_periodically(10ms) | sum() | words(),
            {"10 ms 1: session 0, periodically 10 ms", "10 ms 2: session 2, periodically 10 ms",
             "12 ms 1: session 0, done", "12 ms 2: session 2, done"});
    in_time(played(events) | flow::count_windows(1) | flow::trigger_periodically(10ms) | sum() | words(),
            {"0 ms 1: count 0, done", "0 ms 2: count 1, done", "10 ms 0: count 2, periodically 10 ms",
             "12 ms 0: count 2, done"});
}

BOOST_AUTO_TEST_CASE(what_on_trigger_leaves_the_window_goes_on_with) {
    auto const with = [](auto const& fn) { return upto(6) | flow::trigger_every(2) | total() | flow::on_trigger(fn); };
    gives(with([](int const& sum) { return numbers{sum}; }), numbers{3, 10, 21, 21});
    gives(with([](int& sum) { return numbers{std::exchange(sum, 0)}; }), numbers{3, 7, 11, 0});
    gives(with([](int& sum) { return std::pair(numbers{sum}, 100); }), numbers{3, 107, 111, 100});
    gives(with([](int& sum, flow::trigger_info const& at) { return at.trigger.is_done() ? numbers{sum} : numbers(); }),
          numbers{21});
    gives(with([](int& sum) { return std::views::iota(0, sum % 4); }), numbers{0, 1, 2, 0, 1, 0, 0});
}
BOOST_AUTO_TEST_CASE(on_trigger_is_told_where_it_is) {
    auto const f =
        upto(100) | flow::partition({.stages = 3}) | total() | flow::on_trigger([](int&, flow::trigger_info const& at) {
            return std::vector{std::pair(at.stage, at.stages)};
        });
    everywhere_in_many_orders([&](collector const& collect) {
        std::vector<std::pair<std::size_t, std::size_t>> const expected{{0, 3}, {1, 3}, {2, 3}};
        BOOST_TEST((sorted(collect(f)) == expected));
    });
}
BOOST_AUTO_TEST_CASE(emit_says_in_a_word_what_goes_on) {
    auto const append = [](numbers& all, int i) { all.push_back(i); };
    auto const list = upto(3) | flow::trigger_every(2) | flow::reduce(numbers(), append);
    gives(list | flow::emit(flow::events), numbers{1, 2, 1, 2, 3});
    gives(list | flow::emit(flow::state), std::vector<numbers>{{1, 2}, {1, 2, 3}});
    gives(list | flow::emit(flow::nothing), std::vector<numbers>{});
    auto const counts = upto(4) | flow::reduce(std::map<int, int>(), [](auto& all, int i) { ++all[i % 2]; });
    gives(counts | flow::emit(flow::events), std::vector<std::pair<int, int>>{{0, 2}, {1, 2}});
}
BOOST_AUTO_TEST_CASE(emit_moves_what_is_done_and_cannot_be_copied_out_of_its_range) {
    auto const numbered = [](std::vector<std::unique_ptr<int>>& all, int i) {
        all.push_back(std::make_unique<int>(i));
    };
    auto const f = upto(3) | flow::reduce([] { return std::vector<std::unique_ptr<int>>(); }, numbered) |
                   flow::on_trigger([](auto& all) { return std::move(all); }) |
                   flow::map([](std::unique_ptr<int> i) { return *i; });
    gives(f, numbers{1, 2, 3});
}
BOOST_AUTO_TEST_CASE(emit_and_reduce_emits_in_its_windows_and_at_their_triggers) {
    auto const each = [](int& sum, int i) {
        sum += i;
        return numbers{i};
    };
    auto const last = [](int sum) { return numbers{sum * 100}; };
    gives(upto(12) | tens() | flow::trigger_every(5) | flow::emit_and_reduce(0, each, last),
          numbers{1, 2, 3, 4, 5, 1500, 6, 7, 8, 9, 10, 4500, 11, 12, 3300});
    gives(upto(4) | flow::count_windows(2) | flow::emit_and_reduce(0, each), numbers{1, 2, 3, 4});
}
BOOST_AUTO_TEST_CASE(group_by_groups_in_each_window) {
    auto const parity = [](int i) { return i % 2; };
    auto const f =
        upto(12) | tens() | flow::group_by(parity) | flow::on_trigger([](auto& groups, flow::trigger_info const& at) {
            std::map<int, numbers> const all(groups.begin(), groups.end());
            return std::vector{std::pair(at.span.start, std::pair(all.at(0).size(), all.at(1).size()))};
        });
    using row = std::pair<std::int64_t, std::pair<std::size_t, std::size_t>>;
    gives(f, std::vector<row>{{0, {4, 5}}, {10, {2, 1}}});
    everywhere_in_many_orders([&](collector const& collect) {
        auto const all = upto(4) | flow::count_windows(3) | flow::group_by(parity);
        std::vector<std::pair<int, numbers>> const expected{{0, {2}}, {0, {4}}, {1, {1, 3}}};
        BOOST_TEST((sorted(collect(all)) == expected));
    });
}

BOOST_AUTO_TEST_CASE(departition_puts_the_parts_of_a_window_together) {
    std::vector<stamped> all;
    for (int i = 0; i < 40; ++i) all.push_back({i, 1});
    auto const merge = [](int& sum, int part) { sum += part; };
    auto const done = [](int sum, flow::trigger_info const& at) { return std::pair(at.span.start, sum); };
    auto const f = flow::from(all) | flow::partition({.stages = 3}, [](stamped const& e) { return e.when % 7; }) |
                   flow::fixed_windows(10ms, time_of) | sum() | flow::departition(0, merge, done);
    std::vector<std::pair<std::int64_t, int>> const expected{{0, 10}, {10, 10}, {20, 10}, {30, 10}};
    // Windows that not every stage has come to are done at the end.
    everywhere_in_many_orders([&](collector const& collect) { BOOST_TEST((sorted(collect(f)) == expected)); });
}
BOOST_AUTO_TEST_CASE(departition_ends_windows_in_order_when_every_stage_has_passed_them) {
    auto const merge = [](numbers& all, int part) { all.push_back(part); };
    auto const done = [](numbers all, flow::trigger_info const& at) {
        return std::pair(at.window.number, sorted(all));
    };
    using row = std::pair<std::int64_t, numbers>;
    // Ones go to one stage, twos to another one, which has more windows.
    auto const f = flow::from(numbers{1, 2, 2, 2, 2, 1, 2}) | flow::partition({.stages = 8}) | flow::count_windows(2) |
                   total() | flow::departition(numbers(), merge, done) | flow::map([](row all) {
                       std::erase(all.second, 0);
                       return all;
                   });
    gives(f, std::vector<row>{{0, {2, 4}}, {1, {4}}, {2, {2}}});
    // An accumulator is given once, when its window is done; what on_trigger gives, each time.
    auto const in_one = upto(4) | flow::partition({.stages = 1}) | flow::count_windows(3) | flow::trigger_every(2);
    gives(in_one | total() | flow::departition(numbers(), merge, done), std::vector<row>{{0, {6}}, {1, {4}}});
    gives(in_one | total() | flow::on_trigger([](int& sum) { return numbers{sum}; }) |
              flow::departition(numbers(), merge, done),
          std::vector<row>{{0, {3, 6}}, {1, {4}}});
}

BOOST_AUTO_TEST_CASE(who_has_enough_ends_a_flow_that_fires_without_end) {
    auto const count = [](int& n, int) { ++n; };
    auto const endless = flow::from(std::views::iota(0));
    gives(endless | flow::count_windows(10) | flow::reduce(0, count) | flow::take(3), numbers{10, 10, 10});
    gives(endless | flow::shuffle({.stages = 1}) | flow::count_windows(10) | flow::reduce(0, count) |
              flow::shuffle({.stages = 1}) | flow::take(3),
          numbers{10, 10, 10});
    // A jump over a billion windows, of which three are wanted.
    gives(flow::from(numbers{0, 2'000'000'000}) |
              flow::fixed_windows(1ms, std::identity(), {.max_empty_run = 1'000'000'000}) | flow::reduce(0, count) |
              flow::take(3),
          numbers{1, 0, 0});
}
BOOST_AUTO_TEST_CASE(a_jump_over_many_windows_waits_for_who_takes_them) {
    auto const count = [](int& n, int) { ++n; };
    auto const start = [](int& n, flow::trigger_info const& at) { return std::vector{std::pair(at.span.start, n)}; };
    auto const f = flow::from(numbers{0, 100'000}) | flow::fixed_windows(1ms, std::identity()) |
                   flow::trigger_periodically(1ms) | flow::reduce(0, count) | flow::on_trigger(start) |
                   flow::shuffle({.stages = 1, .max_demand = 2, .min_demand = 0}) |
                   flow::filter([](auto const& each) { return each.second > 0 || each.first % 10'000 == 0; });
    sluice::testing::random_chooser chooser(1);
    simulation home(chooser, {.step_budget = 100'000'000, .early_deadline_one_in = 0});
    auto const all = collect_on(f, home.get_executor(), [&] { BOOST_TEST(home.run().complete()); });
    BOOST_TEST(all.size() == 11u);
    BOOST_TEST(all.front().second == 1);
    BOOST_TEST(all.back().second == 1);
    BOOST_TEST(std::ranges::is_sorted(all));
}
BOOST_AUTO_TEST_CASE(windows_that_fire_without_giving_anything_let_others_run) {
    sluice::testing::random_chooser chooser(1);
    simulation home(chooser);
    auto const f = flow::from(numbers{0, 2'000'000'000}) |
                   flow::fixed_windows(1ms, std::identity(), {.max_empty_run = 2'000'000'000}) |
                   flow::trigger_periodically(1h) | total() | flow::emit(flow::nothing);
    auto running = flow::launch(f, home.get_executor());
    BOOST_TEST(home.run(10'000).budget_exhausted);
    running.async_stop(flow::stopping::now, [](std::exception_ptr) {});
    BOOST_TEST(home.run().complete());
}

BOOST_AUTO_TEST_CASE(an_exception_of_any_function_of_a_window_ends_the_flow) {
    auto const bad = [](auto&&...) -> int { throw std::runtime_error("thrown"); };
    auto const fails = throws("thrown");
    auto const key = [](int) { return 0; };
    fails(upto(3) | flow::fixed_windows(1ms, bad) | total());
    fails(upto(3) | flow::session_windows(1ms, bad, key, std::plus<>()) | total());
    fails(upto(3) | flow::session_windows(1ms, std::identity(), bad, std::plus<>()) | total());
    fails(upto(3) | flow::session_windows(5ms, std::identity(), key, std::plus<>()) |
          flow::reduce([bad] { return bad(); }, add));
    fails(upto(3) | tens() | flow::reduce(0, bad));
    fails(upto(3) | tens() | flow::map(bad) | total());
    fails(upto(3) | tens() | total() | flow::on_trigger([bad](int&) { return numbers{bad()}; }));
    fails(upto(3) | flow::trigger_every(2) | total() | flow::on_trigger([bad](int&) { return numbers{bad()}; }));
    fails(upto(3) | flow::trigger_when("", 0, [bad](int&, int const&) { return bad(), punctuate_at::after; }) |
          total());
    fails(upto(3) | flow::trigger_when("", bad, [](int&, int const&) { return punctuate_at::after; }) | total());
    fails(flow::from(numbers{1, 11, 2}) | tens() | flow::late(bad) | total());
    auto const apart = flow::from(numbers{1, 9, 5}) | flow::shuffle({.stages = 1});
    fails(apart | flow::session_windows(5ms, std::identity(), key, bad) | total());
}

BOOST_AUTO_TEST_SUITE_END()
