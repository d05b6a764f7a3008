#include <algorithm>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <sluice/core/demand.hpp>
#include <sluice/dispatcher/broadcast_dispatcher.hpp>
#include <sluice/dispatcher/dispatcher.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "unit/allocations.hpp"
#include "unit/dispatcher/broadcast_support.hpp"

using namespace broadcast;

namespace {

using unique = std::unique_ptr<int>;

static_assert(sluice::dispatcher_for<letters, char>);
static_assert(sluice::dispatcher_for<sluice::broadcast_dispatcher<unique>, unique>);
static_assert(sluice::shares_events<letters>);

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_broadcast_dispatcher, fixture)

BOOST_AUTO_TEST_CASE(gives_each_event_to_everybody_as_far_as_the_smallest_demand_goes) {
    for (const subscriber_id id : {1u, 2u, 3u}) dispatcher.subscribe(id);
    BOOST_TEST(dispatcher.ask(1, 3) == 0u);
    BOOST_TEST(dispatcher.ask(2, 5) == 0u);
    BOOST_TEST(dispatcher.ask(3, 2) == 2u);
    BOOST_TEST(dispatcher.total_demand() == 2u);
    BOOST_TEST(dispatch("abc") == "c");
    BOOST_TEST(sent == "1:ab 2:ab 3:ab");
    BOOST_TEST(dispatcher.demand(1) == 1u);
    BOOST_TEST(dispatcher.demand(2) == 3u);
    BOOST_TEST(dispatcher.demand(3) == 0u);
}

BOOST_AUTO_TEST_CASE(asks_for_what_the_smallest_demand_has_grown_by) {
    dispatcher.subscribe(1);
    dispatcher.subscribe(2);
    BOOST_TEST(dispatcher.ask(1, 10) == 0u);
    BOOST_TEST(dispatcher.ask(2, 4) == 4u);
    BOOST_TEST(dispatcher.ask(2, 4) == 4u);
    BOOST_TEST(dispatcher.ask(2, 4) == 2u);  // 10 is the smallest now
    BOOST_TEST(dispatcher.surplus(2) == 2u);
    BOOST_TEST(dispatcher.requested() == 10u);
}

BOOST_AUTO_TEST_CASE(waits_for_a_newcomer_until_it_asks) {
    dispatcher.subscribe(1);
    dispatcher.ask(1, 4);
    dispatcher.subscribe(2);
    BOOST_TEST(dispatcher.total_demand() == 0u);
    BOOST_TEST(dispatch("ab") == "ab");
    BOOST_TEST(dispatcher.ask(2, 3, 2) == 0u);  // two are there, and two are owed
    BOOST_TEST(dispatch("ab") == "");
    BOOST_TEST(sent == "1:ab 2:ab");
    BOOST_TEST(dispatcher.requested() == 2u);
    BOOST_TEST(dispatch("cd") == "d");
    BOOST_TEST(sent == "1:c 2:c");
}

BOOST_AUTO_TEST_CASE(never_has_more_under_way_for_consumers_that_come_and_go) {
    for (subscriber_id id = 0; id < 100; ++id) {
        dispatcher.subscribe(id);
        BOOST_TEST(dispatcher.ask(id, 10) == (id == 0 ? 10u : 0u));
        dispatcher.cancel(id);
        BOOST_TEST(dispatcher.requested() == 10u);
    }
}

BOOST_AUTO_TEST_CASE(serves_in_the_order_of_subscription) {
    for (const subscriber_id id : {7u, 2u, 9u, 4u}) dispatcher.subscribe(id);
    dispatcher.cancel(2);
    dispatcher.subscribe(2);
    for (const subscriber_id id : {2u, 4u, 7u, 9u}) dispatcher.ask(id, 1);
    dispatch("a");
    BOOST_TEST(sent == "7:a 9:a 4:a 2:a");
}

BOOST_AUTO_TEST_CASE(ignores_those_it_does_not_know) {
    dispatcher.subscribe(2);
    for (const subscriber_id stranger : {0u, 1u, 3u, 4'000'000'000u}) {
        BOOST_TEST(dispatcher.ask(stranger, 5) == 0u);
        BOOST_TEST(dispatcher.cancel(stranger) == 0u);
        BOOST_TEST(dispatcher.demand(stranger) == 0u);
        BOOST_TEST(dispatcher.surplus(stranger) == 0u);
        BOOST_TEST(!dispatcher.contains(stranger));
    }
    BOOST_TEST(dispatcher.size() == 1u);
}

BOOST_AUTO_TEST_CASE(leaves_a_subscriber_as_it_is_that_subscribes_again) {
    dispatcher.subscribe(1);
    dispatcher.ask(1, 4);
    BOOST_TEST(dispatcher.subscribe(1, nothing()) == 0u);
    BOOST_TEST(dispatch("a") == "");
    BOOST_TEST(sent == "1:a");
    BOOST_TEST(dispatcher.demand(1) == 3u);
}

BOOST_AUTO_TEST_CASE(refuses_a_second_subscription_of_the_same_stage_and_nothing_has_changed) {
    int stage = 0;
    dispatcher.subscribe(1, {.consumer = &stage});
    dispatcher.ask(1, 4);
    BOOST_CHECK_EXCEPTION(dispatcher.subscribe(2, {.consumer = &stage}), boost::system::system_error,
                          [](auto const& refused) { return refused.code() == sluice::errc::already_subscribed; });
    BOOST_TEST(!dispatcher.contains(2));
    BOOST_TEST(dispatcher.total_demand() == 4u);
    BOOST_TEST(dispatcher.requested() == 4u);
    dispatcher.subscribe(2);  // of an unknown stage
    dispatcher.subscribe(3);
    dispatcher.cancel(1);
    dispatcher.subscribe(1, {.consumer = &stage});
    BOOST_TEST(dispatcher.size() == 3u);
}

BOOST_AUTO_TEST_CASE(saturates_demand_and_asks_nobody_for_what_is_beyond) {
    constexpr auto all = sluice::core::unlimited;
    dispatcher.subscribe(1);
    BOOST_TEST(dispatcher.ask(1, all - 1) == all - 1);
    BOOST_TEST(dispatcher.ask(1, 5) == 1u);
    BOOST_TEST(dispatcher.ask(1, all) == 0u);
    BOOST_TEST(dispatcher.total_demand() == all);
    dispatcher.subscribe(2, nothing());
    BOOST_TEST(dispatcher.requested() == all);
    BOOST_TEST(dispatcher.ask(2, all) == 0u);
    BOOST_TEST(dispatch("abc") == "");
    BOOST_TEST(dispatcher.demand(1) == all - 3);
    BOOST_TEST(dispatcher.take_returned() == 0u);
    dispatcher.cancel(1);
    dispatcher.cancel(2);
    BOOST_TEST(dispatcher.total_demand() == 0u);
    BOOST_TEST(dispatcher.requested() == all - 3);
}

BOOST_AUTO_TEST_CASE(works_without_anybody) {
    BOOST_TEST(dispatch("") == "");
    BOOST_TEST(dispatch("ab") == "ab");
    BOOST_TEST(dispatcher.total_demand() == 0u);
    BOOST_TEST(dispatcher.requested() == 0u);
}

BOOST_AUTO_TEST_CASE(takes_a_hundred_thousand_consumers_that_come_ask_and_go) {
    // Each is O(log n). In a list, as in GenStage, these are ten thousand million steps.
    constexpr subscriber_id many = 100'000;
    for (subscriber_id id = 0; id < many; ++id) dispatcher.subscribe(id);
    for (subscriber_id id = 0; id < many; ++id) BOOST_REQUIRE(dispatcher.ask(id, 2) == (id + 1 == many ? 2u : 0u));
    for (subscriber_id id = 0; id < many; ++id) BOOST_REQUIRE(dispatcher.ask(id, 3) == (id + 1 == many ? 3u : 0u));
    auto count = std::size_t{0};
    auto events = std::string{"abcdef"};
    const auto left = dispatcher.dispatch(std::span{events}, [&](subscriber_id, std::span<char>) { ++count; });
    BOOST_TEST(left.size() == 1u);
    BOOST_TEST(count == many);
    for (subscriber_id id = 0; id < many; ++id) BOOST_REQUIRE(dispatcher.cancel(id) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(a_broadcast_dispatcher_with_a_buffer_before_it, fixture)

BOOST_AUTO_TEST_CASE(gives_what_was_emitted_for_one_that_died_to_the_next_one_first_and_in_order) {
    // GenStage delivers nothing of it here until the next event comes, and that one first.
    dispatcher.subscribe(1);
    BOOST_TEST(dispatcher.ask(1, 10) == 10u);
    dispatcher.cancel(1);
    BOOST_TEST(dispatch("xy") == "xy");

    dispatcher.subscribe(2);
    BOOST_TEST(dispatcher.ask(2, 10, 2) == 0u);  // two are there, eight are under way
    BOOST_TEST(dispatcher.total_demand() == 10u);
    BOOST_TEST(dispatch("xy") == "");
    BOOST_TEST(sent == "2:xy");
    BOOST_TEST(dispatch("z") == "");
    BOOST_TEST(sent == "2:z");
    BOOST_TEST(dispatcher.requested() == 7u);
}

BOOST_AUTO_TEST_CASE(does_not_wait_for_owed_events_that_the_buffer_has_dropped) {
    dispatcher.subscribe(1);
    dispatcher.ask(1, 10);
    dispatcher.cancel(1);
    BOOST_TEST(dispatch("abcdefghij") == "abcdefghij");
    BOOST_TEST(dispatcher.requested() == 0u);
    dispatcher.subscribe(2);
    BOOST_TEST(dispatcher.ask(2, 5, 2) == 3u);  // two were kept
}

BOOST_AUTO_TEST_CASE(sets_buffered_events_against_what_a_leaver_sets_free) {
    dispatcher.subscribe(1);
    dispatcher.subscribe(2);
    dispatcher.ask(1, 10);
    BOOST_TEST(dispatch("abc") == "abc");
    BOOST_TEST(dispatcher.cancel(2, 3) == 7u);
    BOOST_TEST(dispatch("abc") == "");
    BOOST_TEST(sent == "1:abc");
    BOOST_TEST(dispatcher.requested() == 7u);
}

BOOST_AUTO_TEST_CASE(sets_buffered_events_against_what_selectors_refuse) {
    dispatcher.subscribe(1, nothing());
    BOOST_TEST(dispatcher.ask(1, 2, 5) == 0u);
    BOOST_TEST(dispatch("ab") == "");
    BOOST_TEST(dispatcher.take_returned(3) == 0u);
    BOOST_TEST(dispatch("cd") == "");
    BOOST_TEST(dispatcher.take_returned(1) == 1u);
    BOOST_TEST(dispatch("e") == "");
    BOOST_TEST(dispatcher.take_returned(0) == 1u);
    BOOST_TEST(dispatcher.requested() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(a_broadcast_dispatcher_and_its_deliver, fixture)

BOOST_AUTO_TEST_CASE(counts_all_that_it_takes_as_delivered_when_deliver_throws) {
    dispatcher.subscribe(1);
    dispatcher.subscribe(2);
    dispatcher.ask(1, 3);
    dispatcher.ask(2, 5);
    auto events = std::string{"abcd"};
    const auto fail = [](subscriber_id, std::span<char>) { throw std::runtime_error{"no room"}; };
    BOOST_CHECK_THROW(dispatcher.dispatch(std::span{events}, fail), std::runtime_error);
    BOOST_TEST(dispatcher.was_taken(2));
    BOOST_TEST(!dispatcher.was_taken(3));
    BOOST_TEST(dispatcher.total_demand() == 0u);
    dispatcher.ask(1, 1);
    BOOST_TEST(dispatch("d") == "");
    BOOST_TEST(sent == "1:d 2:d");
    BOOST_TEST(!dispatcher.was_taken(1));
}

BOOST_AUTO_TEST_CASE(may_be_called_by_it) {
    for (const subscriber_id id : {1u, 2u, 3u}) {
        dispatcher.subscribe(id, id == 2 ? only("ac") : sluice::subscriber<char>{});
        dispatcher.ask(id, 3);
    }
    auto events = std::string{"abc"};
    auto log = std::string{};
    dispatcher.dispatch(std::span{events}, [&](subscriber_id to, std::span<char> part) {
        log += std::to_string(to);
        log.append(part.begin(), part.end());
        dispatcher.ask(to, 3);
        if (to == 1) dispatcher.subscribe(900);  // moves the tables
        if (to == 2) {                           // leaves between its two runs, and somebody else gets its number
            dispatcher.cancel(2);
            dispatcher.subscribe(2);
        }
    });
    BOOST_TEST(log == "1abc2a3abc");
    BOOST_TEST(dispatcher.demand(1) == 3u);
    BOOST_TEST(dispatcher.demand(2) == 0u);
}

BOOST_AUTO_TEST_CASE(allocates_nothing_once_it_has_seen_its_largest_batch) {
    for (subscriber_id id = 0; id < 20; ++id)
        dispatcher.subscribe(id, id % 2 == 0 ? only("aceg") : sluice::subscriber<char>{});
    auto events = std::string{"abcdefgh"};
    auto count = std::size_t{0};
    const auto round = [&] {
        for (subscriber_id id = 0; id < 20; ++id) dispatcher.ask(id, 6);
        const auto left = dispatcher.dispatch(std::span{events}, [&](subscriber_id, std::span<char>) { ++count; });
        count += dispatcher.take_returned() + left.size();
    };
    round();
    const auto before = allocations();
    for (int i = 0; i < 100; ++i) round();
    BOOST_TEST(allocations() == before);
    BOOST_TEST(count > 0u);
}

BOOST_AUTO_TEST_CASE(shows_all_the_event_itself_even_if_it_can_only_move) {
    auto unique_dispatcher = sluice::broadcast_dispatcher<unique>{};
    unique_dispatcher.subscribe(0);
    unique_dispatcher.subscribe(1, {.selector = [](unique const& event) { return *event == 1; }});
    unique_dispatcher.ask(0, 2);
    unique_dispatcher.ask(1, 2);
    auto events = std::vector<unique>{};
    for (int i = 0; i < 3; ++i) events.push_back(std::make_unique<int>(i));
    auto shown = std::vector<int>{};
    auto moved = std::move(unique_dispatcher);
    const auto left = moved.dispatch(std::span{events}, [&](subscriber_id, std::span<unique> part) {
        for (auto const& each : part) shown.push_back(*each);
    });
    BOOST_TEST(shown == (std::vector{0, 1, 1}), boost::test_tools::per_element());
    BOOST_TEST(left.size() == 1u);
}

BOOST_AUTO_TEST_CASE(drops_what_comes_while_nobody_is_subscribed_if_it_is_told_to) {
    dispatcher = letters({.when_nobody = sluice::when_nobody::drop});
    auto const dropped = [&] {
        std::string all;
        dispatcher.take_dropped([&](char&& event) { all += event; });
        return all;
    };
    BOOST_TEST(!dispatcher.has_news());
    BOOST_TEST(dispatcher.total_demand() >= 3u);
    BOOST_TEST(dispatch("abc") == "");
    BOOST_TEST(sent == "");
    BOOST_TEST(dispatcher.was_taken(2));
    BOOST_TEST(dispatcher.has_news());
    BOOST_TEST(dropped() == "abc");
    BOOST_TEST(!dispatcher.has_news());

    dispatcher.subscribe(1);
    BOOST_TEST(dispatcher.total_demand() == 0u);
    BOOST_TEST(dispatch("d") == "d");  // it waits for who is there
    BOOST_TEST(dispatcher.ask(1, 6, 1) == 5u);
    BOOST_TEST(dispatch("de") == "");
    BOOST_TEST(sent == "1:de");
    dispatcher.cancel(1);
    BOOST_TEST(dispatcher.requested() == 4u);
    BOOST_TEST(dispatch("fgh") == "");
    BOOST_TEST(dropped() == "fgh");
    BOOST_TEST(dispatcher.requested() == 1u);  // dropped ones were delivered, as far as the producer goes
    dispatcher.subscribe(1);
    BOOST_TEST(dispatcher.ask(1, 3) == 2u);
    BOOST_TEST(dropped() == "");
}

BOOST_AUTO_TEST_CASE(waits_for_somebody_if_it_is_not_told_otherwise) {
    BOOST_TEST(dispatcher.total_demand() == 0u);
    BOOST_TEST(dispatch("abc") == "abc");
    BOOST_TEST(!dispatcher.has_news());
}

BOOST_AUTO_TEST_SUITE_END()
