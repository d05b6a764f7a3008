// One producer, every kind of dispatcher, consumers that come and go. What must hold is in fans.cpp.
#include "fans.hpp"
#include "exploring.hpp"

namespace {

auto explore_fans(char const* name, fans::profile const& may, std::size_t n) -> sluice::testing::exploration_report {
    sluice::testing::explore_options const options{
        .name = name, .seeds = graphs::schedules(n), .simulation = graphs::within_bounds};
    auto const report =
        sluice::testing::explore(options, [&](sluice::testing::simulation& home) { fans::run_random_fan(home, may); });
    BOOST_TEST_MESSAGE(name << ": " << report);
    return report;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fans_of_consumers)

BOOST_AUTO_TEST_CASE(each_event_reaches_whom_the_dispatcher_has_to_choose) {
    BOOST_TEST(explore_fans("fans", {}, 20'000).passed());
}

BOOST_AUTO_TEST_CASE(selectors_and_unwanted_events_keep_moving_with_a_demand_of_one) {
    BOOST_TEST(explore_fans("broadcast", {.dispatcher = fans::kind::broadcast}, 10'000).passed());
    BOOST_TEST(explore_fans("partitions", {.dispatcher = fans::kind::partitions}, 10'000).passed());
}

BOOST_AUTO_TEST_CASE(whoever_comes_or_goes_costs_nobody_else_an_event) {
    BOOST_TEST(explore_fans("comings and goings", {.disturbances = 5}, 30'000).passed());
}

BOOST_AUTO_TEST_CASE(what_is_pushed_is_delivered_or_reported_whichever_end_the_buffer_keeps) {
    BOOST_TEST(explore_fans("pushes", {.disturbances = 6, .pushes = true}, 20'000).passed());
}

BOOST_AUTO_TEST_CASE(what_a_consumer_that_fails_had_in_its_hands_goes_to_others) {
    BOOST_TEST(explore_fans("redelivery", {.redeliver = true}, 20'000).passed());
    BOOST_TEST(explore_fans("redelivery, comings and goings", {.disturbances = 5, .redeliver = true}, 20'000).passed());
}

BOOST_AUTO_TEST_SUITE_END()
