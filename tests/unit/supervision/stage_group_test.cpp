#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <optional>
#include <sluice/consumer_supervisor.hpp>
#include <sluice/snapshot.hpp>
#include <sluice/stage_group.hpp>
#include <sluice/supervisor.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "../stages/support.hpp"

using namespace stages;
using sluice::stage_group;
using namespace std::chrono_literals;

namespace {

/// Emits one by one, without looking at the demand.
auto stubborn_counter(outlet<int>& out, int& emitted) -> asio::awaitable<void> {
    for (;;) {
        const bool more = co_await out.emit(emitted++);
        if (!more) co_return;
    }
}
/// Emits batches as they are wanted.
auto obliging_counter(outlet<int>& out, int& emitted) -> asio::awaitable<void> {
    while (auto wanted = co_await out.demand()) {
        auto events = out.make_batch();
        while (events.size() < *wanted) events.push_back(emitted++);
        const bool more = co_await out.emit(std::move(events));
        if (!more) co_return;
    }
}
/// Emits twice as much as is wanted.
struct generous_counter {
    int* emitted;
    auto handle_demand(std::size_t wanted) -> batch<int> {
        batch<int> events;
        while (events.size() < 2 * wanted) events.push_back((*emitted)++);
        return events;
    }
};
auto fail_at_once(outlet<int>&) -> asio::awaitable<void> {
    throw std::runtime_error("oops");
    co_return;
}
auto sleeper(inlet<int>&, simulation& home) -> asio::awaitable<void> { co_await home.async_wait(24h); }

auto work(int event, simulation& home, int& finished) -> asio::awaitable<void> {
    co_await home.async_wait(std::chrono::milliseconds(event % 3));
    ++finished;
}
auto fails_when_told(inlet<int>& in, outlet<int>& out, bool& fail) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        if (std::exchange(fail, false)) throw std::runtime_error("told to");
        co_await out.emit(std::move(*events));
    }
}

struct answer {
    outcome told;
    auto handler() {
        return [this](std::exception_ptr error) {
            ++told.calls;
            told.error = std::move(error);
        };
    }
};

/// Stops a pipeline while it runs; what its producer has emitted must all have arrived.
template <class... Body>
void stop_in_order(simulation& home, int& emitted, Body... body) {
    std::vector<int> got;
    answer stopped, joined;
    stage_group group{home};
    sluice::producer<int> numbers{home, body...};
    sluice::producer_consumer<int, int> doubled{home, sluice::from(numbers, {.max_demand = 7}), doubler};
    group.add(sluice::consumer<int>{home, sluice::from(doubled, {.max_demand = 3}), collector, std::ref(got)});
    group.add(doubled, numbers);
    group.async_join(joined.handler());
    home.run_ready(70);
    expect_text(joined.told.text(), "not ended", "the group");
    group.async_stop(stopped.handler());
    home.run();
    expect_text(stopped.told.text(), "normal", "the stop");
    expect_text(joined.told.text(), "normal", "the join");
    auto expected = iota(0, emitted);
    for (int& each : expected) each *= 2;
    expect_equal(got, expected, "events");
}

/// A stop has a deadline: it is not to come while there is anything else to do.
template <class Scenario>
void patiently(Scenario scenario) {
    in_many_orders(scenario, 60, patient);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(groups)

BOOST_AUTO_TEST_CASE(a_snapshot_of_a_group_shows_the_stages_that_run_in_it) {
    in_many_orders([](simulation& home) {
        stage_group group{home};
        int emitted = 0;
        sluice::producer<int> numbers{home, stubborn_counter, std::ref(emitted)};
        sluice::consumer<int> sleeps{home, from(numbers), sleeper, std::ref(home)};
        numbers.set_name("numbers");
        sleeps.set_name("sleeps");
        group.add(sleeps, numbers);
        home.run_ready();
        auto const graph = sluice::snapshot(group);
        expect_equal(graph.nodes().size(), 2u, "stages");
        expect_text(graph.nodes()[0].title, "sleeps", "in the order in which they were added");
        expect_equal(graph.edges().size(), 1u, "subscriptions");
        group.stop();
        home.run();
        invariant(sluice::snapshot(group).nodes().empty(), "nobody is left");
    });
}

BOOST_AUTO_TEST_CASE(a_group_is_joined_when_all_of_its_stages_have_ended) {
    patiently([](simulation& home) {
        std::vector<int> got;
        answer joined;
        stage_group group{home};
        sluice::producer<int> numbers{home, counter, 0, 20};
        sluice::consumer<int> collected{home, sluice::from(numbers), collector, std::ref(got)};
        group.add(collected, numbers);
        group.async_join(joined.handler());
        expect_text(joined.told.text(), "not ended", "inside the call");
        home.run();
        expect_text(joined.told.text(), "normal", "the join");
        expect_equal(got, iota(0, 20), "events");
    });
}

BOOST_AUTO_TEST_CASE(a_group_without_stages_is_joined_at_once) {
    patiently([](simulation& home) {
        answer joined, stopped;
        stage_group group{home};
        group.async_join(joined.handler());
        home.run();
        expect_text(joined.told.text(), "normal", "the join");
        group.async_stop(stopped.handler());
        home.run();
        expect_text(stopped.told.text(), "normal", "the stop");
    });
}

BOOST_AUTO_TEST_CASE(stages_join_a_group_while_others_run) {
    patiently([](simulation& home) {
        std::vector<int> one, two;
        answer joined;
        stage_group group{home};
        sluice::producer<int> numbers{home, sluice::broadcast_dispatcher<int>{}, counter, 0, 200};
        sluice::consumer<int> first{home, sluice::from(numbers, {.max_demand = 2}), collector, std::ref(one)};
        group.add(first, numbers);
        group.async_join(joined.handler());
        home.run_ready(30);
        group.add(sluice::consumer<int>{home, sluice::from(numbers, {.max_demand = 2}), collector, std::ref(two)});
        home.run();
        expect_text(joined.told.text(), "normal", "the join");
        expect_equal(one, iota(0, 200), "of the first");
        expect_equal(two.empty() ? 199 : two.back(), 199, "the last of the second");
    });
}

BOOST_AUTO_TEST_CASE(the_first_failure_stops_the_group_and_is_what_it_gives) {
    patiently([](simulation& home) {
        std::vector<int> got;
        answer joined;
        stage_group group{home};
        sluice::producer<int> endless{home, naturals};
        sluice::consumer<int> collected{home, sluice::from(endless, {.max_demand = 2}), collector, std::ref(got)};
        group.add(collected, endless);
        group.async_join(joined.handler());
        home.run_ready(20);
        group.add(sluice::producer<int>{home, fail_at_once});
        home.run();
        expect_text(joined.told.text(), "oops", "the join");
        answer late;
        group.add(sluice::producer<int>{home, naturals});
        group.async_join(late.handler());
        home.run();
        expect_text(late.told.text(), "oops", "with one that was added too late");
    });
}

BOOST_AUTO_TEST_CASE(stopping_a_group_lets_what_was_emitted_arrive) {
    patiently([](simulation& home) {
        int emitted = 0;
        stop_in_order(home, emitted, obliging_counter, std::ref(emitted));
    });
    patiently([](simulation& home) {
        int emitted = 0;
        stop_in_order(home, emitted, stubborn_counter, std::ref(emitted));
    });
    patiently([](simulation& home) {
        int emitted = 0;
        stop_in_order(home, emitted, generous_counter{&emitted});
    });
}

BOOST_AUTO_TEST_CASE(stopping_a_group_does_not_wait_for_ends_that_stay_open) {
    patiently([](simulation& home) {
        std::vector<int> got;
        answer stopped;
        stage_group group{home};
        sluice::producer<int> numbers{home, {.on_last_cancel = sluice::on_last_cancel::stay_open}, counter, 0, 10};
        sluice::consumer<int> collected{home, sluice::from(numbers), sluice::inlet_options{.stay_open = true},
                                        collector, std::ref(got)};
        sluice::producer<int> alone{home, {.on_last_cancel = sluice::on_last_cancel::stay_open}, counter, 0, 10};
        group.add(collected, numbers, alone);
        home.run();
        group.async_stop(stopped.handler());
        home.run();
        expect_text(stopped.told.text(), "normal", "the stop");
        expect_equal(got, iota(0, 10), "events");
    });
}

BOOST_AUTO_TEST_CASE(stopping_a_group_lets_the_children_of_events_finish) {
    patiently([](simulation& home) {
        int emitted = 0, finished = 0;
        answer stopped;
        stage_group group{home};
        sluice::producer<int> numbers{home, stubborn_counter, std::ref(emitted)};
        sluice::consumer_supervisor<int> worked{home, sluice::from(numbers, {.max_demand = 4}), work, std::ref(home),
                                                std::ref(finished)};
        group.add(worked, numbers);
        home.run(60);
        group.async_stop(stopped.handler());
        home.run();
        expect_text(stopped.told.text(), "normal", "the stop");
        expect_equal(finished, emitted, "children that have finished");
    });
}

BOOST_AUTO_TEST_CASE(stopping_a_group_lets_a_supervised_pipeline_finish_although_it_fails_meanwhile) {
    patiently([](simulation& home) {
        int emitted = 0;
        bool fail = false;
        std::vector<int> got;
        answer stopped;
        stage_group group{home};
        sluice::supervisor pipeline{home};
        auto numbers = pipeline.add("numbers", [&](sluice::supervised& here) {
            return sluice::producer<int>{here, obliging_counter, std::ref(emitted)};
        });
        auto passed = pipeline.add("passed", [&, numbers](sluice::supervised& here) {
            return sluice::producer_consumer<int, int>{here, here.from(numbers, {.max_demand = 5, .redeliver = true}),
                                                       fails_when_told, std::ref(fail)};
        });
        pipeline.add("collected", [&, passed](sluice::supervised& here) {
            return sluice::consumer<int>{here, here.from(passed, {.max_demand = 3}), collector, std::ref(got)};
        });
        group.add(pipeline);
        home.run_ready(100);
        group.async_stop(stopped.handler());
        fail = true;
        home.run();
        expect_text(stopped.told.text(), "normal", "the stop");
        expect_equal(got, iota(0, emitted), "events");
    });
}

BOOST_AUTO_TEST_CASE(who_does_not_end_in_time_is_stopped) {
    in_many_orders(
        [](simulation& home) {
            answer stopped;
            stage_group group{home, {.drain_timeout = 2s}};
            sluice::producer<int> numbers{home, naturals};
            sluice::consumer<int> asleep{home, sluice::from(numbers), sleeper, std::ref(home)};
            group.add(asleep, numbers);
            home.run_ready();
            group.async_stop(stopped.handler());
            home.run();
            expect_text(stopped.told.text(), "operation_aborted", "the stop");
            invariant(home.elapsed() == 2s, "after the drain_timeout");
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(a_group_that_goes_stops_its_stages) {
    patiently([](simulation& home) {
        answer joined;
        std::optional<stage_group> group{std::in_place, home};
        group->add(sluice::producer<int>{home, naturals});
        group->async_join(joined.handler());
        home.run_ready(5);
        group.reset();
        home.run();
        expect_text(joined.told.text(), "operation_aborted", "the join");
    });
}

BOOST_AUTO_TEST_CASE(whoever_gives_up_a_join_leaves_the_group_alone) {
    patiently([](simulation& home) {
        answer given_up, joined;
        asio::cancellation_signal signal;
        stage_group group{home};
        group.add(sluice::producer<int>{home, naturals});
        group.async_join(asio::bind_cancellation_slot(signal.slot(), given_up.handler()));
        group.async_join(joined.handler());
        home.run_ready(10);
        signal.emit(asio::cancellation_type::total);
        home.run();
        expect_text(given_up.told.text(), "operation_aborted", "the one");
        expect_text(joined.told.text(), "not ended", "the other");
        group.stop();
        home.run();
        expect_text(joined.told.text(), "operation_aborted", "the other");
    });
}

BOOST_AUTO_TEST_CASE(a_negative_drain_timeout_is_refused) {
    in_many_orders(
        [](simulation& home) {
            std::string said;
            try {
                stage_group const group{home, {.drain_timeout = -1s}};
            } catch (boost::system::system_error const& e) {
                said = e.what();
            }
            invariant(said.find("stage_group_options::drain_timeout must be at least 0") != std::string::npos, said);
        },
        2);
}

BOOST_AUTO_TEST_SUITE_END()
