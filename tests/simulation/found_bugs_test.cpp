// Each test is a bug that the random graphs have found, made as small as it goes.
#include "exploring.hpp"

using namespace graphs;

namespace {

auto explore_plan(graph_plan const& plan) -> bool {
    explore_options const options{.name = "regression", .seeds = 200, .simulation = within_bounds};
    return explore(options,
                   [&](simulation& home) {
                       graph small{home, plan};
                       small.run();
                   })
        .passed();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(found_bugs)

BOOST_AUTO_TEST_CASE(a_stage_that_has_ended_is_referred_to_by_nobody) {
    BOOST_TEST(explore_plan(tiny(1, 1, 0, false)));
    BOOST_TEST(explore_plan(tiny(1, 1, 3, true)));
}

BOOST_AUTO_TEST_CASE(a_stream_asks_again_for_all_batches_that_it_has_given_out) {
    auto plan = tiny(2, 1, 3, false);
    plan.actors.back().is = role::stream;
    plan.actors.back().manner = 1;  // two coroutines draw
    BOOST_TEST(explore_plan(plan));
}

BOOST_AUTO_TEST_CASE(a_producer_that_is_stopped_forgets_what_it_had_to_tell_its_handler) {
    auto plan = tiny(1, 2, 3, true);
    plan.actors.front().stop_at = 0;
    plan.exact = false;
    BOOST_TEST(explore_plan(plan));
}

BOOST_AUTO_TEST_CASE(a_stage_that_is_stopped_while_it_waits_with_or_is_stopped_not_failed) {
    auto plan = tiny(1, 1, 3, false);
    plan.actors.back().manner = 3;  // receive() || timer
    plan.stops = 1;
    plan.exact = false;
    BOOST_TEST(explore_plan(plan));
}

BOOST_AUTO_TEST_CASE(an_event_that_an_open_batch_has_no_room_for_is_not_lost_when_another_one_cannot_be_copied) {
    for (std::size_t k = 1; k <= 10; ++k) {
        auto plan = tiny(1, 2, 6, true);
        plan.copy_that_throws = k;
        plan.exact = false;
        BOOST_TEST(explore_plan(plan), "copy " << k);
    }
}

BOOST_AUTO_TEST_SUITE_END()
