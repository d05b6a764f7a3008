// Priorities in a demand_dispatcher.
#include <boost/test/unit_test.hpp>

#include "letters.hpp"

BOOST_FIXTURE_TEST_SUITE(priorities, dispatchers::letters_fixture)

BOOST_AUTO_TEST_CASE(serves_a_higher_priority_first_as_long_as_it_has_demand) {
    dispatcher.subscribe(1);
    dispatcher.subscribe(2, {.priority = 7});
    dispatcher.subscribe(3, {.priority = -1});
    dispatcher.ask(1, 5);
    dispatcher.ask(2, 2);
    dispatcher.ask(3, 9);
    BOOST_TEST(order() == "2:2 5:1 9:3");
    BOOST_TEST(dispatch("abcdefgh") == "");
    BOOST_TEST(sent == "2:ab 1:cdefg 3:h");
    dispatcher.ask(2, 1);
    BOOST_TEST(dispatch("xy") == "");
    BOOST_TEST(sent == "2:x 3:y");
}

BOOST_AUTO_TEST_CASE(a_high_priority_without_demand_stands_in_nobodys_way) {
    dispatcher.subscribe(1);
    dispatcher.ask(1, 3);
    dispatcher.subscribe(2, {.priority = 7});
    BOOST_TEST(dispatch("abcd") == "d");
    BOOST_TEST(sent == "1:abc");
}

BOOST_AUTO_TEST_SUITE_END()
