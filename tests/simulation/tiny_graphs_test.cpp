// Graphs so small that every order of their handlers can be tried: what random orders hit once in thousands is hit.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <set>
#include <sluice/testing/reducing_chooser.hpp>

#include "exploring.hpp"

using namespace graphs;
namespace data = boost::unit_test::data;

namespace {

/// Orders that differ only in handlers which have nothing to do with each other count as one.
auto explore_all(graph_plan const& plan, std::size_t limit, simulation_options simulation = order_alone())
    -> exploration_report {
    simulation.step_budget = 20'000;
    explore_options const options{.name = "tiny", .simulation = simulation, .one_of_equivalent_orders = true};
    auto const run = [&](sluice::testing::simulation& home) {
        graph tiny{home, plan};
        tiny.run();
    };
    auto const report = explore_exhaustively(schedules(limit), run, options);
    BOOST_TEST_MESSAGE(report);
    BOOST_TEST(report.passed());
    return report;
}

/// Far more than there are: a change that multiplies them shall be noticed.
constexpr std::size_t enough = 100'000;

void check_all(graph_plan const& plan, simulation_options const& simulation = order_alone()) {
    auto const report = explore_all(plan, enough, simulation);
    BOOST_TEST((report.exhausted || is_sanitized));
}

/// The equivalence classes that a search sees.
auto classes(graph_plan const& plan, bool every_order) -> std::set<std::uint64_t> {
    std::set<std::uint64_t> seen;
    reducing_chooser decider{every_order};
    do {
        simulation home{decider, order_alone()};
        graph tiny{home, plan};
        tiny.run();
        seen.insert(decider.equivalence());
    } while (decider.next());
    return seen;
}

auto const both_kinds = data::make({false, true});

}  // namespace

BOOST_AUTO_TEST_SUITE(tiny_graphs)

BOOST_DATA_TEST_CASE(every_order_of_one_producer_and_one_consumer_is_right, data::make({0, 1, 2, 3}) * both_kinds,
                     events, handlers) {
    check_all(tiny(1, 1, static_cast<std::size_t>(events), handlers));
}

BOOST_DATA_TEST_CASE(every_order_of_a_chain_of_three_is_right, data::make({0, 1, 2}) * both_kinds, events, handlers) {
    check_all(tiny_chain(static_cast<std::size_t>(events), handlers));
}

BOOST_DATA_TEST_CASE(every_order_of_two_consumers_is_right, data::make({0, 1, 2}) * both_kinds, events, handlers) {
    check_all(tiny(1, 2, static_cast<std::size_t>(events), handlers));
}

BOOST_DATA_TEST_CASE(every_order_of_two_producers_is_right, data::make({0, 1, 2}) * both_kinds, events, handlers) {
    check_all(tiny(2, 1, static_cast<std::size_t>(events), handlers));
}

BOOST_DATA_TEST_CASE(every_order_of_two_producers_and_two_consumers_without_events_is_right, both_kinds, handlers) {
    check_all(tiny(2, 2, 0, handlers));
}

BOOST_DATA_TEST_CASE(every_order_is_right_where_woken_stages_go_on_in_the_same_handler,
                     data::make({0, 1, 2}) * both_kinds, events, handlers) {
    auto here = order_alone();
    here.continue_here = answer::always;
    for (std::size_t const messages : {1, 64}) {
        here.messages_per_turn = messages;
        check_all(tiny(2, 2, static_cast<std::size_t>(events), handlers), here);
        check_all(tiny_chain(static_cast<std::size_t>(events), handlers), here);
    }
}

BOOST_DATA_TEST_CASE(every_order_of_two_stages_is_right_wherever_each_woken_one_goes_on, both_kinds, handlers) {
    auto anywhere = order_alone();
    anywhere.continue_here = answer::chosen;
    check_all(tiny(1, 1, 0, handlers), anywhere);
}

// More than a hundred thousand orders: not all are tried.
BOOST_DATA_TEST_CASE(the_first_orders_of_two_producers_and_two_consumers_with_events_are_right,
                     data::make({1, 2}) * both_kinds, events, handlers) {
    explore_all(tiny(2, 2, static_cast<std::size_t>(events), handlers), 20'000);
}

// Ten thousands of orders each, of which the reduced search tries less than ten.
BOOST_DATA_TEST_CASE(of_every_class_of_equivalent_orders_one_is_tried, data::make({0, 1}) * both_kinds, events,
                     handlers) {
    auto const plan = tiny(1, 1, static_cast<std::size_t>(events), handlers);
    if (is_sanitized && events > 0) return;
    BOOST_TEST((classes(plan, false) == classes(plan, true)));
}

BOOST_AUTO_TEST_SUITE_END()
