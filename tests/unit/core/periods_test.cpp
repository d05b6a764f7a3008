#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <sluice/core/periods.hpp>
#include <string>

using namespace sluice::core;
using namespace std::chrono_literals;

namespace {

const auto start = processing_clock::time_point{} + 7s;

}  // namespace

BOOST_AUTO_TEST_SUITE(the_periods)

BOOST_AUTO_TEST_CASE(follow_on_each_other_from_their_start) {
    auto tested = periods(10s, start);
    BOOST_TEST(tested.pass(start) == 0u);
    BOOST_TEST(tested.pass(start + 9999ms) == 0u);
    BOOST_TEST(tested.pass(start + 10s) == 1u);
    BOOST_TEST(tested.pass(start + 10s) == 0u);
    BOOST_CHECK(tested.end() == start + 20s);
}

BOOST_AUTO_TEST_CASE(do_not_drift_when_one_looks_late) {
    auto tested = periods(10s, start);
    BOOST_TEST(tested.pass(start + 13s) == 1u);
    BOOST_TEST(tested.pass(start + 19s) == 0u);
    BOOST_TEST(tested.pass(start + 20s) == 1u);
}

BOOST_AUTO_TEST_CASE(that_nobody_looked_at_are_counted) {
    auto tested = periods(10s, start);
    BOOST_TEST(tested.pass(start + 35s) == 3u);
    BOOST_TEST(tested.number() == 3u);
    BOOST_CHECK(tested.end() == start + 40s);
}

BOOST_AUTO_TEST_CASE(may_be_longer_than_time) {
    auto tested = periods(forever, start);
    BOOST_TEST(tested.pass(processing_clock::time_point::max()) == 0u);
    auto at_the_end = periods(1ns, processing_clock::time_point::max() - 1ns);
    BOOST_TEST(at_the_end.pass(processing_clock::time_point::max()) == 0u);
}

BOOST_AUTO_TEST_CASE(of_no_length_are_refused) {
    BOOST_CHECK_EXCEPTION(periods(0s, start, "every"), boost::system::system_error, [](auto const& error) {
        return std::string(error.what()).find("every must be more than 0 (got 0 ns)") != std::string::npos;
    });
}

BOOST_AUTO_TEST_SUITE_END()
