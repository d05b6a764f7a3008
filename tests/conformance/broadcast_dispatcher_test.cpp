// What GenStage's tests demand of its broadcast dispatcher, with their numbers. `surplus` is a consumer's demand beyond
// the common one, `total_demand` the common one (`waiting`), `requested` what the producer was asked for and owes.
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <sluice/detail/any_dispatcher.hpp>
#include <sluice/dispatcher/broadcast_dispatcher.hpp>
#include <span>
#include <string>
#include <vector>

#include "conformance/letters.hpp"

using conformance::dispatch;

namespace {

constexpr sluice::subscriber_id c1 = 1;
constexpr sluice::subscriber_id c2 = 2;

struct fixture {
    /// The two numbers that the dispatcher as a whole has.
    void check(std::size_t waiting, std::size_t requested) const {
        BOOST_TEST(dispatcher.total_demand() == waiting);
        BOOST_TEST(dispatcher.requested() == requested);
    }

    sluice::broadcast_dispatcher<char> dispatcher;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(genstage_broadcast_dispatcher, fixture)

BOOST_AUTO_TEST_CASE(d4_01_subscribes_and_cancels) {
    BOOST_TEST(dispatcher.subscribe(c1) == 0u);
    BOOST_TEST(dispatcher.contains(c1));
    BOOST_TEST(dispatcher.surplus(c1) == 0u);
    check(0, 0);
    BOOST_TEST(dispatcher.cancel(c1) == 0u);
    BOOST_TEST(dispatcher.size() == 0u);
    check(0, 0);
}

BOOST_AUTO_TEST_CASE(d4_02_subscribes_asks_and_cancels) {
    dispatcher.subscribe(c1);
    BOOST_TEST(dispatcher.ask(c1, 10) == 10u);
    BOOST_TEST(dispatcher.surplus(c1) == 0u);
    check(10, 10);
    BOOST_TEST(dispatcher.cancel(c1) == 0u);
    check(0, 10);
    auto const result = dispatch(dispatcher, "123");
    BOOST_TEST(result.sent == "");
    BOOST_TEST(result.left_over == "123");
    // GenStage: 10 still. Here the three are in the producer's buffer from now on, and seven are owed: together 10.
    check(0, 7);
    dispatcher.subscribe(c2);
    BOOST_TEST(dispatcher.ask(c2, 10, 3) == 0u);
}

BOOST_AUTO_TEST_CASE(d4_03_multiple_subscriptions_with_early_demand) {
    dispatcher.subscribe(c1);
    BOOST_TEST(dispatcher.ask(c1, 10) == 10u);
    BOOST_TEST(dispatcher.subscribe(c2) == 0u);
    BOOST_TEST(dispatcher.surplus(c2) == 0u);
    BOOST_TEST(dispatcher.surplus(c1) == 10u);
    check(0, 10);
    BOOST_TEST(dispatcher.cancel(c1) == 0u);
    BOOST_TEST(dispatcher.surplus(c2) == 0u);
    check(0, 10);
    BOOST_TEST(dispatcher.ask(c2, 10) == 0u);  // requested already
    BOOST_TEST(dispatcher.surplus(c2) == 0u);
    check(10, 10);
}

BOOST_AUTO_TEST_CASE(d4_04_multiple_subscriptions_with_late_demand) {
    dispatcher.subscribe(c1);
    dispatcher.subscribe(c2);
    BOOST_TEST(dispatcher.ask(c1, 10) == 0u);
    BOOST_TEST(dispatcher.surplus(c1) == 10u);
    BOOST_TEST(dispatcher.surplus(c2) == 0u);
    check(0, 0);
    BOOST_TEST(dispatcher.cancel(c2) == 10u);
    BOOST_TEST(dispatcher.surplus(c1) == 0u);
    check(10, 10);
    BOOST_TEST(dispatcher.ask(c1, 10) == 10u);
    BOOST_TEST(dispatcher.surplus(c1) == 0u);
    check(20, 20);
}

BOOST_AUTO_TEST_CASE(d4_06_subscribes_asks_dispatches_and_repeats) {
    dispatcher.subscribe(c1);
    BOOST_TEST(dispatcher.ask(c1, 10) == 10u);
    auto result = dispatch(dispatcher, "abc");
    BOOST_TEST(result.sent == "1:abc");
    BOOST_TEST(result.left_over == "");
    check(7, 7);
    BOOST_TEST(dispatcher.subscribe(c2) == 0u);
    BOOST_TEST(dispatcher.surplus(c2) == 0u);
    BOOST_TEST(dispatcher.surplus(c1) == 7u);
    check(0, 7);
    BOOST_TEST(dispatcher.ask(c2, 20) == 0u);
    BOOST_TEST(dispatcher.surplus(c2) == 13u);
    BOOST_TEST(dispatcher.surplus(c1) == 0u);
    check(7, 7);
    result = dispatch(dispatcher, "defghij");
    BOOST_TEST(result.sent == "1:defghij 2:defghij");
    BOOST_TEST(result.left_over == "");
    check(0, 0);
}

BOOST_AUTO_TEST_CASE(d4_07_subscribes_asks_cancels_and_reuses_the_events_for_another_subscriber) {
    dispatcher.subscribe(c1);
    BOOST_TEST(dispatcher.ask(c1, 10) == 10u);
    BOOST_TEST(dispatcher.cancel(c1) == 0u);
    BOOST_TEST(dispatcher.subscribe(c2) == 0u);
    BOOST_TEST(dispatcher.ask(c2, 5) == 0u);
    check(5, 10);
    auto const result = dispatch(dispatcher, "abc");
    BOOST_TEST(result.sent == "2:abc");
    BOOST_TEST(result.left_over == "");
    check(2, 7);
}

BOOST_AUTO_TEST_CASE(d4_09_subscribing_with_a_selector_function) {
    auto keys = sluice::broadcast_dispatcher<std::string>{};
    auto const starting = [](std::string prefix) {
        return sluice::subscriber<std::string>{
            .selector = [prefix](std::string const& key) { return key.starts_with(prefix); }};
    };
    BOOST_TEST(keys.subscribe(c1, starting("pre")) == 0u);
    BOOST_TEST(keys.subscribe(c2, starting("pref")) == 0u);
    BOOST_TEST(keys.ask(c1, 4) == 0u);
    BOOST_TEST(keys.ask(c2, 4) == 4u);

    auto events = std::vector<std::string>{"pref-1234", "pref-5678", "pre0000", "foo0000"};
    auto received = std::vector<std::vector<std::string>>(3);
    auto const left = keys.dispatch(std::span{events}, [&](sluice::subscriber_id to, std::span<std::string> part) {
        received[to].insert(received[to].end(), part.begin(), part.end());
    });
    BOOST_TEST(left.empty());
    BOOST_TEST(received[c1] == (std::vector<std::string>{"pref-1234", "pref-5678", "pre0000"}),
               boost::test_tools::per_element());
    BOOST_TEST(received[c2] == (std::vector<std::string>{"pref-1234", "pref-5678"}), boost::test_tools::per_element());
    // Asked again on their behalf: 1 for the first and 2 for the second, so that 1 is common.
    BOOST_TEST(keys.demand(c1) == 1u);
    BOOST_TEST(keys.demand(c2) == 2u);
    BOOST_TEST(keys.take_returned() == 1u);
}

BOOST_AUTO_TEST_CASE(d4_10_delivers_an_info_at_once) {
    using erased = sluice::detail::erased_dispatcher<char, sluice::broadcast_dispatcher<char>>;
    auto tested = erased{sluice::broadcast_dispatcher<char>{}};
    tested.subscribe(c1, {});
    tested.ask(c1, 3, 0);
    BOOST_TEST(!tested.hold_info(1));
    BOOST_TEST(!tested.take_due_info().has_value());
    BOOST_TEST(tested.total_demand() == 3u);
}

BOOST_AUTO_TEST_CASE(d4_11_subscribing_is_idempotent) {
    int stage = 0;
    BOOST_TEST(dispatcher.subscribe(c1, {.consumer = &stage}) == 0u);
    dispatcher.ask(c1, 10);
    BOOST_CHECK_EXCEPTION(dispatcher.subscribe(c2, {.consumer = &stage}), boost::system::system_error,
                          [](auto const& refused) { return refused.code() == sluice::errc::already_subscribed; });
    BOOST_TEST(dispatcher.size() == 1u);
    check(10, 10);
}

BOOST_AUTO_TEST_SUITE_END()
