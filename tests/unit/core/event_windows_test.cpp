#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <optional>
#include <sluice/core/event_windows.hpp>
#include <sluice/core/window.hpp>
#include <string>
#include <utility>
#include <vector>

using namespace sluice::core;
using namespace std::chrono_literals;
using strings = std::vector<std::string>;

namespace {

auto at(std::chrono::milliseconds ms) { return processing_clock::time_point(ms); }

/// Windows that keep the names of their events. What fires reads `[0,10) abc done`.
class named {
public:
    explicit named(window_options const& options) : windows(options) {}

    auto add(ticks time, char event) -> arrival {
        return windows.add(time, make, [&](window_span, std::string& events) { events += event; });
    }

    auto advance(ticks watermark, std::chrono::milliseconds now = {}) -> strings {
        windows.advance(watermark, at(now));
        return fired();
    }

    auto fired() -> strings {
        auto fired = strings{};
        while (const auto each = windows.next(make))
            fired.push_back(name(each->window, *each->state) + ' ' + to_string(trigger_name::of(each->phase)));
        return fired;
    }

    auto open() -> strings {
        auto all = strings{};
        windows.visit(make, [&](window_span window, std::string& events) { all.push_back(name(window, events)); });
        return all;
    }

    static auto name(window_span window, std::string const& events) -> std::string {
        return '[' + std::to_string(window.start) + ',' + std::to_string(window.end) + ") " + events;
    }

    static auto make(window_span) -> std::string { return {}; }

    event_windows<std::string> windows;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(windows_over_event_time)

BOOST_AUTO_TEST_CASE(close_when_the_watermark_has_passed_them) {
    auto tested = named({.size = 10});
    BOOST_CHECK(tested.add(3, 'a') == arrival::on_time);
    tested.add(12, 'b');
    tested.add(9, 'c');
    BOOST_TEST(tested.advance(9) == strings{});
    BOOST_TEST(tested.advance(10) == strings{"[0,10) ac done"});
    BOOST_TEST(tested.advance(10) == strings{});
    BOOST_TEST(tested.advance(5) == strings{});
    BOOST_TEST(tested.advance(20) == strings{"[10,20) b done"});
    BOOST_TEST(tested.windows.open_windows() == 0u);
}

BOOST_AUTO_TEST_CASE(are_all_closed_without_more_of_them_when_nothing_is_expected_for_a_while) {
    auto tested = named({.size = 10, .lateness = 1000});
    tested.windows.close_all(at({}));
    BOOST_TEST(tested.fired() == strings{});
    tested.add(3, 'a');
    tested.add(25, 'b');
    BOOST_TEST(tested.advance(10) == strings{"[0,10) a watermark"});
    tested.windows.close_all(at({}));
    BOOST_TEST(tested.fired() == (strings{"[0,10) a done", "[10,20)  watermark", "[10,20)  done", "[20,30) b watermark",
                                          "[20,30) b done"}));
    BOOST_CHECK(tested.add(29, 'c') == arrival::too_late);
    BOOST_CHECK(tested.add(30, 'd') == arrival::on_time);
    BOOST_TEST(tested.advance(40) == strings{"[30,40) d watermark"});
    BOOST_CHECK(tested.add(31, 'e') == arrival::late);
}

BOOST_AUTO_TEST_CASE(before_the_epoch_are_windows_like_all_others) {
    auto tested = named({.size = 10});
    tested.add(-1, 'a');
    tested.add(-10, 'b');
    tested.add(-11, 'c');
    tested.add(0, 'd');
    BOOST_TEST(tested.advance(0) == (strings{"[-20,-10) c done", "[-10,0) ab done"}));
    BOOST_TEST(tested.advance(end_of_time) == strings{"[0,10) d done"});
}

BOOST_AUTO_TEST_CASE(tell_what_comes_too_late) {
    auto tested = named({.size = 10});
    tested.add(3, 'a');
    tested.advance(10);
    BOOST_CHECK(tested.add(9, 'b') == arrival::too_late);
    BOOST_CHECK(tested.add(-50, 'c') == arrival::too_late);
    BOOST_CHECK(tested.add(10, 'd') == arrival::on_time);
    BOOST_TEST(tested.advance(end_of_time) == strings{"[10,20) d done"});
    BOOST_CHECK(tested.add(1000, 'e') == arrival::too_late);
    BOOST_TEST(tested.advance(end_of_time) == strings{});
}

BOOST_AUTO_TEST_CASE(tell_of_the_first_window_too_what_comes_too_late) {
    auto tested = named({.size = 10});
    BOOST_TEST(tested.advance(25) == strings{});
    BOOST_CHECK(tested.add(19, 'a') == arrival::too_late);
    BOOST_CHECK(tested.add(20, 'b') == arrival::on_time);
}

BOOST_AUTO_TEST_CASE(without_events_close_too_between_those_with_events) {
    auto tested = named({.size = 10});
    tested.add(1, 'a');
    tested.add(31, 'b');
    BOOST_TEST(tested.advance(25) == (strings{"[0,10) a done", "[10,20)  done"}));
    BOOST_TEST(tested.advance(end_of_time) == (strings{"[20,30)  done", "[30,40) b done"}));
}

BOOST_AUTO_TEST_CASE(without_events_do_not_close_before_the_first_one) {
    auto tested = named({.size = 10});
    BOOST_TEST(tested.advance(15) == strings{});
    tested.add(51, 'a');
    BOOST_TEST(tested.advance(60) == strings{"[50,60) a done"});
    BOOST_TEST(tested.advance(70) == strings{"[60,70)  done"});
}

BOOST_AUTO_TEST_CASE(without_events_close_only_so_often_in_a_row) {
    auto tested = named({.size = 10, .max_empty_run = 2});
    tested.add(1, 'a');
    tested.add(1'000'000'000'000'000'001, 'b');
    BOOST_TEST(tested.advance(1'000'000'000'000'000'010) ==
               (strings{"[0,10) a done", "[10,20)  done", "[20,30)  done",
                        "[1000000000000000000,1000000000000000010) b done"}));
    auto none = named({.size = 10, .max_empty_run = 0});
    none.add(1, 'a');
    none.add(31, 'b');
    BOOST_TEST(none.advance(35) == strings{"[0,10) a done"});
    BOOST_TEST(none.advance(end_of_time) == strings{"[30,40) b done"});
}

BOOST_AUTO_TEST_CASE(that_slide_have_each_event_several_times) {
    auto tested = named({.size = 10, .slide = 5});
    tested.add(7, 'a');
    tested.add(12, 'b');
    BOOST_TEST(tested.advance(10) == strings{"[0,10) a done"});
    BOOST_CHECK(tested.add(8, 'c') == arrival::on_time);  // in one of its two windows
    BOOST_TEST(tested.advance(end_of_time) == (strings{"[5,15) abc done", "[10,20) b done"}));
}

BOOST_AUTO_TEST_CASE(are_kept_for_what_is_late_but_allowed) {
    auto tested = named({.size = 10, .lateness = 15});
    tested.add(1, 'a');
    BOOST_TEST(tested.advance(10) == strings{"[0,10) a watermark"});
    BOOST_CHECK(tested.add(2, 'b') == arrival::late);
    BOOST_TEST(tested.advance(24) == strings{"[10,20)  watermark"});
    BOOST_CHECK(tested.add(3, 'c') == arrival::late);
    BOOST_TEST(tested.advance(25) == strings{"[0,10) abc done"});
    BOOST_CHECK(tested.add(4, 'd') == arrival::too_late);
    BOOST_CHECK(tested.add(11, 'e') == arrival::late);
    BOOST_TEST(tested.advance(end_of_time) == strings{"[10,20) e done"});
}

BOOST_AUTO_TEST_CASE(that_nobody_had_opened_are_opened_for_what_is_late_but_allowed) {
    auto tested = named({.size = 10, .lateness = 20, .max_empty_run = 0});
    tested.add(21, 'a');
    BOOST_TEST(tested.advance(21) == strings{});
    BOOST_CHECK(tested.add(11, 'b') == arrival::late);
    BOOST_CHECK(tested.add(0, 'c') == arrival::late);
    BOOST_TEST(tested.advance(30) == (strings{"[0,10) c done", "[20,30) a watermark"}));
    BOOST_TEST(tested.advance(50) == (strings{"[10,20) b done", "[20,30) a done"}));
}

BOOST_AUTO_TEST_CASE(are_kept_no_longer_than_late_for) {
    auto tested = named({.size = 10, .lateness = greatest_length, .late_for = 100ms});
    tested.add(1, 'a');
    tested.add(11, 'b');
    BOOST_CHECK(!tested.windows.next_expiry());
    BOOST_TEST(tested.advance(10, 50ms) == strings{"[0,10) a watermark"});
    BOOST_CHECK(tested.windows.next_expiry() == at(150ms));
    BOOST_TEST(tested.advance(20, 149ms) == strings{"[10,20) b watermark"});
    BOOST_CHECK(tested.add(2, 'c') == arrival::late);
    BOOST_TEST(tested.advance(20, 150ms) == strings{"[0,10) ac done"});
    BOOST_CHECK(tested.add(3, 'd') == arrival::too_late);
    BOOST_CHECK(tested.windows.next_expiry() == at(249ms));
    BOOST_TEST(tested.advance(20, 249ms) == strings{"[10,20) b done"});
    BOOST_CHECK(!tested.windows.next_expiry());
}

BOOST_AUTO_TEST_CASE(opened_late_are_kept_no_longer_than_the_next_one) {
    auto tested = named({.size = 10, .lateness = 1000, .late_for = 100ms, .max_empty_run = 0});
    tested.add(11, 'a');
    tested.advance(20, 10ms);
    tested.advance(20, 60ms);
    tested.add(1, 'b');
    BOOST_CHECK(tested.windows.next_expiry() == at(110ms));
    BOOST_TEST(tested.advance(20, 110ms) == (strings{"[0,10) b done", "[10,20) a done"}));
}

BOOST_AUTO_TEST_CASE(can_be_looked_at_while_they_are_open) {
    auto tested = named({.size = 10});
    tested.add(1, 'a');
    tested.add(31, 'b');
    BOOST_TEST(tested.open() == (strings{"[0,10) a", "[10,20) ", "[20,30) ", "[30,40) b"}));
    BOOST_TEST(tested.windows.open_windows() == 4u);
    BOOST_TEST(tested.advance(35) == (strings{"[0,10) a done", "[10,20)  done", "[20,30)  done"}));
    BOOST_TEST(tested.open() == strings{"[30,40) b"});
    auto few = named({.size = 10, .max_empty_run = 1});
    few.add(1, 'a');
    few.add(31, 'b');
    BOOST_TEST(few.open() == (strings{"[0,10) a", "[30,40) b"}));
}

BOOST_AUTO_TEST_CASE(can_all_be_closed_when_nobody_speaks_any_more) {
    auto tested = named({.size = 10, .slide = 5});
    BOOST_TEST(tested.windows.latest_end() == before_all);
    tested.add(1, 'a');
    tested.add(12, 'b');
    BOOST_TEST(tested.windows.latest_end() == 20);
    BOOST_TEST(tested.advance(tested.windows.latest_end()) ==
               (strings{"[-5,5) a done", "[0,10) a done", "[5,15) b done", "[10,20) b done"}));
    BOOST_CHECK(tested.add(19, 'c') == arrival::on_time);  // in the window from 15, and no longer in the one from 10
    BOOST_TEST(tested.advance(tested.windows.latest_end()) == strings{"[15,25) c done"});
}

BOOST_AUTO_TEST_CASE(close_one_by_one_and_count_events_until_they_have) {
    auto tested = named({.size = 10});
    tested.add(1, 'a');
    tested.add(11, 'b');
    tested.windows.advance(20, at(0ms));
    BOOST_TEST(*tested.windows.next(named::make)->state == "a");
    BOOST_CHECK(tested.add(2, 'c') == arrival::too_late);
    BOOST_CHECK(tested.add(12, 'd') == arrival::on_time);
    BOOST_TEST(*tested.windows.next(named::make)->state == "bd");
    BOOST_TEST(!tested.windows.next(named::make));
}

BOOST_AUTO_TEST_CASE(keep_what_is_left_in_the_state_at_a_watermark) {
    auto tested = named({.size = 10, .lateness = 10});
    tested.add(1, 'a');
    tested.windows.advance(10, at(0ms));
    tested.windows.next(named::make)->state->clear();
    tested.add(2, 'b');
    BOOST_TEST(tested.advance(end_of_time) == strings{"[0,10) b done"});
}

BOOST_AUTO_TEST_CASE(take_times_beyond_all_range) {
    auto tested = named({.size = greatest_length, .lateness = greatest_length, .max_empty_run = 0});
    tested.add(INT64_MIN, 'a');
    tested.add(INT64_MAX, 'b');
    const auto fired = tested.advance(end_of_time - 1);
    BOOST_TEST(fired.size() == 2u);  // watermark and done of the first
    BOOST_TEST(tested.advance(end_of_time).size() == 1u);
}

BOOST_AUTO_TEST_CASE(of_a_moved_object_are_where_they_were) {
    auto from = event_windows<std::string>({.size = 10});
    const auto use = [](window_span, std::string& events) { events += 'x'; };
    from.add(1, named::make, use);
    auto to = std::move(from);
    to.add(2, named::make, use);
    to.advance(10, at(0ms));
    BOOST_TEST(*to.next(named::make)->state == "xx");
    BOOST_TEST(!to.next(named::make));
}

BOOST_AUTO_TEST_SUITE_END()
