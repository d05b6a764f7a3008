#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <sluice/core/owed_demand.hpp>

using sluice::core::owed_demand;
using sluice::core::unlimited;

BOOST_AUTO_TEST_SUITE(owed_demand_of_those_who_left)

BOOST_AUTO_TEST_CASE(meets_later_demand_behind_what_is_buffered) {
    struct row {
        std::size_t owed, asked, buffered, of_the_producer, still_owed;
    };
    constexpr row table[] = {
        {0, 0, 0, 0, 0}, {0, 5, 0, 5, 0}, {0, 5, 2, 3, 0}, {0, 5, 9, 0, 0}, {3, 5, 0, 2, 0},
        {3, 2, 0, 0, 1}, {3, 5, 2, 0, 0}, {3, 5, 1, 1, 0}, {3, 5, 5, 0, 3}, {3, 5, 9, 0, 3},
    };
    for (auto const& each : table) {
        auto tested = owed_demand{};
        tested.add(each.owed);
        BOOST_TEST(tested.meet(each.asked, each.buffered) == each.of_the_producer);
        BOOST_TEST(tested.count() == each.still_owed);
    }
}

BOOST_AUTO_TEST_CASE(shrinks_by_what_arrives_and_is_never_negative) {
    auto tested = owed_demand{};
    tested.add(5);
    tested.arrived(2);
    BOOST_TEST(tested.count() == 3u);
    tested.arrived(9);
    BOOST_TEST(tested.count() == 0u);
}

BOOST_AUTO_TEST_CASE(saturates) {
    auto tested = owed_demand{};
    tested.add(unlimited - 1);
    tested.add(7);
    BOOST_TEST(tested.count() == unlimited);
}

BOOST_AUTO_TEST_SUITE_END()
