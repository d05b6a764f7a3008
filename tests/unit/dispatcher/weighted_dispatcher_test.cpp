#include <algorithm>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <iterator>
#include <memory>
#include <sluice/core/demand.hpp>
#include <sluice/dispatcher/dispatcher.hpp>
#include <sluice/dispatcher/weighted_dispatcher.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "unit/allocations.hpp"

using sluice::subscriber_id;

namespace {

using unique = std::unique_ptr<int>;
using sizes = std::vector<std::size_t>;

static_assert(sluice::dispatcher_for<sluice::weighted_dispatcher<char>, char>);
static_assert(sluice::dispatcher_for<sluice::weighted_dispatcher<unique>, unique>);
static_assert(sluice::dispatcher_for<sluice::round_robin_dispatcher<char>, char>);
static_assert(!sluice::shares_events<sluice::weighted_dispatcher<char>>);

/// A dispatcher of letters.
template <class Dispatcher>
struct fixture_of {
    explicit fixture_of(sluice::weighted_options options = {}) : dispatcher(options) {}

    void subscribe(subscriber_id id, std::size_t weight, std::size_t demand) {
        dispatcher.subscribe(id, {.weight = weight});
        dispatcher.ask(id, demand);
    }

    /// Answers what was left over.
    auto dispatch(std::string events) -> std::string {
        sent.clear();
        const auto left = dispatcher.dispatch(std::span{events}, [&](subscriber_id to, std::span<char> part) {
            BOOST_TEST(!part.empty());
            if (!sent.empty()) sent += ' ';
            sent += std::to_string(to) + ':';
            sent.append(part.begin(), part.end());
            if (received.size() <= to) received.resize(to + 1u);
            received[to] += part.size();
            ++parts;
        });
        return {left.begin(), left.end()};
    }

    Dispatcher dispatcher;
    std::string sent;  // "id:events" as the last dispatch delivered them
    sizes received;    // by id, altogether
    std::size_t parts = 0;
};

using fixture = fixture_of<sluice::weighted_dispatcher<char>>;
using round_robin = fixture_of<sluice::round_robin_dispatcher<char>>;

auto is_invalid_option(std::string const& text) {
    return [text](boost::system::system_error const& error) {
        return error.code() == sluice::errc::invalid_option && std::string{error.what()}.find(text) == 0;
    };
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_weighted_dispatcher, fixture)

BOOST_AUTO_TEST_CASE(splits_a_batch_by_weight_into_one_part_for_each) {
    subscribe(1, 1, 100);
    subscribe(2, 3, 100);
    subscribe(3, 2, 100);
    BOOST_TEST(dispatch("abcdefghijkl") == "");
    BOOST_TEST(sent == "1:ab 2:cdefgh 3:ijkl");
    BOOST_TEST(dispatch("abcdef") == "");
    BOOST_TEST(sent == "1:a 2:bcd 3:ef");
}

BOOST_AUTO_TEST_CASE(shares_single_events_by_weight_too) {
    subscribe(1, 1, 100);
    subscribe(2, 3, 100);
    auto all = std::string{};
    for (int i = 0; i < 12; ++i) {
        dispatch("x");
        all += sent.front();
    }
    BOOST_TEST(all == "122212221222");
}

BOOST_AUTO_TEST_CASE(goes_on_in_the_next_batch_with_a_turn_that_was_cut_short) {
    subscribe(1, 4, 100);
    subscribe(2, 4, 100);
    dispatch("ab");
    BOOST_TEST(sent == "1:ab");
    dispatch("cdefg");
    BOOST_TEST(sent == "1:cd 2:efg");
    dispatch("hijkl");
    BOOST_TEST(sent == "2:h 1:ijkl");
}

BOOST_AUTO_TEST_CASE(gives_each_its_share_whatever_its_max_demand) {
    // Both keep asking; the demand dispatcher would give nearly everything to the second.
    subscribe(1, 1, 10);
    subscribe(2, 1, 1000);
    for (int i = 0; i < 300; ++i) {
        const auto before = received;
        dispatch("abcdefgh");
        for (const subscriber_id id : {1u, 2u}) dispatcher.ask(id, received[id] - (before.empty() ? 0 : before[id]));
    }
    BOOST_TEST(received[1] == 1200u);
    BOOST_TEST(received[2] == 1200u);
}

BOOST_AUTO_TEST_CASE(never_delivers_more_than_was_asked_for) {
    subscribe(1, 1, 3);
    subscribe(2, 5, 2);
    BOOST_TEST(dispatcher.total_demand() == 5u);
    BOOST_TEST(dispatch("abcdefgh") == "fgh");
    BOOST_TEST(received[1] == 3u);
    BOOST_TEST(received[2] == 2u);
    BOOST_TEST(dispatcher.total_demand() == 0u);
    BOOST_TEST(dispatch("ij") == "ij");
    BOOST_TEST(sent == "");
}

BOOST_AUTO_TEST_CASE(shares_among_the_others_what_one_has_no_demand_for) {
    subscribe(1, 1, 1);
    subscribe(2, 1, 100);
    subscribe(3, 1, 100);
    BOOST_TEST(dispatch("abcdefghijklm") == "");
    BOOST_TEST(sent == "1:a 2:bcdefg 3:hijklm");
}

BOOST_AUTO_TEST_CASE(gives_no_credit_for_the_time_without_demand) {
    subscribe(1, 1, 1000);
    subscribe(2, 1, 0);
    for (int i = 0; i < 10; ++i) dispatch("abcdefghij");
    dispatcher.ask(2, 1000);
    subscribe(3, 1, 1000);
    for (int i = 0; i < 10; ++i) dispatch("abcdefghi");
    BOOST_TEST(received == (sizes{0, 130, 30, 30}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(gives_no_credit_for_the_time_when_all_were_without_demand) {
    subscribe(1, 1, 500);
    for (int i = 0; i < 50; ++i) dispatch("abcdefghij");
    BOOST_TEST(dispatcher.total_demand() == 0u);
    subscribe(2, 1, 100);
    dispatcher.ask(1, 100);
    dispatch("abcdefghij");
    BOOST_TEST(sent == "2:abcde 1:fghij");
}

BOOST_AUTO_TEST_CASE(is_not_outwitted_by_one_that_asks_for_little_at_a_time) {
    subscribe(1, 1, 1);
    subscribe(2, 1, 1000);
    for (int i = 0; i < 200; ++i) {
        dispatch("x");
        if (sent.front() == '1') dispatcher.ask(1, 1);
    }
    BOOST_TEST(received[1] == 100u);
    BOOST_TEST(received[2] == 100u);
}

BOOST_AUTO_TEST_CASE(serves_newcomers_behind_those_that_wait) {
    subscribe(1, 1, 100);
    subscribe(2, 1, 100);
    dispatch("a");
    BOOST_TEST(sent == "1:a");
    subscribe(3, 1, 100);
    dispatch("bcd");
    BOOST_TEST(sent == "2:b 3:c 1:d");
}

BOOST_AUTO_TEST_CASE(gives_whole_turns_of_a_quantum) {
    auto coarse = fixture{{.quantum = 4}};
    coarse.subscribe(1, 1, 100);
    coarse.subscribe(2, 2, 100);
    coarse.dispatch("abcdef");
    BOOST_TEST(coarse.sent == "1:abcd 2:ef");
    coarse.dispatch("ghijklmn");
    BOOST_TEST(coarse.sent == "2:ghijkl 1:mn");
}

BOOST_AUTO_TEST_CASE(meets_the_next_asks_with_the_demand_of_those_who_left) {
    dispatcher.subscribe(1);
    BOOST_TEST(dispatcher.ask(1, 10) == 10u);
    BOOST_TEST(dispatcher.cancel(1) == 0u);
    BOOST_TEST(dispatcher.pending() == 10u);
    BOOST_TEST(dispatcher.total_demand() == 0u);
    BOOST_TEST(dispatch("abc") == "abc");
    BOOST_TEST(dispatcher.pending() == 7u);
    dispatcher.subscribe(2);
    BOOST_TEST(dispatcher.ask(2, 5, 3) == 0u);  // three are there, two of the seven that are owed
    BOOST_TEST(dispatcher.pending() == 5u);
    BOOST_TEST(dispatcher.ask(2, 8) == 3u);
}

BOOST_AUTO_TEST_CASE(refuses_a_weight_of_0_and_nothing_has_changed) {
    BOOST_CHECK_EXCEPTION(dispatcher.subscribe(1, {.weight = 0}), boost::system::system_error,
                          is_invalid_option("subscribe_options::weight must be at least 1 (got 0)"));
    BOOST_TEST(!dispatcher.contains(1));
    BOOST_TEST(dispatcher.size() == 0u);
}

BOOST_AUTO_TEST_CASE(refuses_a_quantum_of_0) {
    BOOST_CHECK_EXCEPTION(fixture({.quantum = 0}), boost::system::system_error,
                          is_invalid_option("weighted_options::quantum must be at least 1 (got 0)"));
}

BOOST_AUTO_TEST_CASE(takes_any_weight_and_any_demand) {
    constexpr auto all = sluice::core::unlimited;
    auto coarse = fixture{{.quantum = all}};
    for (const subscriber_id id : {1u, 2u, 3u}) coarse.subscribe(id, all, all);
    BOOST_TEST(coarse.dispatcher.ask(1, 1) == 0u);
    BOOST_TEST(coarse.dispatcher.total_demand() == all);
    BOOST_TEST(coarse.dispatch("abcdef") == "");
    BOOST_TEST(coarse.sent == "1:abcdef");
    for (const subscriber_id id : {1u, 2u, 3u}) coarse.dispatcher.cancel(id);
    BOOST_TEST(coarse.dispatcher.total_demand() == 0u);
    BOOST_TEST(coarse.dispatcher.pending() == all);
}

BOOST_AUTO_TEST_CASE(ignores_those_it_does_not_know) {
    dispatcher.subscribe(2);
    for (const subscriber_id stranger : {0u, 1u, 3u, 4'000'000'000u}) {
        BOOST_TEST(dispatcher.ask(stranger, 5) == 0u);
        BOOST_TEST(dispatcher.cancel(stranger) == 0u);
        BOOST_TEST(dispatcher.demand(stranger) == 0u);
    }
    BOOST_TEST(dispatcher.pending() == 0u);
}

BOOST_AUTO_TEST_CASE(leaves_a_subscriber_as_it_is_that_subscribes_again) {
    subscribe(1, 1, 4);
    dispatcher.subscribe(1, {.weight = 7});
    BOOST_TEST(dispatcher.demand(1) == 4u);
    BOOST_TEST(dispatcher.size() == 1u);
}

BOOST_AUTO_TEST_CASE(works_without_anybody) {
    BOOST_TEST(dispatch("") == "");
    BOOST_TEST(dispatch("ab") == "ab");
}

BOOST_AUTO_TEST_CASE(counts_what_it_handed_over_as_delivered_when_deliver_throws_and_can_go_on) {
    for (const subscriber_id id : {1u, 2u, 3u}) subscribe(id, 1, 2);
    auto events = std::string{"abcdef"};
    auto handed_over = std::size_t{0};
    const auto fail_at_second = [&](subscriber_id to, std::span<char> part) {
        handed_over += part.size();
        if (to == 2) throw std::runtime_error{"no room"};
    };
    BOOST_CHECK_THROW(dispatcher.dispatch(std::span{events}, fail_at_second), std::runtime_error);
    BOOST_TEST(handed_over == 4u);
    BOOST_TEST(dispatcher.total_demand() == 2u);
    BOOST_TEST(dispatch(events.substr(handed_over)) == "");
    BOOST_TEST(sent == "3:ef");
}

BOOST_AUTO_TEST_CASE(may_be_called_by_deliver_itself) {
    subscribe(1, 1, 1);
    subscribe(2, 1, 1);
    auto events = std::string{"abcd"};
    auto log = std::string{};
    const auto left = dispatcher.dispatch(std::span{events}, [&](subscriber_id to, std::span<char> part) {
        log += std::to_string(to);
        log.append(part.begin(), part.end());
        if (log.size() == 2) {  // the first one asks again, the second leaves, a third comes
            dispatcher.cancel(2);
            BOOST_TEST(dispatcher.ask(1, 1) == 0u);
            dispatcher.subscribe(900);
            BOOST_TEST(dispatcher.ask(900, 1) == 1u);
        }
    });
    BOOST_TEST(log.size() == 2u + 2u + 4u);
    BOOST_TEST(left.size() == 1u);
}

BOOST_AUTO_TEST_CASE(hands_out_the_events_themselves) {
    auto first = sluice::weighted_dispatcher<unique>{};
    first.subscribe(0);
    first.ask(0, 2);
    auto second = std::move(first);
    auto events = std::vector<unique>{};
    for (int i = 0; i < 3; ++i) events.push_back(std::make_unique<int>(i));
    auto received_ones = std::vector<unique>{};
    const auto left = second.dispatch(std::span{events}, [&](subscriber_id, std::span<unique> part) {
        std::ranges::move(part, std::back_inserter(received_ones));
    });
    BOOST_REQUIRE(received_ones.size() == 2u);
    BOOST_TEST(*received_ones[1] == 1);
    BOOST_TEST(left.size() == 1u);
}

BOOST_AUTO_TEST_CASE(allocates_nothing_after_the_subscriptions) {
    for (subscriber_id id = 0; id < 20; ++id) dispatcher.subscribe(id, {.weight = 1u + id % 3});
    auto events = std::string{"abcdefgh"};
    auto count = std::size_t{0};
    const auto before = allocations();
    for (int i = 0; i < 100; ++i) {
        for (subscriber_id id = 0; id < 20; ++id) count += dispatcher.ask(id, id % 4);
        count += dispatcher.dispatch(std::span{events}, [&](subscriber_id, std::span<char>) { ++count; }).size();
    }
    BOOST_TEST(allocations() == before);
    BOOST_TEST(count > 0u);
}

BOOST_AUTO_TEST_CASE(takes_a_hundred_thousand_consumers_that_come_ask_and_go) {
    constexpr subscriber_id many = 100'000;
    for (subscriber_id id = 0; id < many; ++id) dispatcher.subscribe(id);
    for (subscriber_id id = 0; id < many; ++id) BOOST_REQUIRE(dispatcher.ask(id, 2) == 2u);
    auto events = std::string(150'000, 'x');
    auto sum = std::size_t{0};
    dispatcher.dispatch(std::span{events}, [&](subscriber_id, std::span<char> part) { sum += part.size(); });
    BOOST_TEST(sum == events.size());
    for (subscriber_id id = 0; id < many; ++id) dispatcher.cancel(id);
    BOOST_TEST(dispatcher.pending() == 2 * many - events.size());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(a_round_robin_dispatcher, round_robin)

BOOST_AUTO_TEST_CASE(gives_everybody_the_same_whatever_its_weight) {
    subscribe(1, 1, 100);
    subscribe(2, 9, 100);
    subscribe(3, 0, 100);
    dispatch("abcdefghi");
    BOOST_TEST(sent == "1:abc 2:def 3:ghi");
}

BOOST_AUTO_TEST_CASE(goes_round_with_single_events) {
    for (const subscriber_id id : {1u, 2u, 3u}) subscribe(id, 1, 100);
    auto all = std::string{};
    for (int i = 0; i < 7; ++i) {
        dispatch("x");
        all += sent.front();
    }
    BOOST_TEST(all == "1231231");
}

BOOST_AUTO_TEST_CASE(goes_round_in_turns_of_a_quantum) {
    auto coarse = round_robin{{.quantum = 2}};
    for (const subscriber_id id : {1u, 2u}) coarse.subscribe(id, 1, 100);
    auto all = std::string{};
    for (int i = 0; i < 8; ++i) {
        coarse.dispatch("x");
        all += coarse.sent.front();
    }
    BOOST_TEST(all == "11221122");
}

BOOST_AUTO_TEST_SUITE_END()
