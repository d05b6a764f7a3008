// What a partition dispatcher does with events that their partition has not asked for.
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <sluice/detail/any_dispatcher.hpp>
#include <sluice/dispatcher/demand_dispatcher.hpp>
#include <sluice/dispatcher/partition_dispatcher.hpp>
#include <sluice/errc.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "unit/allocations.hpp"
#include "unit/dispatcher/partition_support.hpp"

using namespace partitions;

namespace {

using numbers = sluice::partition_dispatcher<int>;

/// Partition 0: even numbers, consumer 10. Partition 1: odd numbers, consumer 11.
struct parities : fixture<> {
    explicit parities(sluice::partition_options options = {}) : fixture<>(numbers(two(options), by_remainder(2))) {
        join(10, 0);
        join(11, 1);
    }

    static auto two(sluice::partition_options options) -> sluice::partition_options {
        options.partitions = 2;
        return options;
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(the_queue_of_a_partition)

BOOST_FIXTURE_TEST_CASE(keeps_the_events_until_somebody_asks, parities) {
    ask(11, 4);
    BOOST_TEST(dispatch({0, 2, 1, 4}) == "");
    BOOST_TEST(sent == "11:1");
    BOOST_TEST(dispatcher.queued() == 3u);
    BOOST_TEST(account() == "0,0");
    BOOST_TEST(ask(10, 2) == 2u);
    BOOST_TEST(sent == "10:0,2");
    BOOST_TEST(account() == "2,0");
    BOOST_TEST(dispatch({6, 8}) == "");
    BOOST_TEST(sent == "");
    BOOST_TEST(ask(10, 9) == 9u);
    BOOST_TEST(sent == "10:4,6,8");
    BOOST_TEST((dispatcher.stats(0) == sluice::partition_stats{1, 6, 0, 5, 0}));
}

BOOST_FIXTURE_TEST_CASE(goes_out_before_newer_events_even_if_nobody_flushed, parities) {
    ask(11, 3);
    dispatch({0, 2});
    dispatcher.ask(10, 3);
    BOOST_TEST(dispatch({4, 6}) == "");
    BOOST_TEST(sent == "10:0,2 10:4");
    BOOST_TEST(dispatcher.queued() == 1u);
}

BOOST_FIXTURE_TEST_CASE(goes_out_by_demand_to_several, parities) {
    join(12, 0);
    ask(11, 5);
    dispatch({0, 2, 4, 6, 8});
    dispatcher.ask(10, 1);
    dispatcher.ask(12, 2);
    dispatcher.flush(deliver());
    BOOST_TEST(sent == "12:0,2 10:4");
}

BOOST_AUTO_TEST_CASE(holds_back_the_producer_when_it_is_full_and_says_so_once) {
    auto f = parities({.queue_limit = 2});
    f.ask(11, 10);
    BOOST_TEST(f.dispatch({1, 0, 2, 3, 4, 5}) == "4,5");
    BOOST_TEST(f.sent == "11:1,3");
    BOOST_TEST(f.dispatcher.waiting() == 6u);
    BOOST_TEST(f.dispatcher.total_demand() == 0u);
    BOOST_REQUIRE(f.dispatcher.full() != nullptr);
    BOOST_TEST(*f.dispatcher.full() == 0u);
    BOOST_TEST(f.dispatcher.take_warning().value() ==
               "partition 0 holds back the producer: 2 events are queued for it and its consumers ask for no more");
    BOOST_TEST(!f.dispatcher.take_warning().has_value());
    BOOST_TEST(f.dispatch({4, 5}) == "4,5");  // nothing overtakes what the producer keeps

    BOOST_TEST(f.ask(10, 1, 2) == 1u);  // the two kept ones have been asked for already
    BOOST_TEST(f.sent == "10:0");
    BOOST_TEST(f.dispatcher.full() == nullptr);
    BOOST_TEST(f.dispatcher.total_demand() == 7u);
    BOOST_TEST(f.dispatch({4, 5, 6}) == "6");
    BOOST_TEST(f.sent == "11:5");
    BOOST_TEST(!f.dispatcher.take_warning().has_value());  // it has not been empty since
    BOOST_TEST(f.dispatcher.stats(0).held_back == 2u);

    f.ask(10, 2, 1);
    BOOST_TEST(f.sent == "10:2,4");
    BOOST_TEST(f.dispatch({6, 8, 10}) == "10");
    BOOST_TEST(f.dispatcher.take_warning().has_value());
}

BOOST_AUTO_TEST_CASE(may_be_of_no_length_and_then_holds_back_at_once) {
    auto f = parities({.queue_limit = 0});
    f.dispatcher.cancel(10);
    f.ask(11, 3);
    BOOST_TEST(f.dispatch({1, 0, 3}) == "0,3");
    BOOST_TEST(f.dispatcher.take_warning().value() == "partition 0 holds back the producer: nobody subscribes to it");
    f.join(10, 0);
    BOOST_TEST(f.ask(10, 1, 2) == 1u);
    BOOST_TEST(f.dispatch({0, 3}) == "");
    BOOST_TEST(f.sent == "10:0 11:3");
}

BOOST_AUTO_TEST_CASE(holds_back_no_longer_once_the_producer_keeps_nothing) {
    auto f = parities({.queue_limit = 0});
    f.ask(11, 3);
    BOOST_TEST(f.dispatch({0, 1}) == "0,1");
    BOOST_TEST(f.ask(11, 1, 0) == 1u);  // it has thrown them away
    BOOST_TEST(f.dispatch({1, 3}) == "");
}

BOOST_AUTO_TEST_CASE(is_kept_for_the_next_consumer_of_the_partition) {
    auto f = parities();
    f.ask(11, 3);
    f.dispatch({0, 2, 4});
    BOOST_TEST(f.cancel(10) == 0u);
    BOOST_TEST(f.dispatcher.queued() == 3u);
    BOOST_TEST(f.dropped() == "");
    f.join(20, 0);
    BOOST_TEST(f.ask(20, 5) == 5u);
    BOOST_TEST(f.sent == "20:0,2,4");
}

BOOST_AUTO_TEST_CASE(is_dropped_visibly_and_asked_for_again_if_told_to) {
    auto f = parities({.queue_limit = 2, .on_leave = sluice::on_leave::drop});
    f.join(12, 0);
    f.ask(11, 5);
    BOOST_TEST(f.dispatch({0, 2, 4}) == "4");
    BOOST_TEST(f.cancel(12) == 0u);  // not the last one
    BOOST_TEST(f.dispatcher.queued() == 2u);
    BOOST_TEST(f.dispatcher.hold_info(1));
    BOOST_TEST(f.cancel(10, 1) == 2u);
    BOOST_TEST(f.account() == "5,0");
    BOOST_TEST(f.dispatcher.queued() == 0u);
    BOOST_TEST(f.dispatcher.total_demand() == 5u);  // there is room again
    BOOST_TEST(f.due() == "1 ");
    BOOST_TEST(f.dropped() == "0,2");
    BOOST_TEST(f.dropped() == "");
    BOOST_TEST(f.dispatch({4, 1}) == "");
    BOOST_TEST(f.sent == "11:1");
    f.join(10, 0);
    f.ask(10, 1);
    BOOST_TEST(f.sent == "10:4");
}

BOOST_AUTO_TEST_CASE(is_not_asked_for_again_where_the_producer_holds_others) {
    auto f = parities({.on_leave = sluice::on_leave::drop});
    f.ask(11, 2);
    BOOST_TEST(f.dispatch({0, 2, 1, 3, 5}) == "1,3,5");
    BOOST_TEST(f.cancel(10, 3) == 0u);
    BOOST_TEST(f.dispatch({1, 3}) == "");
    BOOST_TEST(f.sent == "11:1,3");
    BOOST_TEST(f.dropped() == "0,2");
}

BOOST_AUTO_TEST_CASE(fails_the_producer_when_it_is_left_if_told_to) {
    auto f = parities({.on_leave = sluice::on_leave::fail});
    f.ask(11, 2);
    f.ask(10, 1);
    f.cancel(10);  // with nothing queued
    f.join(10, 0);
    BOOST_TEST(f.dispatch({0, 2}) == "");
    BOOST_CHECK_EXCEPTION(f.cancel(10), boost::system::system_error, [](auto const& error) {
        return error.code() == sluice::errc::partition_left &&
               std::string(error.what()).starts_with("partition 0, 2 events queued: the last consumer of a partition");
    });
    BOOST_TEST(!f.dispatcher.contains(10));
    BOOST_TEST(f.cleared() == "0,2");
}

BOOST_AUTO_TEST_CASE(can_be_cleared) {
    auto f = parities();
    f.ask(11, 4);
    f.dispatch({0, 2, 4, 1});
    BOOST_TEST(f.dispatcher.hold_info(7));
    BOOST_TEST(f.cleared() == "0,2,4");
    BOOST_TEST(f.due() == "7 ");
    BOOST_TEST(f.account() == "3,0");
    BOOST_TEST(f.dispatcher.queued() == 0u);

    f.dispatch({0, 2});
    BOOST_CHECK_THROW(f.dispatcher.clear([](int&&) { throw std::runtime_error("no room"); }), std::runtime_error);
    BOOST_TEST(f.dispatcher.queued() == 1u);
    BOOST_TEST(f.cleared() == "2");
}

BOOST_AUTO_TEST_CASE(lets_the_others_go_on_until_it_is_full_if_the_producer_is_asked_ahead) {
    auto f = parities({.queue_limit = 3, .queue_ahead = true});
    f.ask(11, 2);
    BOOST_TEST(f.dispatch({0, 2}) == "");
    BOOST_TEST(f.dispatcher.take_returned() == 2u);
    BOOST_TEST(f.account() == "2,0");
    BOOST_TEST(f.dispatch({4, 1}) == "");
    BOOST_TEST(f.sent == "11:1");
    BOOST_TEST(f.dispatcher.take_returned() == 1u);
    BOOST_TEST(f.dispatch({6}) == "6");
    BOOST_TEST(f.dispatcher.take_returned(1) == 0u);
    BOOST_TEST(*f.dispatcher.full() == 0u);

    BOOST_TEST(f.ask(10, 5, 1) == 2u);  // three were queued
    BOOST_TEST(f.sent == "10:0,2,4");
    BOOST_TEST(f.account() == "3,0");
    BOOST_TEST(f.dispatch({6, 3}) == "");
    BOOST_TEST(f.sent == "10:6 11:3");
    BOOST_TEST(f.account() == "1,0");
    f.cancel(10);
    BOOST_TEST(f.account() == "1,1");
}

BOOST_AUTO_TEST_CASE(leaves_no_demand_behind_that_it_would_have_met_had_it_been_asked_ahead) {
    auto f = parities({.queue_ahead = true});
    f.ask(11, 2);
    f.dispatch({0, 2});
    BOOST_TEST(f.dispatcher.take_returned() == 2u);
    BOOST_TEST(f.dispatcher.ask(10, 3) == 1u);
    f.cancel(10);  // before anybody flushed
    BOOST_TEST(f.account() == "3,1");
    f.join(10, 0);
    BOOST_TEST(f.ask(10, 3) == 0u);
    BOOST_TEST(f.sent == "10:0,2");
}

BOOST_AUTO_TEST_CASE(asks_for_nothing_in_place_of_dropped_events_that_were_asked_ahead) {
    auto f = parities({.on_leave = sluice::on_leave::drop, .queue_ahead = true});
    f.ask(11, 2);
    f.dispatch({0, 2});
    BOOST_TEST(f.dispatcher.take_returned() == 2u);
    BOOST_TEST(f.cancel(10) == 0u);
    BOOST_TEST(f.account() == "2,0");
    BOOST_TEST(f.dropped() == "0,2");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(an_info_of_a_partition_dispatcher, parities)

BOOST_AUTO_TEST_CASE(is_due_at_once_if_nothing_is_queued) {
    ask(10, 1);
    BOOST_TEST(!dispatcher.hold_info(1));
    BOOST_TEST(due() == "");
}

BOOST_AUTO_TEST_CASE(comes_out_when_every_partition_that_was_backed_up_has_passed_it) {
    ask(10, 2);
    ask(11, 2);
    dispatch({0, 2, 4, 6});
    dispatch({1, 3});  // beyond all demand
    ask(11, 4);
    dispatch({8, 1, 3});
    ask(10, 1);
    BOOST_TEST(sent == "10:4");
    BOOST_TEST(dispatcher.hold_info(1));
    dispatch({10, 12});
    BOOST_TEST(dispatcher.hold_info(2));
    ask(10, 1);
    BOOST_TEST(due() == "");
    ask(10, 1);
    BOOST_TEST(sent == "10:8");
    BOOST_TEST(due() == "1 ");
    ask(10, 9);
    BOOST_TEST(due() == "2 ");
    BOOST_TEST(!dispatcher.hold_info(3));
}

BOOST_AUTO_TEST_CASE(never_overtakes_an_earlier_one) {
    auto both = fixture(numbers(3, by_remainder(3)));
    for (subscriber_id id = 0; id < 3; ++id) both.join(id, id);
    both.ask(2, 3);
    both.dispatch({0, 1});
    BOOST_TEST(both.dispatcher.hold_info(1));  // behind 0 and 1
    both.ask(0, 1);
    BOOST_TEST(both.dispatcher.hold_info(2));  // behind 1
    both.dispatch({3});
    BOOST_TEST(both.dispatcher.hold_info(3));  // behind 1 and 3
    both.ask(0, 1);
    BOOST_TEST(both.due() == "");
    both.dispatcher.ask(1, 1);
    both.dispatcher.flush(both.deliver());
    BOOST_TEST(both.dispatcher.hold_info(4));  // those before it are due, and nobody has fetched them
    BOOST_TEST(both.due() == "1 2 3 4 ");
}

BOOST_AUTO_TEST_CASE(waits_for_partitions_without_consumers_too) {
    cancel(10);
    ask(11, 1);
    dispatch({0});
    BOOST_TEST(dispatcher.hold_info(1));
    BOOST_TEST(due() == "");
    join(10, 0);
    ask(10, 1);
    BOOST_TEST(due() == "1 ");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_partition_dispatcher_behind_a_stage)

BOOST_AUTO_TEST_CASE(allocates_nothing_in_the_steady_state) {
    auto dispatcher = numbers(4, [](int event) { return event % 4; });
    for (subscriber_id id = 0; id < 4; ++id) dispatcher.subscribe(id, {.partition = std::size_t{id}});
    auto events = std::vector<int>(100);
    std::iota(events.begin(), events.end(), 0);
    auto delivered = std::size_t{0};
    auto const count = [&](subscriber_id, std::span<int> part) { delivered += part.size(); };
    auto const round = [&] {
        dispatcher.ask(0, 75);
        dispatcher.ask(1, 25);
        dispatcher.dispatch(std::span(events), count);  // half of it is queued
        dispatcher.hold_info(1);
        for (subscriber_id id : {2u, 3u}) {
            dispatcher.ask(id, 25);
            dispatcher.flush(count);
        }
        while (dispatcher.take_due_info()) {}
        dispatcher.cancel(0);
        dispatcher.subscribe(0, {.partition = std::size_t{0}});
    };
    for (int i = 0; i < 100; ++i) round();  // the queues' blocks have all been used
    auto const before = allocations();
    for (int i = 0; i < 100; ++i) round();
    BOOST_TEST(allocations() == before);
    BOOST_TEST(delivered == 200u * 100u);
}

BOOST_AUTO_TEST_CASE(has_all_that_a_producer_looks_for) {
    auto options = sluice::partition_options{.partitions = 2, .on_leave = sluice::on_leave::drop};
    auto value = sluice::detail::erased_dispatcher<int, numbers>(
        numbers(options, [](int event) { return event < 0 ? std::nullopt : std::optional(event % 2); }));
    sluice::detail::any_dispatcher<int>& any = value;
    BOOST_TEST(!any.plain);
    BOOST_TEST(!any.shares);
    auto out = fixture(numbers(1));
    auto const put = [](void* to, subscriber_id id, std::span<int> part) {
        static_cast<fixture<>*>(to)->note(id, part);
        if (part[0] == 99) throw std::runtime_error("no room");
    };
    auto const deliver = sluice::detail::delivery<int>{&out, put};
    any.subscribe(0, {.partition = 0});
    any.subscribe(1, {.partition = 1});
    any.ask(1, 4, 0);
    auto events = std::vector{0, 1, -1, 2, 3};
    BOOST_TEST(any.dispatch(std::span(events), deliver).empty());
    BOOST_TEST(out.sent == "1:1,3");
    BOOST_TEST(any.take_returned(1) == 0u);
    BOOST_TEST(any.queued() == 2u);
    BOOST_TEST(any.hold_info(5));
    BOOST_TEST(any.cancel(0, 1) == 1u);
    auto dropped = std::vector<int>();
    auto drop = [&](int&& event) { dropped.push_back(event); };
    any.take_dropped(sluice::detail::event_sink<int>::of(drop));
    BOOST_TEST((dropped == std::vector{0, 2}));
    BOOST_TEST(any.take_due_info().value() == 5u);

    any.ask(1, 3, 0);
    auto last = std::vector{0, 99, 2};
    BOOST_CHECK_THROW(any.dispatch(std::span(last), deliver), std::runtime_error);
    BOOST_TEST((any.was_taken(0, 0) && any.was_taken(1, 0) && any.was_taken(2, 0)));
    BOOST_TEST(!any.was_taken(3, 9));
}

BOOST_AUTO_TEST_CASE(is_guessed_to_take_from_the_front_if_it_does_not_say) {
    auto plain = sluice::detail::erased_dispatcher<int, sluice::demand_dispatcher<int>>({});
    BOOST_TEST(plain.was_taken(1, 2));
    BOOST_TEST(!plain.was_taken(2, 2));
    auto drop = [](int&&) { BOOST_ERROR("there are none"); };
    plain.take_dropped(sluice::detail::event_sink<int>::of(drop));
    BOOST_TEST(plain.take_returned(3) == 0u);
    BOOST_TEST(plain.cancel(1, 3) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
