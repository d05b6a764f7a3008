// Graphs so small that every order of their handlers can be tried: what random orders hit once in thousands is hit.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include "exploring.hpp"

using namespace graphs;
namespace data = boost::unit_test::data;

namespace {

auto explore_all(graph_plan const& plan, std::size_t limit) -> exploration_report {
    explore_options options{.name = "tiny", .simulation = order_alone()};
    options.simulation.step_budget = 20'000;
    auto const run = [&](simulation& home) {
        graph tiny{home, plan};
        tiny.run();
    };
    auto const report = explore_exhaustively(schedules(limit), run, options);
    BOOST_TEST_MESSAGE(report);
    return report;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tiny_graphs)

BOOST_DATA_TEST_CASE(every_order_of_one_producer_and_one_consumer_is_right,
                     data::make({0, 1, 2, 3}) * data::make({false, true}), events, handlers) {
    auto const report = explore_all(tiny(1, 1, static_cast<std::size_t>(events), handlers), 20'000);
    BOOST_TEST(report.passed());
}

BOOST_DATA_TEST_CASE(orders_of_two_consumers_are_right, data::make({1, 2}) * data::make({false, true}), events,
                     handlers) {
    BOOST_TEST(explore_all(tiny(1, 2, static_cast<std::size_t>(events), handlers), 10'000).passed());
}

BOOST_DATA_TEST_CASE(orders_of_two_producers_are_right, data::make({1, 2}) * data::make({false, true}), events,
                     handlers) {
    BOOST_TEST(explore_all(tiny(2, 1, static_cast<std::size_t>(events), handlers), 10'000).passed());
}

BOOST_AUTO_TEST_SUITE_END()
