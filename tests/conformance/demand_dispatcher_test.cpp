// What GenStage's tests demand of its demand dispatcher, with their numbers.
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <sluice/detail/any_dispatcher.hpp>
#include <sluice/dispatcher/demand_dispatcher.hpp>
#include <string>

#include "conformance/letters.hpp"

using conformance::dispatch;

namespace {

constexpr sluice::subscriber_id c1 = 1;
constexpr sluice::subscriber_id c2 = 2;
constexpr sluice::subscriber_id c3 = 3;

using letters = sluice::demand_dispatcher<char>;

/// "(demand,consumer)" in serving order.
auto order(letters const& dispatcher) -> std::string {
    auto text = std::string{};
    for (auto const& [demand, id] : dispatcher.order())
        text += '(' + std::to_string(demand) + ',' + std::to_string(id) + ')';
    return text;
}

struct fixture {
    letters dispatcher;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(genstage_demand_dispatcher, fixture)

BOOST_AUTO_TEST_CASE(d3_01_subscribes_and_cancels) {
    BOOST_TEST(dispatcher.subscribe(c1) == 0u);
    BOOST_TEST(order(dispatcher) == "(0,1)");
    BOOST_TEST(dispatcher.cancel(c1) == 0u);
    BOOST_TEST(order(dispatcher) == "");
}

BOOST_AUTO_TEST_CASE(d3_02_subscribes_asks_and_cancels) {
    dispatcher.subscribe(c1);
    BOOST_TEST(dispatcher.ask(c1, 10) == 10u);
    BOOST_TEST(order(dispatcher) == "(10,1)");
    BOOST_TEST(dispatcher.pending() == 0u);
    BOOST_TEST(dispatcher.expected_max_demand().value() == 10u);
    BOOST_TEST(dispatcher.cancel(c1) == 0u);
    BOOST_TEST(order(dispatcher) == "");
    BOOST_TEST(dispatcher.pending() == 10u);

    dispatcher.subscribe(c1);
    BOOST_TEST(dispatcher.ask(c1, 5) == 0u);
    BOOST_TEST(order(dispatcher) == "(5,1)");
    BOOST_TEST(dispatcher.pending() == 5u);
    dispatcher.cancel(c1);
    BOOST_TEST(dispatcher.pending() == 10u);

    BOOST_TEST(dispatch(dispatcher, "abc").left_over == "abc");
    BOOST_TEST(dispatcher.pending() == 7u);
    BOOST_TEST(dispatch(dispatcher, "abcdefghij").left_over == "abcdefghij");
    BOOST_TEST(dispatcher.pending() == 0u);
}

BOOST_AUTO_TEST_CASE(d3_03_subscribes_twice_asks_twice_and_cancels_one) {
    dispatcher.subscribe(c1);
    dispatcher.subscribe(c2);
    BOOST_TEST(dispatcher.ask(c1, 3) == 3u);
    BOOST_TEST(dispatcher.ask(c2, 3) == 3u);
    dispatcher.cancel(c1);
    BOOST_TEST(dispatcher.pending() == 3u);
    auto const result = dispatch(dispatcher, "abcde");
    BOOST_TEST(result.sent == "2:abc");
    BOOST_TEST(result.left_over == "de");
    BOOST_TEST(dispatcher.pending() == 1u);
}

BOOST_AUTO_TEST_CASE(d3_04_subscribes_asks_and_dispatches) {
    dispatcher.subscribe(c1);
    BOOST_TEST(dispatcher.ask(c1, 3) == 3u);
    BOOST_TEST(dispatch(dispatcher, "a").sent == "1:a");
    BOOST_TEST(order(dispatcher) == "(2,1)");
    BOOST_TEST(dispatcher.ask(c1, 3) == 3u);
    BOOST_TEST(order(dispatcher) == "(5,1)");
    auto result = dispatch(dispatcher, "bcdefgh");
    BOOST_TEST(result.sent == "1:bcdef");
    BOOST_TEST(result.left_over == "gh");
    BOOST_TEST(order(dispatcher) == "(0,1)");
    result = dispatch(dispatcher, "ij");
    BOOST_TEST(result.sent == "");
    BOOST_TEST(result.left_over == "ij");
}

BOOST_AUTO_TEST_CASE(d3_05_subscribes_and_asks_with_several_consumers) {
    for (auto const id : {c1, c2, c3}) dispatcher.subscribe(id);
    dispatcher.ask(c1, 4);
    dispatcher.ask(c2, 2);
    dispatcher.ask(c3, 3);
    BOOST_TEST(order(dispatcher) == "(4,1)(3,3)(2,2)");
    BOOST_TEST(dispatcher.ask(c3, 2) == 2u);
    BOOST_TEST(order(dispatcher) == "(5,3)(4,1)(2,2)");
    BOOST_TEST(dispatcher.ask(c2, 4) == 4u);
    BOOST_TEST(order(dispatcher) == "(6,2)(5,3)(4,1)");
}

BOOST_AUTO_TEST_CASE(d3_07_dispatches_with_shuffled_demands_once) {
    for (std::uint64_t seed = 0; seed < 16; ++seed) {
        auto shuffled = letters{{.max_demand = {}, .shuffle_on_first_dispatch = true, .shuffle_seed = seed}};
        shuffled.subscribe(c1);
        shuffled.subscribe(c2);
        shuffled.ask(c1, 3);
        shuffled.ask(c2, 2);
        auto const result = dispatch(shuffled, "abcde");
        BOOST_TEST((result.sent == "1:abc 2:de" || result.sent == "2:ab 1:cde"));
        BOOST_TEST(result.left_over == "");
        shuffled.ask(c1, 3);
        shuffled.ask(c2, 2);
        BOOST_TEST(dispatch(shuffled, "abcde").sent == "1:abc 2:de");
    }
}

BOOST_AUTO_TEST_CASE(d3_08_delivers_an_info_at_once) {
    auto tested = sluice::detail::erased_dispatcher<char, letters>{letters{}};
    tested.subscribe(c1, {});
    tested.ask(c1, 3, 0);
    BOOST_TEST(!tested.hold_info(1));
    BOOST_TEST(!tested.take_due_info().has_value());
    BOOST_TEST(tested.total_demand() == 3u);
}

BOOST_AUTO_TEST_CASE(d3_09_warns_on_a_demand_mismatch) {
    auto narrow = letters{{.max_demand = 3}};
    narrow.subscribe(c1);
    BOOST_TEST(narrow.ask(c1, 4) == 4u);
    auto const mismatch = narrow.take_mismatch();
    BOOST_REQUIRE(mismatch.has_value());
    BOOST_TEST(mismatch->expected == 3u);
    BOOST_TEST(mismatch->asked == 4u);
    BOOST_TEST(mismatch->id == c1);
    narrow.ask(c1, 4);
    BOOST_TEST(narrow.take_warning().value().find('3') != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
