// GenStage's tests of its PartitionDispatcher with their numbers; and its defects, absent.
#include <any>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <optional>
#include <sluice/dispatcher/partition_dispatcher.hpp>
#include <sluice/errc.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "conformance/phash2.hpp"
#include "unit/dispatcher/partition_support.hpp"

using namespace partitions;
using conformance::phash2_of_2;
using conformance::phash2_of_4;

namespace {

using numbers = sluice::partition_dispatcher<int>;
using names = sluice::partition_dispatcher<int, std::string>;

/// Two partitions, by the table.
struct two_partitions : fixture<> {
    two_partitions() : fixture<>(numbers(2, phash2_of_2)) {}
    explicit two_partitions(sluice::partition_options options) : fixture<>(numbers(options, phash2_of_2)) {}
};

auto parity(int event) -> char const* { return event % 2 == 0 ? "even" : "odd"; }

auto says(sluice::errc code, std::string_view part) {
    return [code, part](boost::system::system_error const& error) {
        return error.code() == code && std::string_view(error.what()).find(part) != std::string_view::npos;
    };
}

struct hash_with_a_bad_value {
    auto operator()(int) const -> std::vector<int> { return {}; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(genstage_partition_dispatcher)

BOOST_FIXTURE_TEST_CASE(d5_1_subscribes_asks_and_cancels, two_partitions) {
    join(0, 0);
    BOOST_TEST(ask(0, 10) == 10u);
    BOOST_TEST(account() == "10,0");
    BOOST_TEST(cancel(0) == 0u);
    BOOST_TEST(account() == "10,10");
    join(0, 1);
    BOOST_TEST(ask(0, 5) == 0u);
    BOOST_TEST(account() == "10,5");
    BOOST_TEST(cancel(0) == 0u);
    BOOST_TEST(account() == "10,10");
    BOOST_TEST(dispatch({0, 1, 2, 3}) == "");
    BOOST_TEST(sent == "");
    BOOST_TEST(account() == "6,10");
    BOOST_TEST(dispatcher.queued() == 4u);
}

BOOST_AUTO_TEST_CASE(d5_2_subscribes_asks_and_dispatches) {
    auto f = fixture(numbers(1));
    f.join(0, 0);
    BOOST_TEST(f.ask(0, 3) == 3u);
    BOOST_TEST(f.dispatch({1}) == "");
    BOOST_TEST(f.sent == "0:1");
    BOOST_TEST(f.account() == "2,0");
    BOOST_TEST(f.ask(0, 3) == 3u);
    BOOST_TEST(f.account() == "5,0");
    BOOST_TEST(f.dispatch({2, 5, 6, 7, 8, 9, 11}) == "9,11");
    BOOST_TEST(f.sent == "0:2,5,6,7,8");
    BOOST_TEST(f.account() == "0,0");
}

BOOST_AUTO_TEST_CASE(d5_3_subscribes_asks_and_dispatches_to_custom_partitions) {
    auto f = fixture(names({"odd", "even"}, parity));
    f.join(0, "odd");
    BOOST_TEST(f.ask(0, 3) == 3u);
    BOOST_TEST(f.dispatch({1}) == "");
    BOOST_TEST(f.sent == "0:1");
    BOOST_TEST(f.account() == "2,0");
    BOOST_TEST(f.ask(0, 3) == 3u);
    BOOST_TEST(f.account() == "5,0");
    BOOST_TEST(f.dispatch({5, 7, 9, 11, 13, 15, 17}) == "15,17");
    BOOST_TEST(f.sent == "0:5,7,9,11,13");
    BOOST_TEST(f.account() == "0,0");
}

BOOST_AUTO_TEST_CASE(d5_4_subscribes_asks_and_dispatches_to_partitions_or_none) {
    auto f = fixture(names({"odd", "even"}, [](int event) -> std::optional<std::string> {
        if (event % 3 == 0) return std::nullopt;
        return parity(event);
    }));
    f.join(0, "odd");
    f.join(1, "even");
    BOOST_TEST(f.ask(0, 4) == 4u);
    BOOST_TEST(f.ask(1, 4) == 4u);
    BOOST_TEST(f.account() == "8,0");
    BOOST_TEST(f.dispatch({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}) == "12");
    BOOST_TEST(f.sent == "0:1,5,7,11 1:2,4,8,10");
    BOOST_TEST(f.account() == "0,0");
}

BOOST_FIXTURE_TEST_CASE(d5_5_buffers_events_before_subscription, two_partitions) {
    join(1, 1);
    BOOST_TEST(ask(1, 5) == 5u);
    BOOST_TEST(dispatch({1, 2, 5, 6, 7}) == "");
    BOOST_TEST(account() == "0,0");
    BOOST_TEST(sent == "");
    BOOST_TEST(dispatch({8, 9}) == "8,9");
    BOOST_TEST(account() == "0,0");
    join(0, 0);
    BOOST_TEST(ask(0, 5) == 5u);
    BOOST_TEST(sent == "0:1,2,5,6,7");
    BOOST_TEST(account() == "5,0");
    BOOST_TEST(dispatch({1, 2}) == "");
    BOOST_TEST(account() == "3,0");
}

BOOST_FIXTURE_TEST_CASE(d5_8_delivers_an_info_at_once_if_no_partition_is_backed_up, two_partitions) {
    join(0, 0);
    join(1, 1);
    BOOST_TEST(ask(1, 3) == 3u);
    auto const before = account();
    BOOST_TEST(!dispatcher.hold_info(1));
    BOOST_TEST(account() == before);
}

BOOST_FIXTURE_TEST_CASE(d5_9_does_not_queue_an_info_for_consumers_that_do_not_exist, two_partitions) {
    BOOST_TEST(!dispatcher.hold_info(1));
}

BOOST_FIXTURE_TEST_CASE(d5_10_queues_an_info_to_backed_up_consumers, two_partitions) {
    join(0, 0);
    join(1, 1);
    BOOST_TEST(ask(1, 3) == 3u);
    BOOST_TEST(dispatch({1, 2, 5}) == "");
    BOOST_TEST(dispatcher.hold_info(1));
    BOOST_TEST(due() == "");
    BOOST_TEST(ask(0, 5) == 5u);
    BOOST_TEST(sent == "0:1,2,5");
    BOOST_TEST(due() == "1 ");
}

BOOST_AUTO_TEST_CASE(d5_11_raises_on_an_unknown_partition) {
    auto f = fixture(names({"odd", "even"}, [](int) { return "oops"; }));
    f.join(0, "odd");
    f.ask(0, 3);
    BOOST_CHECK_EXCEPTION(f.dispatch({1}), boost::system::system_error,
                          says(sluice::errc::unknown_partition, "\"oops\", not one of [\"odd\", \"even\"]"));
}

BOOST_AUTO_TEST_CASE(d5_12_a_hash_that_returns_a_bad_value_does_not_compile) {
    static_assert(!std::is_constructible_v<numbers, std::size_t, hash_with_a_bad_value>);
    static_assert(!std::is_constructible_v<names, std::vector<std::string>, hash_with_a_bad_value>);
    BOOST_TEST((std::is_constructible_v<numbers, std::size_t, decltype(&phash2_of_2)>));
}

BOOST_AUTO_TEST_CASE(d5_13_errors_on_init) {
    BOOST_CHECK_EXCEPTION(numbers{sluice::partition_options()}, boost::system::system_error,
                          says(sluice::errc::invalid_option, "partition_options::partitions must be at least 1"));
    static_assert(!std::is_constructible_v<names, std::vector<std::string>>, "names need a hash");
    BOOST_CHECK_EXCEPTION(names(std::vector<std::string>(), parity), boost::system::system_error,
                          says(sluice::errc::invalid_option, "the list of keys must not be empty"));
}

BOOST_FIXTURE_TEST_CASE(d5_14_errors_on_subscribe, two_partitions) {
    auto const refuses = [this](std::any partition, std::string_view part) {
        BOOST_CHECK_EXCEPTION(dispatcher.subscribe(0, {.partition = std::move(partition)}), boost::system::system_error,
                              says(sluice::errc::invalid_option, part));
    };
    refuses({}, "partition must be given");
    refuses(-1, "partition must be one of [0, 1] (got -1)");
    refuses(2, "partition must be one of [0, 1] (got 2)");
    refuses("oops", "partition must be one of [0, 1]");
    // On purpose not as in GenStage: a partition may have several consumers.
    join(0, 0);
    join(1, 0);
    BOOST_TEST(dispatcher.stats(0).subscribers == 2u);
}

BOOST_AUTO_TEST_CASE(spreads_events_as_phash2_does) {
    auto f = fixture(numbers(4, phash2_of_4));
    for (subscriber_id id = 0; id < 4; ++id) {
        f.join(id, id);
        f.ask(id, 100);
    }
    auto events = std::vector<int>();
    for (int i = 1; i <= 100; ++i) events.push_back(i);
    BOOST_TEST(f.dispatch(events) == "");
    BOOST_TEST(f.dispatcher.stats(0).delivered == 19u);
    BOOST_TEST(f.dispatcher.stats(1).delivered == 30u);
    BOOST_TEST(f.dispatcher.stats(2).delivered == 28u);
    BOOST_TEST(f.dispatcher.stats(3).delivered == 23u);
    BOOST_CHECK_THROW(phash2_of_4(101), std::out_of_range);
    BOOST_CHECK_THROW(phash2_of_2(20), std::out_of_range);
}

BOOST_AUTO_TEST_SUITE_END()

// What GenStage 1.3.2 does wrong, and this does not.
BOOST_AUTO_TEST_SUITE(defects_of_genstage_partition_dispatcher)

BOOST_AUTO_TEST_CASE(events_that_nobody_wants_do_not_stall_the_flow) {
    // Multiples of a thousand are wanted, ten at a time. There the consumer gets 0 and the producer is asked no more.
    auto f = fixture(numbers(1, [](int event) { return event % 1000 == 0 ? std::optional(0) : std::nullopt; }));
    f.join(0, 0);
    auto wanted = f.ask(0, 10);
    auto next = 0;
    while (wanted > 0) {
        auto events = std::vector<int>();
        for (; wanted > 0; --wanted) events.push_back(next++);
        f.dispatcher.dispatch(std::span(events), f.deliver());
        wanted += f.dispatcher.take_returned();
    }
    BOOST_TEST(f.dispatcher.stats(0).delivered == 10u);
    BOOST_TEST(next == 9001);
}

BOOST_AUTO_TEST_CASE(queues_are_bounded_and_counted) {
    auto f = two_partitions({.partitions = 2, .queue_limit = 3});
    f.join(0, 0);
    f.join(1, 1);
    f.ask(1, 10);
    BOOST_TEST(f.dispatch({1, 2, 5, 6, 7}) == "6,7");  // all for partition 0
    BOOST_TEST(f.dispatcher.queued() == 3u);
    BOOST_TEST(*f.dispatcher.full() == 0u);
    BOOST_TEST(f.dispatcher.stats(0).held_back == 1u);
    BOOST_TEST(f.dispatcher.take_warning().has_value());
}

BOOST_FIXTURE_TEST_CASE(queued_events_are_not_lost_when_their_consumer_leaves, two_partitions) {
    join(0, 0);
    join(1, 1);
    ask(0, 2);
    ask(1, 4);
    BOOST_TEST(dispatch({1, 2, 5, 6, 7, 8}) == "");
    BOOST_TEST(sent == "0:1,2");
    BOOST_TEST(cancel(0) == 0u);
    join(2, 0);
    BOOST_TEST(ask(2, 4) == 4u);
    BOOST_TEST(sent == "2:5,6,7,8");
}

BOOST_AUTO_TEST_CASE(queued_events_that_are_dropped_are_shown) {
    auto f = two_partitions({.partitions = 2, .on_leave = sluice::on_leave::drop});
    f.join(0, 0);
    f.join(1, 1);
    f.ask(0, 2);
    f.ask(1, 4);
    BOOST_TEST(f.dispatch({1, 2, 5, 6, 7, 8}) == "");
    BOOST_TEST(f.cancel(0) == 4u);
    BOOST_TEST(f.dropped() == "5,6,7,8");
}

BOOST_AUTO_TEST_CASE(a_hash_that_throws_leaves_nothing_half_done) {
    auto f = fixture(numbers(2, [](int event) -> int {
        if (event == 3) throw std::runtime_error("no hash");
        return event;
    }));
    f.join(0, 0);
    f.join(1, 1);
    f.ask(0, 5);
    f.ask(1, 5);
    BOOST_CHECK_THROW(f.dispatch({0, 1, 0, 3}), std::runtime_error);
    BOOST_CHECK_EXCEPTION(f.dispatch({0, 1, 0, 2}), boost::system::system_error,
                          says(sluice::errc::unknown_partition, "2, not one of [0, 1]"));
    BOOST_TEST(f.sent == "");
    BOOST_TEST(f.account() == "10,0");
    BOOST_TEST(f.dispatch({0, 1, 0}) == "");
    BOOST_TEST(f.sent == "0:0,0 1:1");
}

BOOST_AUTO_TEST_CASE(a_hot_partition_does_not_starve_the_others_if_the_producer_is_asked_ahead) {
    auto f = two_partitions({.partitions = 2, .queue_limit = 100, .queue_ahead = true});
    f.join(1, 1);
    auto wanted = f.ask(1, 2);
    auto got = std::size_t{0};
    for (int round = 0; round < 20; ++round) {
        BOOST_REQUIRE(wanted > 0);
        BOOST_TEST(f.dispatch({1, 0}) == "");  // one that nobody asks for, and one that somebody does
        wanted = wanted - 2 + f.dispatcher.take_returned() + f.ask(1, 1);
        ++got;
    }
    BOOST_TEST(f.dispatcher.stats(1).delivered == got);
    BOOST_TEST(f.dispatcher.queued() == 20u);
}

BOOST_AUTO_TEST_SUITE_END()
