// What GenStage's tests demand of ConsumerSupervisor, with their numbers: its subscriptions.
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "consumer_supervisor.hpp"

using namespace conformance;

BOOST_AUTO_TEST_SUITE(genstage_consumer_supervisor_demand)

BOOST_AUTO_TEST_CASE(d6_31_subscribing_gives_a_subscription) {
    with_many_orders({}, [](scene& at) {
        sluice::producer<std::string> made{*at.home, one_by_one, std::vector<std::string>{"ok"}};
        sluice::subscription over;
        at.tested.async_subscribe(made, {}, [&](boost::system::error_code, sluice::subscription s) { over = s; });
        outcome producer;
        start(producer, made);
        at.home->run_ready();
        invariant(over.valid(), "a subscription");
        expect_text(at.counts(), "1/1", "children");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_32_refuses_bad_terms_of_a_subscription) {
    with_many_orders({}, [](scene& at) {
        sluice::producer<std::string> made{*at.home, one_by_one, std::vector<std::string>{"ok"}};
        auto const said = [&](sluice::subscribe_options const& options) -> std::string {
            try {
                at.tested.async_subscribe(made, options, [](boost::system::error_code, sluice::subscription) {});
            } catch (boost::system::system_error const& e) {
                return e.what();
            }
            return "nothing";
        };
        invariant(said({.max_demand = 0}).find("max_demand must be at least 1") != std::string::npos, "max_demand");
        invariant(said({.max_demand = 2, .min_demand = 2}).find("min_demand must be less") != std::string::npos, "min");
        invariant(said({.demand_mode = sluice::demand_mode::manual}).find("demand_mode must be automatic") !=
                      std::string::npos,
                  "manual demand");
        invariant(said({.redeliver = true}).find("redeliver must be false") != std::string::npos, "redeliver");
        invariant(said({.max_weight = 9}).find("max_weight must be 0") != std::string::npos, "max_weight");
        at.finish();
    });
}

BOOST_AUTO_TEST_CASE(d6_34_ends_with_a_producer_that_has_gone_if_the_subscription_is_permanent) {
    in_many_orders(
        [](simulation& home) {
            auto made = dead_producer(home);
            nursery children;
            consumer_supervisor<std::string> tested{
                home, sluice::from(made, {.cancel = sluice::cancel_mode::permanent}), child, std::ref(children)};
            expect_text(run_all(home, tested), make_error_code(sluice::errc::no_such_stage).message(), "the run");
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(d6_36_outlives_a_producer_that_has_gone_if_the_subscription_is_temporary) {
    in_many_orders(
        [](simulation& home) {
            auto made = dead_producer(home);
            scene at{home, {.stay_open = true}, sluice::from(made, {.cancel = sluice::cancel_mode::temporary})};
            expect_text(at.told.text(), "not ended", "the run");
            at.start_child("ok");
            expect_text(at.counts(), "1/1", "children");
            at.finish();
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(d6_37_starts_a_child_for_each_event) {
    in_many_orders(
        [](simulation& home) {
            sluice::producer<std::string> made{home, one_by_one,
                                               std::vector<std::string>{"ok2", "ok3", "error", "ignore", "unknown"}};
            scene at{home, {}, sluice::from(made)};
            outcome producer;
            start(producer, made);
            home.run();
            expect_text(at.counts(), "2/2", "children");
            expect_equal(at.children.runs.size(), std::size_t{5}, "kinds of children that ran");
            at.finish();
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(d6_38_starts_a_child_for_each_event_of_a_finished_source_and_waits_for_them) {
    in_many_orders(
        [](simulation& home) {
            sluice::producer<std::string> made{home, one_by_one, std::vector<std::string>{"a", "b", "c"}};
            scene at{home, {}, sluice::from(made)};
            outcome producer;
            start(producer, made);
            home.run();
            expect_text(producer.text(), "normal", "the producer");
            expect_text(at.counts(), "3/3", "children");
            at.tell("*", "normal");
            home.run();
            expect_text(at.told.text(), "normal", "the run, when the last child has ended");
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(d6_39_events_whose_children_throw_leave_no_child) {
    in_many_orders(
        [](simulation& home) {
            sluice::producer<std::string> made{home, one_by_one, std::vector<std::string>{"throw", "error", "unknown"}};
            scene at{home, {.stay_open = true}, sluice::from(made)};
            outcome producer;
            start(producer, made);
            home.run();
            expect_text(at.counts(), "0/0", "children");
            expect_text(at.told.text(), "not ended", "the run");
            at.finish();
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(d6_40_never_has_more_children_than_max_demand) {
    in_many_orders(
        [](simulation& home) {
            sluice::producer<std::string> made{home, one_by_one,
                                               std::vector<std::string>{"ok1", "error", "ignore", "ok2", "ok3", "ok4"}};
            scene at{home, {}, sluice::from(made, {.max_demand = 1, .min_demand = 0})};
            outcome producer;
            start(producer, made);
            home.run();
            expect_text(at.counts(), "1/1", "children");
            expect_equal(at.children.runs["error"], 0, "the second event waits");
            at.tell("ok1", "kill");
            expect_equal(at.children.runs["error"] + at.children.runs["ignore"], 2, "those that end at once");
            expect_equal(at.children.runs["ok2"], 1, "the next");
            expect_text(at.counts(), "1/1", "children");
            expect_text(at.terminate(at.list().front().id), "ok", "terminating");
            expect_equal(at.children.runs["ok3"], 1, "the next");
            expect_equal(at.children.runs["ok4"], 0, "the last");
            expect_text(at.counts(), "1/1", "children");
            at.finish();
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(d6_42_children_remain_when_their_producer_has_gone) {
    in_many_orders(
        [](simulation& home) {
            sluice::producer<std::string> made{home, one_by_one, std::vector<std::string>{"a", "b", "c", "d"}};
            scene at{home,
                     {.stay_open = true},
                     sluice::from(made, {.max_demand = 2, .cancel = sluice::cancel_mode::temporary})};
            outcome producer;
            start(producer, made);
            home.run();
            made.stop();
            home.run();
            expect_text(producer.text(), "operation_aborted", "the producer");
            expect_text(at.counts(), "2/2", "children");
            at.tell("*", "normal");
            expect_text(at.counts(), "0/0", "children");
            at.finish();
        },
        60, patient);
}

BOOST_AUTO_TEST_SUITE_END()
