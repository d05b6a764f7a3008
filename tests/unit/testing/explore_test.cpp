#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <sluice/testing/choosers.hpp>
#include <sluice/testing/explore.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "scenarios.hpp"

namespace {

namespace asio = boost::asio;
using namespace sluice::testing;
using namespace testing_scenarios;

/// Sets an environment variable for as long as it lives.
class environment_variable {
public:
    environment_variable(char const* name, char const* value) : name_{name} { ::setenv(name, value, 1); }
    environment_variable(environment_variable const&) = delete;
    auto operator=(environment_variable const&) -> environment_variable& = delete;
    ~environment_variable() { ::unsetenv(name_); }

private:
    char const* name_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(testing_explore)

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_schedule) {
    auto options = quietly(2000);
    options.check_determinism = true;
    auto const report = explore(options, busy_scenario);
    BOOST_TEST(report.passed(), report);
    BOOST_TEST(report.schedules == 2000U);
    BOOST_TEST(report.distinct > 1500U);
    BOOST_TEST(report.steps > 2000U * 10U);
}

BOOST_AUTO_TEST_CASE(a_scenario_with_a_will_of_its_own_is_found_out) {
    auto options = quietly(10);
    options.check_determinism = true;
    int runs = 0;
    auto const report = explore(options, [&](simulation& home) {
        ++runs;
        for (int i = 0; i < runs; ++i) asio::post(home, [] {});
        home.run();
    });
    BOOST_REQUIRE(report.first_failure);
    BOOST_TEST(!report.first_failure->deterministic);
    BOOST_TEST(contains(report.first_failure->text, "went otherwise"));
}

BOOST_AUTO_TEST_CASE(a_lost_wake_up_is_found_by_seeds_and_not_by_first_in_first_out) {
    auto const report = explore(quietly(100), [](simulation& home) { post_office(home, true); });
    BOOST_REQUIRE(report.first_failure);
    BOOST_TEST(report.first_failure->seed < 100U);
    BOOST_TEST(contains(report.first_failure->text, "nobody woke"));
    BOOST_TEST(report.first_failure->deterministic);

    fifo_chooser in_order;
    simulation home{in_order};
    post_office(home, true);  // does not throw

    BOOST_TEST(explore(quietly(1000), [](simulation& s) { post_office(s, false); }).passed());
}

BOOST_AUTO_TEST_CASE(an_exhaustive_exploration_counts_the_orders_of_a_tiny_program) {
    auto const independent = [](std::size_t n) {
        return [n](simulation& home) {
            for (std::size_t i = 0; i < n; ++i) asio::post(home, [] {});
            home.run();
        };
    };
    auto const three = explore_exhaustively(1000, independent(3));
    BOOST_TEST(three.schedules == 6U);
    BOOST_TEST(three.distinct == 6U);
    BOOST_TEST(three.exhausted);
    BOOST_TEST(three.passed());
    BOOST_TEST(explore_exhaustively(1000, independent(5)).schedules == 120U);
    auto const limited = explore_exhaustively(100, independent(5));
    BOOST_TEST(limited.schedules == 100U);
    BOOST_TEST(!limited.exhausted);

    // Two chains of two: 4! / (2! 2!) orders.
    auto const chains = explore_exhaustively(1000, [](simulation& home) {
        for (int i = 0; i < 2; ++i) asio::post(home, [&home] { asio::post(home, [] {}); });
        home.run();
    });
    BOOST_TEST(chains.schedules == 6U);
}

BOOST_AUTO_TEST_CASE(an_exhaustive_exploration_finds_the_one_order_that_fails) {
    auto options = quietly(1);
    options.simulation = order_alone();
    auto const run = [](simulation& home) {
        int next = 3;
        for (int i = 0; i < 4; ++i) {
            asio::post(home, [&next, i] {
                if (i == next) --next;
            });
        }
        home.run();
        invariant(next >= 0, "counted down");
    };
    auto const report = explore_exhaustively(1000, run, options);
    BOOST_REQUIRE(report.first_failure);
    BOOST_TEST(to_string(report.first_failure->decisions) == "3/4 2/3 1/2");
    BOOST_TEST(report.first_failure->seed == 23U);  // the last of 24

    options.stop_after_failures = 100;
    std::ostringstream out;
    options.quiet = false;
    options.out = &out;
    BOOST_TEST(explore_exhaustively(1000, run, options).failures == 1U);
    BOOST_TEST(contains(out.str(), "schedule 23 fails"), out.str());
    BOOST_TEST(contains(out.str(), "replay(parse_trace(\"3/4 2/3 1/2\"), scenario)"), out.str());
}

BOOST_AUTO_TEST_CASE(a_failure_is_told_with_seed_decisions_and_how_to_run_it_again) {
    std::ostringstream out;
    explore_options options{.name = "the lossy post office", .seeds = 100, .out = &out, .heed_environment = false};
    auto const run = [](simulation& home) { post_office(home, true); };
    auto const report = explore(options, run);
    BOOST_REQUIRE(report.first_failure);
    auto const& failure = *report.first_failure;
    auto const seed = std::to_string(failure.seed);
    BOOST_TEST(contains(out.str(), "the lossy post office: seed " + seed + " fails"), out.str());
    BOOST_TEST(contains(out.str(), "nobody woke"));
    BOOST_TEST(contains(out.str(), "decisions: " + to_string(failure.decisions)));
    BOOST_TEST(contains(out.str(), "SLUICE_SEED=" + seed));
    BOOST_TEST(contains(out.str(), "SLUICE_TRACE='" + to_string(failure.shrunk) + "'"));
    std::ostringstream summary;
    summary << report;
    BOOST_TEST(contains(summary.str(), "1 failed; first: seed " + seed));

    // The seed alone, and each of the traces, fails in the same way.
    BOOST_TEST(failure.shrunk.deviations() <= failure.decisions.deviations());
    options.first_seed = failure.seed;
    options.seeds = 1;
    options.quiet = true;
    auto const by_seed = explore(options, run);
    BOOST_REQUIRE(by_seed.first_failure);
    BOOST_TEST(by_seed.first_failure->text == failure.text);
    BOOST_CHECK(by_seed.first_failure->decisions == failure.decisions);
    auto const by_trace = replay(parse_trace(to_string(failure.decisions)), run);
    BOOST_REQUIRE(by_trace);
    BOOST_TEST(by_trace->text == failure.text);
    auto const by_shrunk = replay(failure.shrunk, run);
    BOOST_REQUIRE(by_shrunk);
    BOOST_TEST(by_shrunk->text == failure.shrunk_text);
    BOOST_TEST(!replay(trace{}, run).has_value());
}

BOOST_AUTO_TEST_CASE(the_environment_says_which_seeds_run_instead) {
    std::vector<std::size_t> drawn;
    auto const run = [&](simulation&, chooser& decider) { drawn.push_back(decider.choose(1'000'000'000)); };
    explore_options const options{.name = "environment", .seeds = 10};
    explore(options, run);
    auto const all = std::exchange(drawn, {});
    BOOST_TEST(all.size() == 10U);
    {
        environment_variable const seed{"SLUICE_SEED", "7"};
        explore(options, run);
        BOOST_REQUIRE(drawn.size() == 1U);
        BOOST_TEST(drawn[0] == all[7]);
        drawn.clear();
        BOOST_TEST(explore({.seeds = 10, .heed_environment = false}, run).schedules == 10U);
        drawn.clear();
    }
    {
        environment_variable const count{"SLUICE_SCHEDULES", "25"};
        environment_variable const first{"SLUICE_FIRST_SEED", "3"};
        BOOST_TEST(explore(options, run).schedules == 25U);
        BOOST_TEST(drawn[0] == all[3]);
        drawn.clear();
    }
    {
        environment_variable const decisions{"SLUICE_TRACE", "123/1000000000"};
        BOOST_TEST(explore(options, run).schedules == 1U);
        BOOST_TEST(drawn[0] == 123U);
    }
    {
        environment_variable const wrong{"SLUICE_SEED", "seven"};
        BOOST_CHECK_THROW(explore(options, run), std::invalid_argument);
    }
}

BOOST_AUTO_TEST_CASE(exploration_ends_after_as_many_failures_as_wanted) {
    auto options = quietly(100);
    auto const run = [](simulation&, chooser& decider) { invariant(decider.choose(4) != 1, "one in four"); };
    BOOST_TEST(explore(options, run).failures == 1U);
    options.stop_after_failures = 1000;
    auto const report = explore(options, run);
    BOOST_TEST(report.schedules == 100U);
    BOOST_TEST(report.failures > 10U);
    BOOST_TEST(report.failures < 50U);
    BOOST_TEST(to_string(report.first_failure->shrunk) == "1/4");
}

BOOST_AUTO_TEST_SUITE_END()
