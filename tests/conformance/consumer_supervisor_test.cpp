// What GenStage's tests demand of ConsumerSupervisor, with their numbers: its children.
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "consumer_supervisor.hpp"

using namespace conformance;

BOOST_AUTO_TEST_SUITE(genstage_consumer_supervisor)

BOOST_AUTO_TEST_CASE(d6_02_refuses_bad_options_with_a_sentence) {
    BOOST_TEST(
        refused({.restart_period = -1s}).find("consumer_supervisor_options::restart_period must be at least 0") !=
        std::string::npos);
    BOOST_TEST(refused({.restart_delay = -1s}).find("consumer_supervisor_options::restart_delay must be at least 0") !=
               std::string::npos);
    BOOST_TEST(refused({}) == "not refused");
}

BOOST_AUTO_TEST_CASE(d6_03_refuses_permanent_children_and_an_impossible_shutdown) {
    BOOST_TEST(refused({.restart = restart_mode::permanent})
                   .find("consumer_supervisor_options::restart must be transient or temporary (got permanent)") !=
               std::string::npos);
    BOOST_TEST(refused({.shutdown_timeout = 0s})
                   .find("consumer_supervisor_options::shutdown_timeout must be more than 0 (got 0 ns)") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(d6_13_start_child_gives_each_child_its_own_id) {
    with_many_orders({}, [](scene& at) {
        expect_equal(at.start_child("ok"), child_id{1}, "the first");
        expect_equal(at.start_child("ok"), child_id{2}, "the second");
        expect_text(at.counts(), "2/2", "children");
        expect_equal(at.start_child("error"), child_id{3}, "one that fails at once");
        expect_equal(at.start_child("ignore"), child_id{4}, "one that returns at once");
        expect_text(at.error, "normal", "the answer");
        expect_text(at.counts(), "2/2", "children");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_14_a_child_that_throws_at_once_harms_nobody) {
    with_many_orders({}, [](scene& at) {
        for (auto const* kind : {"throw", "error", "unknown"}) at.start_child(kind);
        expect_text(at.counts(), "0/0", "children");
        expect_text(at.told.text(), "not ended", "the supervisor");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_15_a_temporary_child_is_not_restarted_whatever_it_ended_with) {
    with_many_orders({}, [](scene& at) {
        for (auto const* how : {"whatever", "shutdown", "normal"}) {
            at.start_child("ok");
            expect_text(at.counts(), "1/1", "children");
            at.tell("*", how);
            expect_text(at.counts(), "0/0", "children");
        }
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_16_a_transient_child_is_restarted_unless_it_ended_normally_or_was_cancelled) {
    with_many_orders({.restart = restart_mode::transient}, [](scene& at) {
        for (auto const* how : {"shutdown", "normal"}) {
            at.start_child("ok");
            at.tell("*", how);
            expect_text(at.counts(), "0/0", "children");
        }
        auto const id = at.start_child("ok");
        at.tell("*", "whatever");
        expect_text(at.counts(), "1/1", "children");
        expect_equal(at.list().front().id, id, "the child keeps its id");
        expect_equal(at.list().front().restarts, std::size_t{1}, "restarts");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_17_a_child_that_is_restarted_may_behave_otherwise) {
    with_many_orders({.restart = restart_mode::transient, .max_restarts = 100'000, .restart_delay = 1s}, [](scene& at) {
        at.start_child("ok2");
        at.tell("ok2", "kill");
        at.home->run();
        expect_text(at.counts(), "1/1", "restarted");
        at.start_child("ok3");
        at.tell("ok3", "kill");
        at.home->run();
        expect_text(at.counts(), "2/2", "restarted");
        at.start_child("then ignore");
        at.tell("then ignore", "kill");
        at.home->run();
        expect_text(at.counts(), "2/2", "the one that returns at its restart is gone");
        at.start_child("then error");
        at.tell("then error", "kill");
        expect_text(at.counts(), "3/2", "one waits to be restarted");
        auto const all = at.list();
        invariant(all.back().state == child_state::restarting && all.front().state == child_state::active,
                  "it is listed as such");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_18_a_restart_that_fails_is_tried_again) {
    with_many_orders({.restart = restart_mode::transient, .max_restarts = 2}, [](scene& at) {
        at.start_child("try again");
        at.tell("*", "kill");
        expect_text(at.counts(), "1/1", "children");
        expect_equal(at.children.runs["try again"], 3, "runs");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_19_more_than_the_most_restarts_fail_the_supervisor) {
    with_many_orders({.restart = restart_mode::transient, .max_restarts = 1}, [](scene& at) {
        at.start_child("ok");
        at.start_child("other");
        at.tell("ok", "kill");
        expect_text(at.counts(), "2/2", "children");
        at.tell("ok", "killed again");
        at.home->run();
        expect_text(at.told.text(), "killed again", "the run");
        expect_equal(at.children.alive(), std::size_t{0}, "children that live");
    });
}

BOOST_AUTO_TEST_CASE(d6_20_restarts_of_one_moment_count_with_a_period_of_zero) {
    with_many_orders({.restart = restart_mode::transient, .restart_period = 0s}, [](scene& at) {
        at.start_child("error");
        at.home->run();
        expect_text(at.told.text(), "the start failed", "the run");
        expect_equal(at.children.runs["error"], 4, "runs");
    });
    with_many_orders(
        {.restart = restart_mode::transient, .max_restarts = 1, .restart_period = 0s, .restart_delay = 1ms},
        [](scene& at) {
            at.start_child("ok");
            for (int i = 0; i < 5; ++i) {
                at.tell("*", "kill");
                at.home->run();
            }
            expect_text(at.counts(), "1/1", "a moment later they count no more");
            at.finish();
        });
}

BOOST_AUTO_TEST_CASE(d6_21_trying_again_is_bounded_by_the_intensity) {
    with_many_orders({.restart = restart_mode::transient, .max_restarts = 10}, [](scene& at) {
        at.start_child("then error");
        at.tell("*", "kill");
        at.home->run();
        expect_text(at.told.text(), "the start failed", "the run");
        expect_equal(at.children.runs["then error"], 11, "runs");
    });
}

BOOST_AUTO_TEST_CASE(d6_23_a_stop_cancels_every_child_and_may_wait_for_ever) {
    with_many_orders({.shutdown_timeout = sluice::consumer_supervisor_options::duration::max()}, [](scene& at) {
        for (auto const* name : {"a", "b", "stubborn"}) at.start_child(name);
        at.tested.stop();
        at.home->run();
        expect_text(at.told.text(), "not ended", "the run");
        expect_equal(at.children.alive(), std::size_t{1}, "children that live");
        at.tell("stubborn", "normal");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_24_what_children_throw_when_they_are_cancelled_is_no_failure) {
    with_many_orders(
        {.restart = restart_mode::transient, .shutdown_timeout = sluice::consumer_supervisor_options::duration::max()},
        [](scene& at) {
            for (int i = 0; i < 3; ++i) at.start_child("abnormal");
            at.finish();
            expect_equal(at.children.runs["abnormal"], 3, "runs");
        });
}

BOOST_AUTO_TEST_CASE(d6_25_children_that_heed_their_cancellation_end_in_time) {
    with_many_orders({.shutdown_timeout = 1s}, [](scene& at) {
        for (int i = 0; i < 3; ++i) at.start_child("ok");
        auto const before = at.home->elapsed();
        at.finish();
        invariant(at.home->elapsed() == before, "without waiting");
    });
}

BOOST_AUTO_TEST_CASE(d6_26_also_those_that_throw_something_else_then) {
    with_many_orders({.shutdown_timeout = 1s}, [](scene& at) {
        for (int i = 0; i < 3; ++i) at.start_child("abnormal");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_27_a_child_that_does_not_end_in_time_is_left_and_told_of) {
    with_many_orders({.shutdown_timeout = 1ms}, [](scene& at) {
        for (auto const* name : {"a", "stubborn", "b"}) at.start_child(name);
        at.tested.stop();
        at.home->run();
        expect_text(at.told.text(), "a child that was told to end has not, within its shutdown_timeout", "the run");
        expect_equal(at.children.alive(), std::size_t{1}, "children that live");
        at.tell("stubborn", "normal");
        expect_equal(at.children.alive(), std::size_t{0}, "children that live");
    });
}

BOOST_AUTO_TEST_CASE(d6_28_a_child_is_terminated_once) {
    with_many_orders({.restart = restart_mode::transient}, [](scene& at) {
        auto const id = at.start_child("abnormal");
        expect_text(at.terminate(id), "ok", "the first time");
        expect_text(at.terminate(id), "not found", "the second time");
        expect_text(at.counts(), "0/0", "children");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_29_terminating_gives_up_after_the_timeout) {
    with_many_orders({.shutdown_timeout = 1s}, [](scene& at) {
        auto const id = at.start_child("stubborn");
        std::string answer = "none";
        at.tested.async_terminate_child(id, [&](std::exception_ptr e, bool) { answer = describe(e); });
        at.home->run_ready();
        expect_text(answer, "none", "before");
        invariant(at.list().front().state == child_state::terminating, "it is listed as such");
        at.home->run();
        expect_text(answer, "a child that was told to end has not, within its shutdown_timeout", "after");
        expect_text(at.counts(), "1/1", "children");
        at.tell("*", "normal");
        expect_text(at.counts(), "0/0", "children");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_30_a_child_that_waits_for_its_restart_is_terminated_at_once) {
    with_many_orders({.restart = restart_mode::transient, .restart_delay = 1h}, [](scene& at) {
        auto const id = at.start_child("ok");
        at.tell("ok", "kill");
        expect_text(at.counts(), "1/0", "children");
        expect_text(at.terminate(id), "ok", "the first time");
        expect_text(at.terminate(id), "not found", "the second time");
        expect_text(at.counts(), "0/0", "children");
        at.finish();
    });
}

BOOST_AUTO_TEST_SUITE_END()
