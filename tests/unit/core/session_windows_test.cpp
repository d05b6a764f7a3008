#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <optional>
#include <sluice/core/session_windows.hpp>
#include <sluice/core/window.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace sluice::core;
using namespace std::chrono_literals;
using strings = std::vector<std::string>;

namespace {

auto at(std::chrono::milliseconds ms) { return processing_clock::time_point(ms); }

/// Sessions that keep the names of their events. What fires reads `key [0,10) abc done`.
class named {
public:
    explicit named(session_options const& options) : windows(options) {}

    auto add(char key, ticks time, char event) -> arrival {
        const auto where = windows.add(key, time, make, merge);
        if (where.state != nullptr) *where.state += event;
        return where.when;
    }

    auto advance(ticks watermark, std::chrono::milliseconds now = {}) -> strings {
        windows.advance(watermark, at(now));
        return fired();
    }

    auto fired() -> strings {
        auto fired = strings{};
        while (const auto each = windows.next())
            fired.push_back(name(*each->key, each->window, *each->state) + ' ' +
                            to_string(trigger_name::of(each->phase)));
        return fired;
    }

    auto open() -> strings {
        auto all = strings{};
        windows.visit(
            [&](char key, window_span window, std::string& events) { all.push_back(name(key, window, events)); });
        return all;
    }

    static auto name(char key, window_span window, std::string const& events) -> std::string {
        return std::string(1, key) + " [" + std::to_string(window.start) + ',' + std::to_string(window.end) + ") " +
               events;
    }

    static auto make(window_span) -> std::string { return {}; }
    static void merge(std::string& earlier, std::string&& later) { earlier += '+' + later + '+'; }

    session_windows<char, std::string> windows;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(sessions)

BOOST_AUTO_TEST_CASE(last_until_there_was_no_event_for_a_gap) {
    auto tested = named({.gap = 10});
    BOOST_CHECK(tested.add('k', 3, 'a') == arrival::on_time);
    tested.add('k', 12, 'b');
    tested.add('k', 21, 'c');
    tested.add('k', 31, 'd');
    BOOST_TEST(tested.advance(30) == strings{});
    BOOST_TEST(tested.advance(31) == strings{"k [3,31) abc done"});
    BOOST_TEST(tested.advance(end_of_time) == strings{"k [31,41) d done"});
}

BOOST_AUTO_TEST_CASE(are_of_one_key) {
    auto tested = named({.gap = 10});
    tested.add('k', 3, 'a');
    tested.add('l', 4, 'b');
    tested.add('k', 5, 'c');
    BOOST_TEST(tested.windows.open_keys() == 2u);
    BOOST_TEST(tested.advance(end_of_time) == (strings{"l [4,14) b done", "k [3,15) ac done"}));
    BOOST_TEST(tested.windows.open_keys() == 0u);
}

BOOST_AUTO_TEST_CASE(that_an_event_joins_become_one) {
    auto tested = named({.gap = 10});
    tested.add('k', 0, 'a');
    tested.add('k', 15, 'b');
    BOOST_TEST(tested.windows.open_sessions() == 2u);
    tested.add('k', 7, 'c');
    BOOST_TEST(tested.windows.open_sessions() == 1u);
    BOOST_TEST(tested.advance(24) == strings{});
    BOOST_TEST(tested.advance(25) == strings{"k [0,25) a+b+c done"});
}

BOOST_AUTO_TEST_CASE(that_only_touch_are_two) {
    auto tested = named({.gap = 10});
    tested.add('k', 0, 'a');
    tested.add('k', 20, 'b');
    tested.add('k', 10, 'c');
    BOOST_TEST(tested.advance(end_of_time) == (strings{"k [0,10) a done", "k [10,20) c done", "k [20,30) b done"}));
}

BOOST_AUTO_TEST_CASE(may_begin_earlier_than_was_thought_and_before_the_epoch) {
    auto tested = named({.gap = 10});
    tested.add('k', 5, 'a');
    tested.add('k', -4, 'b');
    tested.add('k', -30, 'c');
    BOOST_TEST(tested.open() == (strings{"k [-30,-20) c", "k [-4,15) ab"}));
    BOOST_TEST(tested.advance(end_of_time) == (strings{"k [-30,-20) c done", "k [-4,15) ab done"}));
}

BOOST_AUTO_TEST_CASE(close_in_order_over_all_keys_those_of_one_moment_as_they_were_opened) {
    auto tested = named({.gap = 10});
    tested.add('c', 5, 'a');
    tested.add('a', 1, 'b');
    tested.add('b', 5, 'c');
    tested.add('a', 5, 'd');
    tested.add('d', 2, 'e');
    BOOST_TEST(tested.advance(20) ==
               (strings{"d [2,12) e done", "c [5,15) a done", "a [1,15) bd done", "b [5,15) c done"}));
}

BOOST_AUTO_TEST_CASE(tell_what_comes_too_late) {
    auto tested = named({.gap = 10});
    tested.add('k', 0, 'a');
    tested.advance(10);
    BOOST_CHECK(tested.add('k', 0, 'b') == arrival::too_late);
    BOOST_CHECK(tested.add('l', 0, 'c') == arrival::too_late);
    BOOST_TEST(tested.windows.open_keys() == 0u);
    BOOST_CHECK(tested.add('k', 1, 'd') == arrival::on_time);
    BOOST_TEST(tested.advance(end_of_time) == strings{"k [1,11) d done"});
    BOOST_CHECK(tested.add('k', 1000, 'e') == arrival::too_late);
}

BOOST_AUTO_TEST_CASE(that_are_open_take_an_event_however_old) {
    auto tested = named({.gap = 10});
    tested.add('k', 5, 'a');
    tested.add('k', 14, 'b');
    tested.add('k', 23, 'c');
    tested.advance(30);
    BOOST_CHECK(tested.add('k', -4, 'd') == arrival::on_time);
    BOOST_TEST(tested.advance(33) == strings{"k [-4,33) abcd done"});
}

BOOST_AUTO_TEST_CASE(are_kept_for_what_is_late_but_allowed) {
    auto tested = named({.gap = 10, .lateness = 20});
    tested.add('k', 0, 'a');
    BOOST_TEST(tested.advance(10) == strings{"k [0,10) a watermark"});
    BOOST_CHECK(tested.add('k', -3, 'b') == arrival::late);
    BOOST_TEST(tested.advance(29) == strings{});
    BOOST_TEST(tested.advance(30) == strings{"k [-3,10) ab done"});
}

BOOST_AUTO_TEST_CASE(that_a_late_event_makes_go_on_fire_again) {
    auto tested = named({.gap = 10, .lateness = 20});
    tested.add('k', 0, 'a');
    tested.advance(11);
    BOOST_CHECK(tested.add('k', 5, 'b') == arrival::on_time);
    BOOST_TEST(tested.advance(15) == strings{"k [0,15) ab watermark"});
    BOOST_TEST(tested.advance(34) == strings{});
    BOOST_TEST(tested.advance(35) == strings{"k [0,15) ab done"});
}

BOOST_AUTO_TEST_CASE(joined_to_one_that_is_due_fire_as_it_would_have) {
    auto tested = named({.gap = 10, .lateness = 100});
    tested.add('k', 0, 'a');
    tested.add('k', 15, 'b');
    BOOST_TEST(tested.advance(10) == strings{"k [0,10) a watermark"});
    tested.windows.advance(25, at(0ms));
    BOOST_CHECK(tested.add('k', 7, 'c') == arrival::on_time);
    BOOST_TEST(tested.advance(25) == strings{"k [0,25) a+b+c watermark"});
}

BOOST_AUTO_TEST_CASE(opened_for_a_late_event_are_done_in_their_time) {
    auto tested = named({.gap = 10, .lateness = 20});
    tested.advance(25);
    BOOST_CHECK(tested.add('k', 0, 'a') == arrival::late);
    BOOST_CHECK(tested.add('k', -5, 'b') == arrival::late);
    BOOST_CHECK(tested.add('l', -5, 'c') == arrival::too_late);
    BOOST_TEST(tested.advance(30) == strings{"k [-5,10) ab done"});
}

BOOST_AUTO_TEST_CASE(are_kept_no_longer_than_late_for) {
    auto tested = named({.gap = 10, .lateness = greatest_length, .late_for = 100ms});
    tested.add('k', 0, 'a');
    tested.add('l', 1, 'b');
    BOOST_TEST(tested.advance(10, 50ms) == strings{"k [0,10) a watermark"});
    BOOST_TEST(tested.advance(11, 60ms) == strings{"l [1,11) b watermark"});
    BOOST_CHECK(tested.windows.next_expiry() == at(150ms));
    BOOST_TEST(tested.advance(11, 150ms) == strings{"k [0,10) a done"});
    BOOST_CHECK(tested.add('l', 5, 'c') == arrival::on_time);  // it goes on, and is no longer kept
    BOOST_CHECK(!tested.windows.next_expiry());
    BOOST_TEST(tested.advance(15, 300ms) == strings{"l [1,15) bc watermark"});
    BOOST_TEST(tested.advance(15, 400ms) == strings{"l [1,15) bc done"});
}

BOOST_AUTO_TEST_CASE(are_all_done_at_the_end_in_the_order_in_which_they_end) {
    auto tested = named({.gap = 10, .lateness = 1000});
    tested.add('k', 0, 'a');
    tested.add('l', 5, 'b');
    tested.advance(12);
    tested.add('m', 8, 'c');
    BOOST_TEST(tested.advance(end_of_time) == (strings{"k [0,10) a done", "l [5,15) b done", "m [8,18) c done"}));
    BOOST_TEST(tested.advance(end_of_time) == strings{});
}

BOOST_AUTO_TEST_CASE(can_be_looked_at_while_they_are_open) {
    auto tested = named({.gap = 10});
    tested.add('k', 0, 'a');
    tested.add('l', 1, 'b');
    tested.add('k', 5, 'c');
    BOOST_TEST(tested.open() == (strings{"l [1,11) b", "k [0,15) ac"}));
}

BOOST_AUTO_TEST_CASE(can_all_be_closed_when_nobody_speaks_any_more) {
    auto tested = named({.gap = 10});
    BOOST_TEST(tested.windows.latest_end() == before_all);
    tested.add('k', 0, 'a');
    tested.add('k', 9, 'b');
    tested.add('l', 1, 'c');
    BOOST_TEST(tested.windows.latest_end() == 19);
    BOOST_TEST(tested.advance(19).size() == 2u);
}

BOOST_AUTO_TEST_CASE(that_are_kept_are_done_too_when_nothing_is_expected_for_a_while) {
    auto tested = named({.gap = 10, .lateness = 1000});
    tested.windows.close_all(at({}));  // with none open it says nothing about later ones
    tested.add('x', 3, 'a');
    tested.add('y', 25, 'b');
    BOOST_TEST(tested.advance(13) == strings{"x [3,13) a watermark"});
    tested.windows.close_all(at({}));
    BOOST_TEST(tested.fired() == (strings{"x [3,13) a done", "y [25,35) b watermark", "y [25,35) b done"}));
    BOOST_CHECK(tested.add('x', 40, 'c') == arrival::on_time);
    BOOST_TEST(tested.advance(50) == strings{"x [40,50) c watermark"});
    BOOST_CHECK(tested.add('x', 41, 'd') == arrival::on_time);
    BOOST_TEST(tested.advance(51) == strings{"x [40,51) cd watermark"});
}

BOOST_AUTO_TEST_CASE(stay_as_they_were_when_a_new_state_cannot_be_made) {
    auto tested = named({.gap = 10});
    const auto fail = [](window_span) -> std::string { throw std::runtime_error("no"); };
    BOOST_CHECK_THROW(tested.windows.add('k', 0, fail, named::merge), std::runtime_error);
    BOOST_TEST(tested.windows.open_keys() == 0u);
    BOOST_TEST(tested.advance(end_of_time) == strings{});
}

BOOST_AUTO_TEST_CASE(of_a_moved_object_are_where_they_were) {
    auto from = session_windows<std::string, std::string>({.gap = 10});
    *from.add("key", 0, named::make, named::merge).state += 'a';
    auto to = std::move(from);
    *to.add("key", 5, named::make, named::merge).state += 'b';
    to.advance(15, at(0ms));
    const auto fired = to.next();
    BOOST_TEST(*fired->key == "key");
    BOOST_TEST(*fired->state == "ab");
    BOOST_TEST(!to.next());
}

BOOST_AUTO_TEST_CASE(take_times_beyond_all_range) {
    auto tested = named({.gap = greatest_length, .lateness = greatest_length});
    tested.add('k', INT64_MIN, 'a');
    tested.add('k', INT64_MAX, 'b');
    BOOST_TEST(tested.advance(end_of_time - 1).size() == 2u);
    BOOST_TEST(tested.advance(end_of_time).size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
