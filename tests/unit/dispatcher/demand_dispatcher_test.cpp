#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <sluice/core/demand.hpp>
#include <sluice/dispatcher/demand_dispatcher.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "letters.hpp"

using dispatchers::letters;
using sluice::subscriber_id;
using fixture = dispatchers::letters_fixture;
using unique = std::unique_ptr<int>;

BOOST_FIXTURE_TEST_SUITE(a_demand_dispatcher, fixture)

BOOST_AUTO_TEST_CASE(asks_nothing_for_those_who_only_subscribe_and_cancel) {
    BOOST_TEST(dispatcher.subscribe(1) == 0u);
    BOOST_TEST(order() == "0:1");
    BOOST_TEST(dispatcher.cancel(1) == 0u);
    BOOST_TEST(order() == "");
    BOOST_TEST(dispatcher.pending() == 0u);
}

BOOST_AUTO_TEST_CASE(meets_the_next_asks_with_the_demand_of_those_who_left) {
    dispatcher.subscribe(1);
    BOOST_TEST(!dispatcher.expected_max_demand().has_value());
    BOOST_TEST(dispatcher.ask(1, 10) == 10u);
    BOOST_TEST(order() == "10:1");
    BOOST_TEST(dispatcher.pending() == 0u);
    BOOST_TEST(dispatcher.expected_max_demand().value() == 10u);
    BOOST_TEST(dispatcher.cancel(1) == 0u);
    BOOST_TEST(order() == "");
    BOOST_TEST(dispatcher.pending() == 10u);

    dispatcher.subscribe(1);
    BOOST_TEST(dispatcher.ask(1, 5) == 0u);
    BOOST_TEST(order() == "5:1");
    BOOST_TEST(dispatcher.pending() == 5u);
    dispatcher.cancel(1);
    BOOST_TEST(dispatcher.pending() == 10u);

    BOOST_TEST(dispatch("abc") == "abc");
    BOOST_TEST(dispatcher.pending() == 7u);
    BOOST_TEST(dispatch("abcdefghij") == "abcdefghij");
    BOOST_TEST(dispatcher.pending() == 0u);
    BOOST_TEST(sent == "");
}

BOOST_AUTO_TEST_CASE(asks_the_producer_for_what_exceeds_the_pending_demand) {
    dispatcher.subscribe(1);
    dispatcher.ask(1, 10);
    dispatcher.cancel(1);
    dispatcher.subscribe(2);
    BOOST_TEST(dispatcher.ask(2, 13) == 3u);
    BOOST_TEST(dispatcher.pending() == 0u);
}

BOOST_AUTO_TEST_CASE(gives_the_events_of_one_who_left_to_the_buffer_once_the_others_are_served) {
    dispatcher.subscribe(1);
    dispatcher.subscribe(2);
    BOOST_TEST(dispatcher.ask(1, 3) == 3u);
    BOOST_TEST(dispatcher.ask(2, 3) == 3u);
    dispatcher.cancel(1);
    BOOST_TEST(order() == "3:2");
    BOOST_TEST(dispatcher.pending() == 3u);
    BOOST_TEST(dispatch("abcde") == "de");
    BOOST_TEST(sent == "2:abc");
    BOOST_TEST(order() == "0:2");
    BOOST_TEST(dispatcher.pending() == 1u);
}

BOOST_AUTO_TEST_CASE(never_delivers_more_than_was_asked_for) {
    dispatcher.subscribe(1);
    BOOST_TEST(dispatcher.ask(1, 3) == 3u);
    BOOST_TEST(dispatch("a") == "");
    BOOST_TEST(sent == "1:a");
    BOOST_TEST(order() == "2:1");
    BOOST_TEST(dispatcher.ask(1, 3) == 3u);
    BOOST_TEST(order() == "5:1");
    BOOST_TEST(dispatch("bcdefgh") == "gh");
    BOOST_TEST(sent == "1:bcdef");
    BOOST_TEST(order() == "0:1");
    BOOST_TEST(dispatch("ij") == "ij");
    BOOST_TEST(sent == "");
}

BOOST_AUTO_TEST_CASE(serves_the_largest_demand_first) {
    for (const subscriber_id id : {1u, 2u, 3u}) dispatcher.subscribe(id);
    BOOST_TEST(dispatcher.ask(1, 4) == 4u);
    BOOST_TEST(dispatcher.ask(2, 2) == 2u);
    BOOST_TEST(dispatcher.ask(3, 3) == 3u);
    BOOST_TEST(order() == "4:1 3:3 2:2");
    BOOST_TEST(dispatcher.ask(3, 2) == 2u);
    BOOST_TEST(order() == "5:3 4:1 2:2");
    BOOST_TEST(dispatcher.ask(2, 4) == 4u);
    BOOST_TEST(order() == "6:2 5:3 4:1");
}

BOOST_AUTO_TEST_CASE(serves_one_after_the_other_as_far_as_the_events_go) {
    for (const subscriber_id id : {1u, 2u, 3u}) {
        dispatcher.subscribe(id);
        dispatcher.ask(id, 3);
    }
    BOOST_TEST(dispatch("ab") == "");
    BOOST_TEST(sent == "1:ab");
    BOOST_TEST(order() == "3:2 3:3 1:1");
    BOOST_TEST(dispatch("cdefg") == "");
    BOOST_TEST(sent == "2:cde 3:fg");
    BOOST_TEST(order() == "1:1 1:3 0:2");
    BOOST_TEST(dispatch("hij") == "j");
    BOOST_TEST(sent == "1:h 3:i");
    BOOST_TEST(order() == "0:2 0:1 0:3");
}

BOOST_AUTO_TEST_CASE(keeps_the_older_first_among_equals) {
    for (const subscriber_id id : {7u, 3u, 5u}) dispatcher.subscribe(id);
    BOOST_TEST(order() == "0:7 0:3 0:5");
    dispatcher.ask(5, 2);
    dispatcher.ask(7, 2);
    BOOST_TEST(order() == "2:5 2:7 0:3");
    dispatcher.ask(3, 2);
    BOOST_TEST(order() == "2:5 2:7 2:3");
    dispatcher.cancel(7);
    dispatcher.subscribe(7);
    BOOST_TEST(order() == "2:5 2:3 0:7");
}

BOOST_AUTO_TEST_CASE(serves_in_random_order_once_if_told_to) {
    auto first_served = std::string{};
    for (std::uint64_t seed = 0; seed < 32; ++seed) {
        auto shuffled = fixture{{.max_demand = {}, .shuffle_on_first_dispatch = true, .shuffle_seed = seed}};
        shuffled.dispatcher.subscribe(1);
        shuffled.dispatcher.subscribe(2);
        shuffled.dispatcher.ask(1, 3);
        shuffled.dispatcher.ask(2, 2);
        BOOST_TEST(shuffled.dispatch("") == "");  // nobody is served: not the first dispatch yet
        BOOST_TEST(shuffled.dispatch("abcde") == "");
        BOOST_TEST((shuffled.sent == "1:abc 2:de" || shuffled.sent == "2:ab 1:cde"));
        first_served += shuffled.sent.front();

        shuffled.dispatcher.ask(1, 3);
        shuffled.dispatcher.ask(2, 2);
        shuffled.dispatch("abcde");
        BOOST_TEST(shuffled.sent == "1:abc 2:de");
    }
    BOOST_TEST(std::ranges::count(first_served, '1') > 0);
    BOOST_TEST(std::ranges::count(first_served, '2') > 0);
}

BOOST_AUTO_TEST_CASE(keeps_the_demands_when_it_shuffles) {
    for (std::uint64_t seed = 0; seed < 16; ++seed) {
        auto shuffled = fixture{{.max_demand = {}, .shuffle_on_first_dispatch = true, .shuffle_seed = seed}};
        for (const subscriber_id id : {0u, 1u, 2u, 3u}) shuffled.dispatcher.subscribe(id);
        for (const subscriber_id id : {0u, 1u, 3u}) shuffled.dispatcher.ask(id, 2);
        BOOST_TEST(shuffled.dispatch("abcde") == "");
        BOOST_TEST(shuffled.dispatcher.total_demand() == 1u);
        BOOST_TEST(shuffled.dispatch("fgh") == "gh");
    }
}

BOOST_AUTO_TEST_CASE(warns_of_asks_that_are_larger_than_expected) {
    auto strict = letters{{.max_demand = 3}};
    strict.subscribe(9);
    BOOST_TEST(strict.ask(9, 3) == 3u);
    BOOST_TEST(!strict.take_mismatch().has_value());
    BOOST_TEST(strict.ask(9, 4) == 4u);  // a warning, no more
    const auto warning = strict.take_mismatch();
    BOOST_REQUIRE(warning.has_value());
    BOOST_TEST(warning->id == 9u);
    BOOST_TEST(warning->asked == 4u);
    BOOST_TEST(warning->expected == 3u);
    BOOST_TEST(!strict.take_mismatch().has_value());
}

BOOST_AUTO_TEST_CASE(expects_the_first_ask_if_not_told_what_to_expect) {
    auto lax = letters{{.max_demand = 0}};
    lax.subscribe(1);
    lax.ask(1, 5);
    lax.ask(1, 5);
    BOOST_TEST(!lax.take_mismatch().has_value());
    lax.ask(1, 6);
    BOOST_REQUIRE(lax.take_mismatch().has_value());
}

BOOST_AUTO_TEST_CASE(ignores_subscribers_that_it_does_not_know) {
    dispatcher.subscribe(2);
    for (const subscriber_id stranger : {0u, 1u, 3u, ~0u}) {
        BOOST_TEST(dispatcher.ask(stranger, 5) == 0u);
        BOOST_TEST(dispatcher.cancel(stranger) == 0u);
        BOOST_TEST(dispatcher.demand(stranger) == 0u);
        BOOST_TEST(!dispatcher.contains(stranger));
    }
    BOOST_TEST(order() == "0:2");
    BOOST_TEST(dispatcher.pending() == 0u);
    BOOST_TEST(!dispatcher.expected_max_demand().has_value());
}

BOOST_AUTO_TEST_CASE(leaves_a_subscriber_as_it_is_that_subscribes_again) {
    dispatcher.subscribe(1);
    dispatcher.ask(1, 4);
    BOOST_TEST(dispatcher.subscribe(1) == 0u);
    BOOST_TEST(order() == "4:1");
    BOOST_TEST(dispatcher.size() == 1u);
}

BOOST_AUTO_TEST_CASE(changes_nothing_for_an_ask_of_nothing) {
    dispatcher.subscribe(1);
    dispatcher.subscribe(2);
    BOOST_TEST(dispatcher.ask(1, 0) == 0u);
    BOOST_TEST(order() == "0:1 0:2");
    BOOST_TEST(!dispatcher.expected_max_demand().has_value());
}

BOOST_AUTO_TEST_CASE(saturates_demand_and_asks_nobody_for_what_is_beyond) {
    constexpr auto all = sluice::core::unlimited;
    dispatcher.subscribe(1);
    BOOST_TEST(dispatcher.ask(1, all - 1) == all - 1);
    BOOST_TEST(dispatcher.ask(1, 5) == 1u);
    for (int i = 0; i < 1'000'000; ++i) BOOST_REQUIRE(dispatcher.ask(1, all) == 0u);
    BOOST_TEST(dispatcher.demand(1) == all);
    BOOST_TEST(dispatcher.total_demand() == all);
    dispatcher.subscribe(2);
    BOOST_TEST(dispatcher.ask(2, all) == all);
    BOOST_TEST(dispatcher.total_demand() == all);
    dispatcher.cancel(1);
    BOOST_TEST(dispatcher.total_demand() == all);
    dispatcher.cancel(2);
    BOOST_TEST(dispatcher.total_demand() == 0u);
    BOOST_TEST(dispatcher.pending() == all);
}

BOOST_AUTO_TEST_CASE(works_without_anybody) {
    BOOST_TEST(dispatch("") == "");
    BOOST_TEST(dispatch("ab") == "ab");
    BOOST_TEST(dispatcher.total_demand() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(a_demand_dispatcher_with_a_buffer_before_it, fixture)

BOOST_AUTO_TEST_CASE(meets_an_ask_with_the_buffered_events_first) {
    dispatcher.subscribe(1);
    BOOST_TEST(dispatcher.ask(1, 10, 4) == 6u);
    BOOST_TEST(dispatcher.ask(1, 3, 10) == 0u);
    BOOST_TEST(dispatcher.demand(1) == 13u);
}

BOOST_AUTO_TEST_CASE(does_not_set_the_buffered_events_against_what_is_pending) {
    // Asks 10 and leaves; the producer has delivered 5 of them, which are in the buffer, and owes 5.
    dispatcher.subscribe(1);
    dispatcher.ask(1, 10);
    dispatcher.cancel(1);
    BOOST_TEST(dispatch("abcde") == "abcde");
    BOOST_TEST(dispatcher.pending() == 5u);

    dispatcher.subscribe(2);
    BOOST_TEST(dispatcher.ask(2, 5, 5) == 0u);
    BOOST_TEST(dispatcher.pending() == 5u);
    BOOST_TEST(dispatch("abcde") == "");
    BOOST_TEST(sent == "2:abcde");

    BOOST_TEST(dispatcher.ask(2, 8, 0) == 3u);  // five are on their way
    BOOST_TEST(dispatcher.pending() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(a_demand_dispatcher_whose_delivery_fails, fixture)

BOOST_AUTO_TEST_CASE(counts_what_it_handed_over_as_delivered_and_can_go_on) {
    for (const subscriber_id id : {1u, 2u, 3u}) {
        dispatcher.subscribe(id);
        dispatcher.ask(id, 2);
    }
    dispatcher.subscribe(4);
    dispatcher.ask(4, 1);
    dispatcher.cancel(4);

    auto events = std::string{"abcdef"};
    auto handed_over = std::size_t{0};
    const auto fail_at_second = [&](subscriber_id to, std::span<char> part) {
        handed_over += part.size();
        if (to == 2) throw std::runtime_error{"no room"};
    };
    BOOST_CHECK_THROW(dispatcher.dispatch(std::span{events}, fail_at_second), std::runtime_error);
    BOOST_TEST(handed_over == 4u);
    BOOST_TEST(order() == "2:3 0:1 0:2");
    BOOST_TEST(dispatcher.pending() == 1u);
    BOOST_TEST(dispatcher.total_demand() == 2u);
    BOOST_TEST(dispatch(events.substr(handed_over)) == "");
    BOOST_TEST(sent == "3:ef");
}

BOOST_AUTO_TEST_CASE(shuffles_no_more_after_a_shuffled_dispatch_that_failed) {
    auto shuffled = fixture{{.max_demand = {}, .shuffle_on_first_dispatch = true, .shuffle_seed = 1}};
    shuffled.dispatcher.subscribe(1);
    shuffled.dispatcher.ask(1, 2);
    auto events = std::string{"abc"};
    const auto fail = [](subscriber_id, std::span<char>) { throw std::runtime_error{"no room"}; };
    BOOST_CHECK_THROW(shuffled.dispatcher.dispatch(std::span{events}, fail), std::runtime_error);
    BOOST_TEST(shuffled.order() == "0:1");
    BOOST_TEST(shuffled.dispatch("c") == "c");
}

BOOST_AUTO_TEST_CASE(may_be_called_by_deliver_itself) {
    dispatcher.subscribe(1);
    dispatcher.ask(1, 1);
    dispatcher.subscribe(2);
    dispatcher.ask(2, 1);
    auto events = std::string{"abcd"};
    auto log = std::string{};
    const auto left = dispatcher.dispatch(std::span{events}, [&](subscriber_id to, std::span<char> part) {
        log += std::to_string(to);
        log.append(part.begin(), part.end());
        if (log.size() == 2) {  // the first one asks again, the second leaves, a third comes
            BOOST_TEST(dispatcher.ask(1, 1) == 1u);
            dispatcher.cancel(2);
            dispatcher.subscribe(3);
            BOOST_TEST(dispatcher.ask(3, 1) == 0u);
        }
    });
    BOOST_TEST(log == "1a1b3c");
    BOOST_TEST(left.size() == 1u);
    BOOST_TEST(dispatcher.pending() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_demand_dispatcher_of_events_that_only_move)

BOOST_AUTO_TEST_CASE(hands_out_the_events_themselves) {
    auto dispatcher = sluice::demand_dispatcher<unique>{};
    dispatcher.subscribe(0);
    dispatcher.ask(0, 2);
    auto events = std::vector<unique>{};
    for (int i = 0; i < 3; ++i) events.push_back(std::make_unique<int>(i));
    auto received = std::vector<unique>{};
    const auto left = dispatcher.dispatch(std::span{events}, [&](subscriber_id, std::span<unique> part) {
        std::ranges::move(part, std::back_inserter(received));
    });
    BOOST_REQUIRE(received.size() == 2u);
    BOOST_TEST(*received[1] == 1);
    BOOST_REQUIRE(left.size() == 1u);
    BOOST_TEST(*left[0] == 2);
}

BOOST_AUTO_TEST_CASE(moves_with_all_it_knows) {
    auto first = sluice::demand_dispatcher<unique>{};
    first.subscribe(5);
    first.ask(5, 4);
    auto second = std::move(first);
    BOOST_TEST(second.demand(5) == 4u);
    BOOST_TEST(second.total_demand() == 4u);
}

BOOST_AUTO_TEST_SUITE_END()
