#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <random>
#include <sluice/core/demand.hpp>
#include <vector>

namespace core = sluice::core;

BOOST_AUTO_TEST_SUITE(demand)

BOOST_AUTO_TEST_CASE(demand_adds_up_and_saturates) {
    struct row {
        std::size_t a, b, sum;
    };
    constexpr auto top = core::unlimited;
    const row rows[] = {
        {0, 0, 0},         {1, 2, 3},       {top, 0, top},
        {0, top, top},     {top, 1, top},   {1, top, top},
        {top - 1, 1, top}, {top, top, top}, {top / 2, top / 2, top - 1},
    };
    for (auto const& row : rows) BOOST_TEST(core::saturating_add(row.a, row.b) == row.sum);
    static_assert(core::saturating_add(core::unlimited, 1) == core::unlimited);
}

BOOST_AUTO_TEST_CASE(a_sum_of_demands_forgets_nothing_by_saturating) {
    auto sum = core::demand_sum{};
    BOOST_TEST(sum.value() == 0u);
    for (int i = 0; i < 3; ++i) sum.add(core::unlimited);
    sum.add(7);
    BOOST_TEST(sum.value() == core::unlimited);
    for (int i = 0; i < 3; ++i) sum.subtract(core::unlimited);
    BOOST_TEST(sum.value() == 7u);
    sum.subtract(7);
    BOOST_TEST(sum.value() == 0u);
}

BOOST_AUTO_TEST_CASE(a_sum_of_demands_is_independent_of_the_order_of_adding_and_taking_away) {
    auto random = std::mt19937{11};
    for (int round = 0; round < 200; ++round) {
        auto sum = core::demand_sum{};
        auto inside = std::vector<std::size_t>{};
        for (int step = 0; step < 50; ++step) {
            if (inside.empty() || random() % 3 != 0) {
                inside.push_back(random() % 2 == 0 ? core::unlimited - random() % 4 : random() % 1000);
                sum.add(inside.back());
            } else {
                std::swap(inside[random() % inside.size()], inside.back());
                sum.subtract(inside.back());
                inside.pop_back();
            }
            auto expected = std::size_t{0};
            for (const auto each : inside) expected = core::saturating_add(expected, each);
            BOOST_REQUIRE(sum.value() == expected);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
