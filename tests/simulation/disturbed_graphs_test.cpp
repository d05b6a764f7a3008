// Brute force: the same run again and again, cut off after its first, second, ... last handler.
#include "exploring.hpp"

using namespace graphs;

namespace {

auto disturb(char const* name, profile const& may, step_action const& action) -> exploration_report {
    explore_options const options{.name = name, .seeds = schedules(60), .simulation = within_bounds};
    auto const report = after_every_step(
        options, [&](simulation& home) { run_random_graph(home, may); }, action);
    BOOST_TEST_MESSAGE(name << ": " << report);
    return report;
}

constexpr profile cancelled_anyway{.throws = 1, .cancels = 2, .subscriptions = 1, .early_ends = true};

}  // namespace

BOOST_AUTO_TEST_SUITE(disturbed_graphs)

BOOST_AUTO_TEST_CASE(everything_ends_if_all_is_stopped_after_any_handler) {
    auto const stop = [](simulation&) {
        if (auto* const present = running_graph()) present->stop_all();
    };
    BOOST_TEST(disturb("stop all", {}, stop).passed());
    BOOST_TEST(disturb("stop all, cancelled", cancelled_anyway, stop).passed());
}

BOOST_AUTO_TEST_CASE(a_context_may_be_destroyed_after_any_handler) {
    auto const destroy = [](simulation& home) { home.destroy_context(); };
    BOOST_TEST(disturb("destroy", {}, destroy).passed());
    BOOST_TEST(disturb("destroy, cancelled", cancelled_anyway, destroy).passed());
}

BOOST_AUTO_TEST_CASE(handles_may_go_before_their_context_after_any_handler) {
    auto const abandon = [](simulation& home) { home.stop(); };
    BOOST_TEST(disturb("abandon", {}, abandon).passed());
    BOOST_TEST(disturb("abandon, cancelled", cancelled_anyway, abandon).passed());
}

BOOST_AUTO_TEST_SUITE_END()
