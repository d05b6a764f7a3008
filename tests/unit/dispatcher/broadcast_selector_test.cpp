// What a selector does to a broadcast.
#include <boost/test/unit_test.hpp>
#include <exception>
#include <span>
#include <stdexcept>
#include <string>

#include "unit/dispatcher/broadcast_support.hpp"

using namespace broadcast;

BOOST_FIXTURE_TEST_SUITE(a_selector, fixture)

BOOST_AUTO_TEST_CASE(gets_its_events_in_runs_of_consecutive_ones) {
    dispatcher.subscribe(1, only("abdeh"));
    dispatcher.subscribe(2);
    dispatcher.ask(1, 20);
    dispatcher.ask(2, 20);
    BOOST_TEST(dispatch("abcdefgh") == "");
    BOOST_TEST(sent == "1:ab 1:de 1:h 2:abcdefgh");
    BOOST_TEST(dispatcher.demand(1) == 15u);
    BOOST_TEST(dispatcher.demand(2) == 12u);
}

BOOST_AUTO_TEST_CASE(that_refuses_everything_stalls_neither_the_others_nor_itself) {
    dispatcher.subscribe(1, nothing());
    dispatcher.subscribe(2);
    dispatcher.ask(1, 2);
    auto asked = dispatcher.ask(2, 2);
    for (int round = 0; round < 100; ++round) {
        BOOST_REQUIRE(asked == 2u);
        BOOST_REQUIRE(dispatch("xy") == "");
        BOOST_REQUIRE(sent == "2:xy");
        BOOST_REQUIRE(dispatcher.take_returned() == 0u);  // the other one has all it asked for
        BOOST_REQUIRE(dispatcher.demand(1) == 2u);
        asked = dispatcher.ask(2, 2);
    }
}

BOOST_AUTO_TEST_CASE(that_refuses_everything_and_is_alone_lets_everything_pass) {
    dispatcher.subscribe(1, nothing());
    dispatcher.ask(1, 2);
    BOOST_TEST(dispatch("abcde") == "");
    BOOST_TEST(sent == "");
    BOOST_TEST(dispatcher.total_demand() == 2u);
    BOOST_TEST(dispatcher.take_returned() == 2u);
    BOOST_TEST(dispatcher.take_returned() == 0u);
}

BOOST_AUTO_TEST_CASE(stops_the_dispatch_where_its_subscriber_has_all_it_asked_for) {
    dispatcher.subscribe(1, only("bdf"));
    dispatcher.subscribe(2);
    dispatcher.ask(1, 2);
    dispatcher.ask(2, 9);
    BOOST_TEST(dispatch("abcdefg") == "efg");
    BOOST_TEST(sent == "1:b 1:d 2:abcd");
    BOOST_TEST(dispatcher.total_demand() == 0u);
    BOOST_TEST(dispatcher.take_returned() == 0u);
}

BOOST_AUTO_TEST_CASE(gets_no_more_than_the_slowest_allows) {
    dispatcher.subscribe(1, only("bcf"));
    dispatcher.subscribe(2, only("acd"));
    dispatcher.ask(1, 9);
    dispatcher.ask(2, 2);
    BOOST_TEST(dispatch("abcdef") == "def");
    BOOST_TEST(sent == "1:bc 2:a 2:c");
    BOOST_TEST(dispatcher.demand(1) == 7u);
    BOOST_TEST(dispatcher.demand(2) == 0u);
}

BOOST_AUTO_TEST_CASE(has_answered_for_every_event_before_the_first_is_delivered) {
    auto asked = std::string{};
    const auto noting = [&](char event) {
        asked += event;
        return true;
    };
    dispatcher.subscribe(1);
    dispatcher.subscribe(2, {.selector = noting});
    dispatcher.ask(1, 3);
    dispatcher.ask(2, 3);
    auto events = std::string{"abc"};
    dispatcher.dispatch(std::span{events}, [&](subscriber_id, std::span<char>) { BOOST_TEST(asked == "abc"); });
}

BOOST_AUTO_TEST_CASE(is_not_asked_while_somebody_has_no_demand) {
    dispatcher.subscribe(1, throwing_at("a"));
    dispatcher.ask(1, 3);
    dispatcher.subscribe(2);
    BOOST_TEST(dispatch("a") == "a");
    BOOST_TEST(!dispatcher.take_failed().has_value());
}

BOOST_AUTO_TEST_CASE(that_throws_ends_its_own_subscription_and_the_others_get_everything) {
    int stage = 0;
    auto bad = throwing_at("c");
    bad.consumer = &stage;
    dispatcher.subscribe(1);
    dispatcher.subscribe(2, bad);
    dispatcher.subscribe(3, only("bd"));
    for (const subscriber_id id : {1u, 2u, 3u}) dispatcher.ask(id, 5);
    BOOST_TEST(dispatch("abcd") == "");
    BOOST_TEST(sent == "1:abcd 3:b 3:d");
    BOOST_TEST(!dispatcher.contains(2));

    const auto failed = dispatcher.take_failed();
    BOOST_REQUIRE(failed.has_value());
    BOOST_TEST(failed->first == 2u);
    BOOST_CHECK_EXCEPTION(std::rethrow_exception(failed->second), std::runtime_error,
                          [](auto const& e) { return e.what() == std::string{"cannot judge c"}; });
    BOOST_TEST(!dispatcher.take_failed().has_value());
    BOOST_TEST(dispatcher.cancel(2) == 0u);  // it has gone
    dispatcher.subscribe(2, {.consumer = &stage});
}

BOOST_AUTO_TEST_CASE(that_throws_and_held_the_others_back_sets_their_demand_free) {
    dispatcher.subscribe(1);
    dispatcher.subscribe(2, throwing_at("a"));
    dispatcher.ask(1, 8);
    BOOST_TEST(dispatcher.ask(2, 2) == 2u);
    BOOST_TEST(dispatch("ab") == "");
    BOOST_TEST(sent == "1:ab");
    BOOST_TEST(dispatcher.total_demand() == 6u);
    BOOST_TEST(dispatcher.take_returned() == 6u);
    BOOST_TEST(dispatcher.requested() == 6u);
}

BOOST_AUTO_TEST_CASE(that_throws_and_was_the_last_leaves_all_events_over) {
    dispatcher.subscribe(1, throwing_at("b"));
    dispatcher.subscribe(2, throwing_at("a"));
    dispatcher.ask(1, 5);
    BOOST_TEST(dispatcher.ask(2, 5) == 5u);
    BOOST_TEST(dispatch("abc") == "abc");
    BOOST_TEST(sent == "");
    BOOST_TEST(dispatcher.take_returned() == 0u);
    BOOST_TEST(dispatcher.requested() == 2u);
    BOOST_TEST(dispatcher.take_failed()->first == 1u);
    BOOST_TEST(dispatcher.take_failed()->first == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
