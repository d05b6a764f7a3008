#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <memory>
#include <random>
#include <sluice/core/keyed_table.hpp>
#include <string>
#include <unordered_map>
#include <vector>

BOOST_AUTO_TEST_SUITE(keyed_table)

using sluice::core::keyed_table;

BOOST_AUTO_TEST_CASE(an_empty_table_finds_nothing) {
    keyed_table<int, int> table;
    BOOST_TEST(table.empty());
    BOOST_TEST(table.find(1, 1) == nullptr);
}

BOOST_AUTO_TEST_CASE(entries_lie_in_the_order_in_which_their_keys_came) {
    keyed_table<std::string, int> table;
    for (int i = 100; i-- > 0;) table.add(std::hash<std::string>()(std::to_string(i)), std::to_string(i), i);
    BOOST_REQUIRE(table.size() == 100u);
    for (int i = 0; i < 100; ++i) BOOST_TEST(table.entries()[static_cast<std::size_t>(i)].value == 99 - i);
}

BOOST_AUTO_TEST_CASE(keys_with_the_same_hash_are_told_apart) {
    keyed_table<int, int> table;
    for (int i = 0; i < 50; ++i) table.add(7, i, -i);
    for (int i = 0; i < 50; ++i) BOOST_TEST(*table.find(7, i) == -i);
    BOOST_TEST(table.find(7, 50) == nullptr);
}

BOOST_AUTO_TEST_CASE(a_cleared_table_begins_anew) {
    keyed_table<int, int> table;
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 100; ++i) table.add(static_cast<std::size_t>(i), i, round);
        BOOST_TEST(*table.find(99, 99) == round);
        table.clear();
        BOOST_TEST(table.empty());
        BOOST_TEST(table.find(99, 99) == nullptr);
    }
}

BOOST_AUTO_TEST_CASE(tables_can_be_swapped) {
    keyed_table<int, int> a;
    keyed_table<int, int> b;
    a.add(1, 1, 10);
    swap(a, b);
    BOOST_TEST(a.empty());
    BOOST_TEST(a.find(1, 1) == nullptr);
    BOOST_TEST(*b.find(1, 1) == 10);
}

BOOST_AUTO_TEST_CASE(values_need_not_be_copyable) {
    keyed_table<int, std::unique_ptr<int>> table;
    for (int i = 0; i < 40; ++i) table.add(static_cast<std::size_t>(i), i, std::make_unique<int>(i));
    BOOST_TEST(**table.find(39, 39) == 39);
}

BOOST_AUTO_TEST_CASE(it_finds_what_an_unordered_map_finds) {
    std::mt19937 random(3);
    keyed_table<unsigned, unsigned> table;
    std::unordered_map<unsigned, unsigned> model;
    for (int i = 0; i < 20'000; ++i) {
        auto const key = static_cast<unsigned>(random() % 3000) << 20;  // the low bits of the hash are all alike
        if (auto* const value = table.find(key, key)) {
            BOOST_REQUIRE(model.contains(key));
            BOOST_REQUIRE(++*value == ++model[key]);
        } else {
            BOOST_REQUIRE(!model.contains(key));
            table.add(key, key, 1);
            model[key] = 1;
        }
    }
    BOOST_TEST(table.size() == model.size());
}

BOOST_AUTO_TEST_SUITE_END()
