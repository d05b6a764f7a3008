#include <boost/test/unit_test.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <sluice/errc.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "timed.hpp"

BOOST_AUTO_TEST_SUITE(flow_window_join)

using namespace flow_test;
using flow::join_kind;

namespace {

using pair = std::pair<int, int>;
constexpr int none = -1;

auto either(std::optional<stamped> const& l, std::optional<stamped> const& r) -> pair {
    return {l ? l->value : none, r ? r->value : none};
}
auto both(stamped const& l, stamped const& r) -> pair { return {l.value, r.value}; }
/// Equal last digits join.
auto digit(stamped const& event) -> int { return event.value % 10; }

auto tens(flow::event_window_options const& options = {}) { return flow::fixed_windows(10ms, time_of, options); }

template <class Window>
auto joined(join_kind kind, std::vector<stamped> const& left, std::vector<stamped> const& right, Window const& window,
            flow::join_options const& options = {}) {
    return flow::window_join(kind, together(left), together(right), window, digit, digit, either, options);
}

template <class F>
void gives_sorted(F const& f, std::vector<pair> const& expected) {
    everywhere_in_many_orders([&](collector const& collect) { BOOST_TEST((sorted(collect(f)) == expected)); });
}

/// As plain loops do it: whether two times are in a window is what `share` counts.
template <class Share>
auto by_hand(join_kind kind, std::vector<stamped> const& left, std::vector<stamped> const& right,
             Share const& windows) {
    std::map<std::int64_t, std::pair<std::vector<stamped>, std::vector<stamped>>> of;
    for (auto const& each : left)
        for (auto const w : windows(each.when)) of[w].first.push_back(each);
    for (auto const& each : right)
        for (auto const w : windows(each.when)) of[w].second.push_back(each);
    std::vector<pair> all;
    for (auto const& [w, sides] : of) {
        auto const met = [](auto const& one, auto const& others) {
            return std::ranges::any_of(others, [&](auto const& other) { return digit(other) == digit(one); });
        };
        for (auto const& l : sides.first) {
            for (auto const& r : sides.second)
                if (digit(l) == digit(r)) all.emplace_back(l.value, r.value);
            if ((kind == join_kind::left || kind == join_kind::full) && !met(l, sides.second))
                all.emplace_back(l.value, none);
        }
        for (auto const& r : sides.second)
            if ((kind == join_kind::right || kind == join_kind::full) && !met(r, sides.first))
                all.emplace_back(none, r.value);
    }
    return sorted(all);
}

std::vector<stamped> const left{{1, 11}, {2, 12}, {11, 21}, {12, 23}};
std::vector<stamped> const right{{3, 111}, {4, 114}, {5, 121}, {14, 112}, {15, 113}, {22, 123}};

}  // namespace

BOOST_AUTO_TEST_CASE(events_with_equal_keys_in_the_same_window_are_paired) {
    gives_sorted(joined(join_kind::inner, left, right, tens()), {{11, 111}, {11, 121}, {23, 113}});
    gives_sorted(joined(join_kind::left, left, right, tens()),
                 {{11, 111}, {11, 121}, {12, none}, {21, none}, {23, 113}});
    gives_sorted(joined(join_kind::right, left, right, tens()),
                 {{none, 112}, {none, 114}, {none, 123}, {11, 111}, {11, 121}, {23, 113}});
    gives_sorted(joined(join_kind::full, left, right, tens()),
                 {{none, 112}, {none, 114}, {none, 123}, {11, 111}, {11, 121}, {12, none}, {21, none}, {23, 113}});
}
BOOST_AUTO_TEST_CASE(a_pair_comes_out_of_each_of_its_sliding_windows) {
    auto const sliding = flow::sliding_windows(20ms, 10ms, time_of);
    gives_sorted(joined(join_kind::inner, {{1, 1}, {11, 2}}, {{2, 1}, {25, 2}}, sliding), {{1, 1}, {1, 1}, {2, 2}});
}
BOOST_AUTO_TEST_CASE(other_windows_join_too) {
    gives_sorted(joined(join_kind::inner, {{1, 1}, {90, 2}}, {{2, 1}, {25, 2}}, flow::global_window()),
                 {{1, 1}, {2, 2}});
    gives_sorted(joined(join_kind::full, {{1, 1}, {90, 2}}, {{2, 1}, {25, 2}}, flow::count_windows(100), {.stages = 1}),
                 {{1, 1}, {2, 2}});
}
BOOST_AUTO_TEST_CASE(random_sides_give_what_loops_give) {
    std::mt19937 random(7);
    auto const fixed = [](std::int64_t time) { return std::vector{time / 10}; };
    auto const sliding = [](std::int64_t time) { return std::vector{time / 10 - 1, time / 10}; };
    for (auto const kind : {join_kind::inner, join_kind::left, join_kind::right, join_kind::full}) {
        std::vector<stamped> l, r;
        for (int i = 0; i < 120; ++i) {
            l.push_back({static_cast<std::int64_t>(random() % 100), static_cast<int>(random() % 1000)});
            r.push_back({static_cast<std::int64_t>(random() % 100), static_cast<int>(random() % 1000)});
        }
        gives_sorted(joined(kind, l, r, tens({.out_of_order = 100ms})), by_hand(kind, l, r, fixed));
        gives_sorted(
            joined(kind, l, r, flow::sliding_windows(20ms, 10ms, time_of, {.out_of_order = 100ms}), {.stages = 3}),
            by_hand(kind, l, r, sliding));
    }
}
BOOST_AUTO_TEST_CASE(pairs_come_at_once_and_the_lonely_when_their_window_is_done) {
    auto const say = [](pair const& each) { return std::to_string(each.first) + " " + std::to_string(each.second); };
    auto const f = flow::window_join(join_kind::full, played({{0ms, {{1, 1}, {2, 2}}}, {20ms, {{11, 3}}}, {60ms, {}}}),
                                     played({{10ms, {{3, 1}, {4, 4}}}, {30ms, {{12, 5}}}, {60ms, {}}}), tens(), digit,
                                     digit, either, {.stages = 1}) |
                   flow::map(say) | flow::shuffle({.stages = 1});
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        sluice::testing::random_chooser chooser(seed);
        sluice::testing::simulation home(chooser, {.early_deadline_one_in = 0});
        std::map<std::int64_t, strings> at;
        auto const note = [&](std::string const& each) {
            at[std::chrono::duration_cast<std::chrono::milliseconds>(home.elapsed()).count()].push_back(each);
        };
        flow::async_for_each(f, home.get_executor(), note, [](std::exception_ptr error) { BOOST_TEST(!error); });
        BOOST_TEST(home.run().complete());
        BOOST_REQUIRE(at.size() == 3u);
        BOOST_TEST(at[10] == strings{"1 1"});
        BOOST_TEST(sorted(at[30]) == (strings{"-1 4", "2 -1"}));
        BOOST_TEST(sorted(at[60]) == (strings{"-1 5", "3 -1"}));
    }
}
BOOST_AUTO_TEST_CASE(what_is_too_late_on_either_side_goes_to_late) {
    auto const lost = std::make_shared<numbers>();
    auto const note = [lost](std::variant<stamped, stamped> const& event) {
        auto const& one = event.index() == 0 ? std::get<0>(event) : std::get<1>(event);
        lost->push_back(static_cast<int>(event.index()) * 1000 + one.value);
    };
    auto const f =
        flow::window_join(join_kind::inner, played({{0ms, {{1, 1}}}, {10ms, {{11, 2}}}, {20ms, {{2, 3}}}, {90ms, {}}}),
                          played({{0ms, {{3, 1}}}, {10ms, {{12, 2}}}, {30ms, {{4, 4}}}, {90ms, {}}}),
                          tens() | flow::late(note), digit, digit, both, {.stages = 1}) |
        flow::map([](pair const& each) { return std::to_string(each.first); });
    in_time(f, {"0 ms 1", "10 ms 2"});
    BOOST_TEST(lost->size() == 40u);  // of 20 runs
    BOOST_TEST(sorted(*lost).front() == 3);
    BOOST_TEST(sorted(*lost).back() == 1004);
}
BOOST_AUTO_TEST_CASE(the_sides_may_have_other_types_and_be_move_only) {
    struct name {
        int id;
        std::unique_ptr<std::string> text;
    };
    struct visit {
        int who;
        std::chrono::sys_seconds when;
    };
    struct time_of_either {
        auto operator()(name const&) const { return std::chrono::sys_seconds(std::chrono::seconds(5)); }
        auto operator()(visit const& v) const { return v.when; }
    };
    auto const second = [](int s) { return std::chrono::sys_seconds(std::chrono::seconds(s)); };
    auto const names = [] {
        std::vector<name> all;
        all.push_back({1, std::make_unique<std::string>("one")});
        all.push_back({2, std::make_unique<std::string>("two")});
        return flow::from(std::move(all));
    };
    std::vector<visit> const visits{{1, second(3)}, {1, second(4)}, {2, second(65)}};
    auto const pair_up = [](name const& n, visit const& v) {
        return *n.text + " " + std::to_string(v.when.time_since_epoch().count());
    };
    everywhere_in_many_orders([&](collector const& collect) {
        auto const f = flow::window_join(join_kind::inner, names(), flow::from(visits),
                                         flow::fixed_windows(1min, time_of_either()), &name::id, &visit::who, pair_up);
        BOOST_TEST((sorted(collect(f)) == strings{"one 3", "one 4"}));
    });
}
BOOST_AUTO_TEST_CASE(steps_and_reductions_may_follow) {
    auto const count = [](int& n, pair const&) { ++n; };
    auto const f = joined(join_kind::inner, left, right, tens()) |
                   flow::filter([](pair const& p) { return p.first < 20; }) | flow::shuffle({.stages = 1}) |
                   flow::reduce(0, count);
    gives(f, numbers{2});
}
BOOST_AUTO_TEST_CASE(a_window_that_must_keep_too_much_fails_with_a_sentence) {
    auto const f = joined(join_kind::inner, left, right, tens(), {.stages = 1, .max_buffered = 4});
    auto const is_full = [](boost::system::system_error const& error) {
        return error.code() == sluice::errc::join_full;
    };
    everywhere(
        [&](collector const& collect) { BOOST_CHECK_EXCEPTION(collect(f), boost::system::system_error, is_full); });
    gives_sorted(joined(join_kind::inner, left, right, tens(), {.stages = 1, .max_buffered = 5}),
                 {{11, 111}, {11, 121}, {23, 113}});
}
BOOST_AUTO_TEST_CASE(options_kinds_and_what_functions_throw) {
    auto const is_refused = [](auto const& make) {
        BOOST_CHECK_EXCEPTION(make(), boost::system::system_error,
                              [](auto const& error) { return error.code() == sluice::errc::invalid_option; });
    };
    is_refused([] { joined(join_kind::inner, left, right, tens(), {.max_buffered = 0}); });
    is_refused([] { flow::window_join(join_kind::left, together(left), together(right), tens(), digit, digit, both); });
    auto const bad = [](auto const&...) -> int { throw std::runtime_error("thrown"); };
    auto const l = together(left), r = together(right);
    auto const fails = [](auto const& f) { fails_with(f, "thrown"); };
    fails(flow::window_join(join_kind::inner, l, r, tens(), bad, digit, both));
    fails(flow::window_join(join_kind::inner, l, r, tens(), digit, digit, bad));
    fails(flow::window_join(join_kind::inner, l, r, flow::fixed_windows(10ms, bad), digit, digit, both));
}
BOOST_AUTO_TEST_CASE(who_has_enough_ends_a_join_of_endless_flows) {
    auto const endless = flow::from(std::views::iota(0));
    auto const f = flow::window_join(join_kind::inner, endless, endless, flow::fixed_windows(10ms, std::identity()),
                                     std::identity(), std::identity(), std::plus<>()) |
                   flow::shuffle({.stages = 1}) | flow::take(5);
    everywhere_in_many_orders([&](collector const& collect) { BOOST_TEST(collect(f).size() == 5u); });
}
BOOST_AUTO_TEST_CASE(the_picture_shows_both_sides_and_the_window) {
    auto const text = flow::describe(joined(join_kind::inner, left, right, tens().named("tens"))).text();
    BOOST_TEST(text.find("fixed_windows(tens) | window_join") != std::string::npos, text);
}

BOOST_AUTO_TEST_SUITE_END()
