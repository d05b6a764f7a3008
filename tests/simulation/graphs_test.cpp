#include <boost/test/unit_test.hpp>
#include <sluice/testing/explore.hpp>

#include "graph.hpp"

using namespace graphs;

BOOST_AUTO_TEST_SUITE(random_graphs)

BOOST_AUTO_TEST_CASE(undisturbed_graphs_deliver_everything_and_end) {
    auto const report = explore({.name = "undisturbed", .seeds = 10'000}, [](simulation& home) { run_random_graph(home, {}); });
    BOOST_TEST(report.passed());
    std::cerr << report << "\n";
}

BOOST_AUTO_TEST_SUITE_END()
