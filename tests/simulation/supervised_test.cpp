// Pipelines whose stages fail at random moments and are made anew.
#include <boost/test/unit_test.hpp>

#include "exploring.hpp"
#include "supervised.hpp"

BOOST_AUTO_TEST_SUITE(supervised_pipelines)

BOOST_AUTO_TEST_CASE(with_redelivery_each_event_arrives_once_whoever_fails_whenever) {
    auto const report = sluice::testing::explore({.name = "supervised", .seeds = graphs::schedules(3'000)},
                                                 supervised_scenarios::run_chain);
    BOOST_TEST(report.passed());
}

BOOST_AUTO_TEST_CASE(each_event_of_a_supervised_fan_arrives_or_is_reported_under_any_strategy) {
    auto const report = sluice::testing::explore({.name = "supervised fan", .seeds = graphs::schedules(10'000)},
                                                 supervised_scenarios::run_fan);
    BOOST_TEST(report.passed());
}

BOOST_AUTO_TEST_SUITE_END()
