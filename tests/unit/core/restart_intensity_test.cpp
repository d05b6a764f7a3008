#include <boost/test/unit_test.hpp>
#include <chrono>
#include <sluice/core/restart_intensity.hpp>

using sluice::core::restart_intensity;
using namespace std::chrono_literals;

namespace {

auto at(std::chrono::milliseconds ms) { return restart_intensity::clock::time_point(ms); }

}  // namespace

BOOST_AUTO_TEST_SUITE(a_restart_intensity)

BOOST_AUTO_TEST_CASE(allows_so_many_in_its_period_and_no_more) {
    restart_intensity tested(2, 5s);
    BOOST_TEST(tested.note(at(0ms)));
    BOOST_TEST(tested.note(at(1000ms)));
    BOOST_TEST(!tested.note(at(5000ms)));
}

BOOST_AUTO_TEST_CASE(forgets_what_is_longer_ago_than_its_period) {
    restart_intensity tested(1, 5s);
    BOOST_TEST(tested.note(at(0ms)));
    BOOST_TEST(tested.note(at(5001ms)));
    BOOST_TEST(!tested.note(at(10001ms)));
    BOOST_TEST(tested.note(at(16000ms)));
}

BOOST_AUTO_TEST_CASE(without_a_period_counts_those_of_one_moment) {
    restart_intensity tested(1, 0s);
    BOOST_TEST(tested.note(at(0ms)));
    BOOST_TEST(!tested.note(at(0ms)));
    BOOST_TEST(tested.note(at(1ms)));
}

BOOST_AUTO_TEST_CASE(of_zero_allows_none) {
    restart_intensity tested(0, 5s);
    BOOST_TEST(!tested.note(at(0ms)));
    BOOST_TEST(!tested.note(at(60000ms)));
}

BOOST_AUTO_TEST_SUITE_END()
