// Random graphs on the simulator. Whatever may happen in one, the same must hold of all: see graph::run() and
// world.cpp.
#include "exploring.hpp"

using namespace graphs;

BOOST_AUTO_TEST_SUITE(random_graphs)

BOOST_AUTO_TEST_CASE(undisturbed_graphs_deliver_every_event_once_in_order_and_as_asked_for) {
    BOOST_TEST(explore_graphs("undisturbed", {}, 20'000).passed());
}

BOOST_AUTO_TEST_CASE(single_events_of_a_demand_of_one_keep_moving) {
    BOOST_TEST(explore_graphs("demand of one", {.events = 5, .max_demand = 1}).passed());
}

BOOST_AUTO_TEST_CASE(adaptive_demand_stays_below_max_demand_and_loses_nothing) {
    BOOST_TEST(explore_graphs("adaptive", adaptive_graphs, 6'000).passed());
}

BOOST_AUTO_TEST_CASE(a_handler_that_owes_events_is_asked_for_no_more_than_the_model_says) {
    BOOST_TEST(explore_graphs("debts", {.cancels = 3, .debts = true}).passed());
}

BOOST_AUTO_TEST_CASE(events_without_demand_wait_in_a_bounded_buffer_and_are_discarded_visibly) {
    BOOST_TEST(explore_graphs("overflow", {.overflow = true}).passed());
}

BOOST_AUTO_TEST_CASE(what_a_subscription_that_is_given_up_had_under_way_is_received_or_discarded_visibly) {
    BOOST_TEST(explore_graphs("cancels", {.cancels = 4}).passed());
}

BOOST_AUTO_TEST_CASE(subscriptions_may_begin_at_any_time) {
    BOOST_TEST(explore_graphs("subscriptions", {.cancels = 1, .subscriptions = 4, .stay_open = true}).passed());
}

BOOST_AUTO_TEST_CASE(consumers_may_leave_early_and_end_as_their_cancel_modes_say) {
    BOOST_TEST(explore_graphs("early ends", {.early_ends = true}).passed());
}

BOOST_AUTO_TEST_CASE(a_failure_at_any_step_ends_the_run_with_the_first_cause) {
    BOOST_TEST(explore_graphs("failures", {.throws = 2}).passed());
}

BOOST_AUTO_TEST_CASE(an_event_whose_move_or_copy_throws_ends_its_stage_and_no_more) {
    BOOST_TEST(explore_graphs("moves that throw", {.moves_throw = true}).passed());
}

BOOST_AUTO_TEST_CASE(a_stop_at_any_step_ends_everything_in_a_bounded_number_of_steps) {
    BOOST_TEST(explore_graphs("stops", {.stops = 3, .stop_run = true}).passed());
}

BOOST_AUTO_TEST_CASE(all_of_it_at_once_leaves_nothing_behind) {
    BOOST_TEST(explore_graphs("everything", anything, 30'000).passed());
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_run) {
    explore_options const options{
        .name = "twice", .seeds = schedules(1000), .simulation = within_bounds, .check_determinism = true};
    BOOST_TEST(explore(options, [](simulation& home) { run_random_graph(home, anything); }).passed());
}

BOOST_AUTO_TEST_SUITE_END()
