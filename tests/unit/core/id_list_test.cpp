#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <random>
#include <sluice/core/id_list.hpp>
#include <vector>

using sluice::subscriber_id;
using sluice::core::id_list;
using ids = std::vector<subscriber_id>;

namespace {

auto listed(id_list const& list) -> ids {
    auto all = ids{};
    for (auto id = list.first(); id != list.none; id = list.after(id)) all.push_back(id);
    return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(an_id_list)

BOOST_AUTO_TEST_CASE(keeps_the_order_in_which_they_came) {
    auto list = id_list{};
    BOOST_TEST(listed(list).empty());
    for (const subscriber_id id : {5u, 0u, 9u, 3u}) list.push_back(id);
    BOOST_TEST(listed(list) == (ids{5, 0, 9, 3}), boost::test_tools::per_element());
    list.erase(0);
    BOOST_TEST(listed(list) == (ids{5, 9, 3}), boost::test_tools::per_element());
    list.erase(5);
    list.push_back(5);
    BOOST_TEST(listed(list) == (ids{9, 3, 5}), boost::test_tools::per_element());
    list.erase(5);
    list.erase(9);
    list.erase(3);
    BOOST_TEST(listed(list).empty());
    list.push_back(1);
    BOOST_TEST(listed(list) == ids{1}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(knows_who_is_inside) {
    auto list = id_list{};
    BOOST_TEST(!list.contains(0));
    list.push_back(2);
    BOOST_TEST(list.contains(2));
    BOOST_TEST(!list.contains(1));
    BOOST_TEST(!list.contains(4'000'000'000u));
    list.erase(2);
    BOOST_TEST(!list.contains(2));
}

BOOST_AUTO_TEST_CASE(agrees_with_a_vector_over_random_changes) {
    auto random = std::mt19937{3};
    auto list = id_list{};
    auto model = ids{};
    for (int step = 0; step < 5'000; ++step) {
        const auto id = static_cast<subscriber_id>(random() % 12);
        const auto found = std::ranges::find(model, id);
        BOOST_REQUIRE(list.contains(id) == (found != model.end()));
        if (found == model.end()) {
            list.push_back(id);
            model.push_back(id);
        } else {
            list.erase(id);
            model.erase(found);
        }
        BOOST_REQUIRE(listed(list) == model);
    }
}

BOOST_AUTO_TEST_SUITE_END()
