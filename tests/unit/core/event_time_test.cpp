#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdint>
#include <sluice/core/event_time.hpp>
#include <string>
#include <type_traits>

using namespace sluice::core;
using namespace std::chrono_literals;
namespace chrono = std::chrono;

BOOST_AUTO_TEST_SUITE(event_times)

BOOST_AUTO_TEST_CASE(divide_downwards_on_both_sides_of_the_epoch) {
    BOOST_TEST(floor_div(19, 10) == 1);
    BOOST_TEST(floor_div(0, 10) == 0);
    BOOST_TEST(floor_div(-1, 10) == -1);
    BOOST_TEST(floor_div(-10, 10) == -1);
    BOOST_TEST(floor_div(-11, 10) == -2);
    BOOST_TEST(floor_div(least_time, 1) == least_time);
}

BOOST_AUTO_TEST_CASE(are_the_counts_of_what_the_timestamp_function_returns) {
    BOOST_TEST(to_ticks(-7) == -7);
    BOOST_TEST(to_ticks(std::uint8_t{200}) == 200);
    BOOST_TEST(to_ticks(12ms) == 12);
    BOOST_TEST(to_ticks(chrono::sys_time<chrono::microseconds>(-5us)) == -5);
    BOOST_TEST(to_ticks(chrono::sys_days(chrono::days(3))) == 3);
    BOOST_TEST(to_ticks(UINT64_MAX) == greatest_time);
}

BOOST_AUTO_TEST_CASE(count_in_the_unit_of_their_type_and_in_milliseconds_if_they_are_integers) {
    static_assert(std::is_same_v<tick_unit_t<int>, chrono::milliseconds>);
    static_assert(std::is_same_v<tick_unit_t<chrono::sys_time<chrono::milliseconds>>::period, std::milli>);
    static_assert(std::is_same_v<tick_unit_t<chrono::sys_days>::period, chrono::days::period>);
    static_assert(std::is_same_v<tick_unit_t<chrono::duration<int, std::micro>>::rep, ticks>);
    static_assert(event_time<unsigned> && event_time<chrono::system_clock::time_point>);
    static_assert(!event_time<bool> && !event_time<double> && !event_time<std::string>);
    static_assert(!event_time<chrono::duration<double>>);
}

BOOST_AUTO_TEST_CASE(beyond_their_range_are_the_nearest_within) {
    BOOST_TEST(clamp_time(INT64_MAX) == greatest_time);
    BOOST_TEST(clamp_time(INT64_MIN) == least_time);
    BOOST_TEST(clamp_time(5) == 5);
    BOOST_TEST(clamp_watermark(end_of_time) == end_of_time);
    BOOST_TEST(clamp_watermark(before_all) == before_all);
    BOOST_TEST(clamp_watermark(end_of_time - 1) == greatest_time);
}

BOOST_AUTO_TEST_CASE(lengths_are_converted_only_if_they_are_whole) {
    BOOST_TEST(in_ticks<chrono::milliseconds>(1s, "size") == 1000);
    BOOST_TEST(in_ticks<chrono::days>(48h, "size") == 2);
    BOOST_TEST(in_ticks<chrono::seconds>(-60s, "size") == -60);
    const auto says = [](std::string const& what) {
        return [what](boost::system::system_error const& error) {
            BOOST_TEST_MESSAGE(error.what());
            return std::string(error.what()).find(what) != std::string::npos;
        };
    };
    BOOST_CHECK_EXCEPTION(in_ticks<chrono::seconds>(1500ms, "fixed_options::size"), boost::system::system_error,
                          says("fixed_options::size must be a whole number of ticks of the events' time (got 1.5"));
    BOOST_CHECK_EXCEPTION(in_ticks<chrono::nanoseconds>(chrono::hours(24 * 365 * 300), "gap"),
                          boost::system::system_error, says("gap must be at most 1152921504606846975 ticks"));
}

BOOST_AUTO_TEST_SUITE_END()
