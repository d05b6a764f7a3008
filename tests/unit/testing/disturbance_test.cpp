#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <sluice/testing/explore.hpp>
#include <sstream>

#include "scenarios.hpp"

namespace {

namespace asio = boost::asio;
using namespace sluice::testing;
using namespace testing_scenarios;

}  // namespace

BOOST_AUTO_TEST_SUITE(testing_disturbance)

BOOST_AUTO_TEST_CASE(a_stop_after_every_step_leaves_nothing_behind) {
    auto const report = after_every_step(quietly(4), busy_scenario, [](simulation& home) { home.stop(); });
    BOOST_TEST(report.passed(), report);
    BOOST_TEST(report.schedules > 4U * 20U);
}

BOOST_AUTO_TEST_CASE(destroying_the_context_after_every_step_leaves_nothing_behind) {
    auto const destroy = [](simulation& home) { home.destroy_context(); };
    auto const report = after_every_step(quietly(4), busy_scenario, destroy);
    BOOST_TEST(report.passed(), report);
    BOOST_TEST(report.schedules > 4U * 20U);
    auto const offices = after_every_step(
        quietly(20), [](simulation& home) { post_office(home, false); }, destroy);
    BOOST_TEST(offices.passed(), offices);
}

BOOST_AUTO_TEST_CASE(the_step_after_which_a_disturbance_does_harm_is_named) {
    // A handler between the third and the fifth holds what nobody frees when the run is abandoned.
    auto const run = [](simulation& home) {
        std::optional<int> open;
        home.expect_none("open door(s)", [] { return std::size_t{0}; });
        int step = 0;
        for (int i = 0; i < 6; ++i) {
            asio::post(home, [&] {
                ++step;
                if (step == 3) open = 1;
                if (step == 5) open.reset();
            });
        }
        home.run();
        invariant(!open, "the door was left open");
    };
    auto options = quietly(1);
    options.stop_after_failures = 10;
    std::ostringstream out;
    options.quiet = false;
    options.out = &out;
    auto const report = after_every_step(options, run, [](simulation& home) { home.stop(); });
    BOOST_TEST(report.schedules == 6U);
    BOOST_TEST(report.failures == 2U);
    BOOST_REQUIRE(report.first_failure);
    BOOST_TEST(report.first_failure->after_step == 3U);
    BOOST_TEST(contains(out.str(), "seed 0 fails, disturbed after step 3"), out.str());
    BOOST_TEST(contains(out.str(), "SLUICE_SEED=0\n"), out.str());

    auto const broken = after_every_step(
        quietly(3), [](simulation&) { fail("always"); }, [](simulation&) {});
    BOOST_TEST(broken.failures == 1U);  // fails undisturbed: that is told, once
    BOOST_TEST(broken.first_failure->after_step == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
