#include <boost/test/unit_test.hpp>
#include <sluice/testing/explore.hpp>

#include "graph.hpp"

using namespace graphs;

BOOST_AUTO_TEST_SUITE(random_graphs)

namespace {

auto explore_graphs(char const* name, std::size_t seeds, profile const& may) -> exploration_report {
    auto const report =
        explore({.name = name, .seeds = seeds, .simulation = {.step_budget = 20'000}, .shrink_attempts = 500}, [&](simulation& home) { run_random_graph(home, may); });
    BOOST_TEST_MESSAGE(report);
    return report;
}

}  // namespace

BOOST_AUTO_TEST_CASE(undisturbed_graphs_deliver_everything_and_end) {
    BOOST_TEST(explore_graphs("undisturbed", 10'000, {}).passed());
}
BOOST_AUTO_TEST_CASE(debts) { BOOST_TEST(explore_graphs("debts", 10'000, {.debts = true}).passed()); }
BOOST_AUTO_TEST_CASE(overflow) { BOOST_TEST(explore_graphs("overflow", 10'000, {.overflow = true}).passed()); }
BOOST_AUTO_TEST_CASE(stay_open) { BOOST_TEST(explore_graphs("stay_open", 10'000, {.stay_open = true}).passed()); }
BOOST_AUTO_TEST_CASE(throws) { BOOST_TEST(explore_graphs("throws", 10'000, {.throws = 2}).passed()); }
BOOST_AUTO_TEST_CASE(stops) { BOOST_TEST(explore_graphs("stops", 10'000, {.stops = 3, .stop_run = true}).passed()); }
BOOST_AUTO_TEST_CASE(cancels) { BOOST_TEST(explore_graphs("cancels", 10'000, {.cancels = 4}).passed()); }
BOOST_AUTO_TEST_CASE(early) { BOOST_TEST(explore_graphs("early", 10'000, {.early_ends = true}).passed()); }
BOOST_AUTO_TEST_CASE(subscriptions) { BOOST_TEST(explore_graphs("subscriptions", 10'000, {.subscriptions = 4}).passed()); }
BOOST_AUTO_TEST_CASE(all) {
    BOOST_TEST(explore_graphs("everything", 10'000, {.throws = 2, .stops = 2, .cancels = 3, .subscriptions = 3, .stop_run = true, .early_ends = true, .debts = true, .overflow = true, .stay_open = true}).passed());
}

BOOST_AUTO_TEST_SUITE_END()
