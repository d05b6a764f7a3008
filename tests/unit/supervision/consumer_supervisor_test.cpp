#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/this_coro.hpp>
#include <functional>
#include <memory>
#include <set>
#include <sluice/consumer_supervisor.hpp>
#include <sluice/core/on_exit.hpp>
#include <sluice/testing/explore.hpp>
#include <stdexcept>
#include <vector>

#include "../stages/support.hpp"

using namespace stages;
using sluice::consumer_supervisor;
using sluice::consumer_supervisor_options;
using sluice::restart_mode;
using namespace std::chrono_literals;

namespace {

/// What children have done.
struct journal {
    std::vector<int> seen;
    int running = 0;
    int most = 0;
};

/// Takes a while.
auto work(int event, simulation& home, journal& done) -> asio::awaitable<void> {
    done.most = std::max(done.most, ++done.running);
    auto const leave = sluice::core::on_exit([&done] { --done.running; });
    co_await home.async_wait(std::chrono::milliseconds(1 + event % 7));
    done.seen.push_back(event);
}

auto fails_first(int event, std::set<int>& failed, std::vector<int>& seen) -> asio::awaitable<void> {
    if (failed.insert(event).second) throw std::runtime_error("the first time");
    seen.push_back(event);
    co_return;
}

auto keep(std::unique_ptr<int> event, std::vector<int>& seen) -> asio::awaitable<void> {
    seen.push_back(*event);
    co_return;
}

auto make_pointers(outlet<std::unique_ptr<int>>& out, int n) -> asio::awaitable<void> {
    for (int i = 0; i < n; ++i) {
        auto event = std::make_unique<int>(i);
        const bool taken = co_await out.emit(std::move(event));
        if (!taken) co_return;
    }
}

using event = counted<int, sluice::testing::event_kind::throwing>;

auto make_events(outlet<event>& out, sluice::testing::census& events, int n) -> asio::awaitable<void> {
    for (int i = 0; i < n; ++i) {
        batch<event> one;
        one.push_back(event{events, i});
        const bool taken = co_await out.emit(std::move(one));
        if (!taken) co_return;
    }
}
auto look_at(event seen, int& count) -> asio::awaitable<void> {
    count += seen.value() >= 0;
    co_return;
}

/// Notes each demand that it hears of, and meets it.
struct demand_noting {
    std::vector<std::size_t>* asked;
    auto handle_demand(std::size_t wanted) -> batch<int> {
        asked->push_back(wanted);
        return batch<int>(std::vector<int>(wanted, 0));
    }
};

struct gate {
    std::vector<std::function<void()>> waiting;
    void let_go(std::size_t n) {
        for (; n > 0; --n) {
            auto const go = std::move(waiting.front());
            waiting.erase(waiting.begin());
            go();
        }
    }
    template <class Token = asio::use_awaitable_t<>>
    auto async_wait(Token&& token = {}) {
        return asio::async_initiate<Token, void()>(
            [this](auto handler) {
                auto const executor = asio::get_associated_executor(handler);
                auto const slot = asio::get_associated_cancellation_slot(handler);
                auto const kept = std::make_shared<decltype(handler)>(std::move(handler));
                auto const done = std::make_shared<bool>(false);
                auto const go = [executor, kept, done] {
                    if (!std::exchange(*done, true)) asio::post(executor, [kept] { std::move (*kept)(); });
                };
                waiting.push_back(go);
                if (slot.is_connected()) asio::cancellation_slot(slot).assign([go](asio::cancellation_type) { go(); });
            },
            token);
    }
};
auto wait_at(int, gate& at) -> asio::awaitable<void> { co_await at.async_wait(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(consumer_supervising)

BOOST_AUTO_TEST_CASE(each_event_has_a_child_and_never_more_than_max_demand_at_once) {
    in_many_orders([](simulation& home) {
        journal done;
        sluice::producer<int> numbers{home, counter, 0, 60};
        consumer_supervisor<int> worked{home, sluice::from(numbers, {.max_demand = 5}), work, std::ref(home),
                                        std::ref(done)};
        expect_text(run_all(home, numbers, worked), "normal", "the run");
        std::ranges::sort(done.seen);
        expect_equal(done.seen, iota(0, 60), "events");
        invariant(done.most <= 5, "never more than 5 at once");
        expect_equal(done.running, 0, "children that run");
    });
}

BOOST_AUTO_TEST_CASE(asks_for_max_demand_first_and_then_for_as_many_as_have_ended) {
    in_many_orders(
        [](simulation& home) {
            std::vector<std::size_t> asked;
            gate at;
            outcome told;
            sluice::producer numbers{home, demand_noting{&asked}};
            consumer_supervisor<int> waiting{home, sluice::from(numbers, {.max_demand = 3, .min_demand = 2}), wait_at,
                                             std::ref(at)};
            start(told, numbers, waiting);
            home.run();
            expect_equal(asked, (std::vector<std::size_t>{3}), "asked");
            at.let_go(1);
            home.run();
            expect_equal(asked, (std::vector<std::size_t>{3}), "asked when one has ended");
            at.let_go(1);
            home.run();
            expect_equal(asked, (std::vector<std::size_t>{3, 2}), "asked when two have ended");
            waiting.stop();
            home.run();
            expect_text(told.text(), "operation_aborted", "the run");
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(a_failing_child_is_run_again_with_its_event) {
    in_many_orders([](simulation& home) {
        std::set<int> failed;
        std::vector<int> seen;
        sluice::producer<int> numbers{home, counter, 0, 20};
        consumer_supervisor<int> worked{home,
                                        sluice::from(numbers, {.max_demand = 4}),
                                        {.restart = restart_mode::transient, .max_restarts = 20},
                                        fails_first,
                                        std::ref(failed),
                                        std::ref(seen)};
        expect_text(run_all(home, numbers, worked), "normal", "the run");
        std::ranges::sort(seen);
        expect_equal(seen, iota(0, 20), "events");
    });
}

BOOST_AUTO_TEST_CASE(restarts_wait_for_the_restart_delay) {
    in_many_orders(
        [](simulation& home) {
            std::set<int> failed;
            std::vector<int> seen;
            sluice::producer<int> numbers{home, counter, 0, 1};
            consumer_supervisor<int> worked{
                home,        sluice::from(numbers), {.restart = restart_mode::transient, .restart_delay = 3s},
                fails_first, std::ref(failed),      std::ref(seen)};
            expect_text(run_all(home, numbers, worked), "normal", "the run");
            invariant(home.elapsed() == 3s, "after three seconds");
            expect_equal(seen, iota(0, 1), "events");
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(events_that_can_only_be_moved_have_children_that_are_not_restarted) {
    in_many_orders([](simulation& home) {
        std::vector<int> seen;
        sluice::producer<std::unique_ptr<int>> made{home, make_pointers, 10};
        consumer_supervisor<std::unique_ptr<int>> kept{home, sluice::from(made), keep, std::ref(seen)};
        expect_text(run_all(home, made, kept), "normal", "the run");
        expect_equal(seen.size(), std::size_t{10}, "events");

        std::string said;
        try {
            consumer_supervisor<std::unique_ptr<int>> const refused{
                home, {}, {.restart = restart_mode::transient}, keep, std::ref(seen)};
        } catch (boost::system::system_error const& e) {
            said = e.what();
        }
        invariant(
            said.find("restart must be temporary (got transient): the events cannot be copied") != std::string::npos,
            said);
    });
}

BOOST_AUTO_TEST_CASE(every_child_has_a_strand_of_its_own) {
    in_many_orders([](simulation& home) {
        std::vector<asio::any_io_executor> executors;
        auto const note = [](int, std::vector<asio::any_io_executor>& into) -> asio::awaitable<void> {
            into.push_back(co_await asio::this_coro::executor);
        };
        sluice::producer<int> numbers{home, counter, 0, 3};
        consumer_supervisor<int> noted{home, sluice::from(numbers), note, std::ref(executors)};
        expect_text(run_all(home, numbers, noted), "normal", "the run");
        expect_equal(executors.size(), std::size_t{3}, "children");
        invariant(executors[0] != executors[1] && executors[1] != executors[2], "they differ");
    });
}

BOOST_AUTO_TEST_CASE(every_event_has_a_child_or_is_discarded_visibly_wherever_a_copy_or_move_throws) {
    for (std::uint64_t k = 1; k <= 24; ++k) {
        for (bool const copy : {false, true}) {
            in_many_orders(
                [&](simulation& home) {
                    int seen = 0;
                    sluice::producer<event> made{home, make_events, std::ref(home.events()), 10};
                    consumer_supervisor<event> looked_at{home,
                                                         sluice::from(made, {.max_demand = 3}),
                                                         {.restart = restart_mode::transient},
                                                         look_at,
                                                         std::ref(seen)};
                    outcome told;
                    start(told, made, looked_at);
                    copy ? home.events().throw_on_copy(k) : home.events().throw_on_move(k);
                    home.run();
                    invariant(told.calls == 1, "the run has ended: " + told.text());
                    invariant(told.text() != "normal" || seen == 10, "a normal end says that all were seen");
                },
                3);
        }
    }
}

BOOST_AUTO_TEST_CASE(giving_up_a_termination_leaves_the_child_to_its_end) {
    in_many_orders(
        [](simulation& home) {
            gate at;
            outcome told;
            std::string answer = "none";
            asio::cancellation_signal signal;
            consumer_supervisor<int> waiting{home, {}, wait_at, std::ref(at)};
            start(told, waiting);
            waiting.async_start_child(0, [](std::exception_ptr, sluice::child_id) {});
            home.run();
            waiting.async_terminate_child(
                1,
                asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e, bool) { answer = describe(e); }));
            signal.emit(asio::cancellation_type::total);
            home.run();
            invariant(answer == "operation_aborted" || answer == "normal", answer);
            waiting.stop();
            home.run();
            expect_text(told.text(), "operation_aborted", "the run");
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(operations_on_a_supervisor_that_has_ended_say_so) {
    in_many_orders([](simulation& home) {
        gate at;
        std::vector<std::string> said;
        consumer_supervisor<int> ended{home, {}, wait_at, std::ref(at)};
        ended.stop();
        home.run();
        auto const note = [&](std::exception_ptr e, auto const&) { said.push_back(describe(e)); };
        ended.async_start_child(0, note);
        ended.async_count_children(note);
        ended.async_which_children(note);
        ended.async_terminate_child(
            1, [&](std::exception_ptr e, bool found) { said.push_back(describe(e) + (found ? "" : ", not found")); });
        home.run();
        std::ranges::sort(said);
        auto const gone = make_error_code(sluice::errc::no_such_stage).message();
        std::vector<std::string> expected{gone, gone, gone, "normal, not found"};
        std::ranges::sort(expected);
        expect_equal(said, expected, "the answers");
    });
}

BOOST_AUTO_TEST_CASE(stopping_a_consumer_supervisor_after_any_step_leaves_nothing_behind) {
    for (std::size_t steps = 1; steps < 60; steps += 3) {
        in_many_orders(
            [&](simulation& home) {
                journal done;
                outcome told;
                sluice::producer<int> numbers{home, counter, 0, 40};
                consumer_supervisor<int> worked{home, sluice::from(numbers, {.max_demand = 5}), work, std::ref(home),
                                                std::ref(done)};
                start(told, numbers, worked);
                home.run(steps);
                worked.stop();
                home.run();
                expect_text(told.text(), "operation_aborted", "the run");
                expect_equal(done.running, 0, "children that run");
            },
            4, patient);
    }
}

BOOST_AUTO_TEST_CASE(the_context_may_be_destroyed_after_any_step_of_a_consumer_supervisor) {
    auto const everything = [](simulation& home) {
        journal done;
        outcome told;
        sluice::producer<int> numbers{home, counter, 0, 12};
        consumer_supervisor<int> worked{home,
                                        sluice::from(numbers, {.max_demand = 3}),
                                        {.restart = restart_mode::transient, .restart_delay = 1ms},
                                        work,
                                        std::ref(home),
                                        std::ref(done)};
        worked.async_terminate_child(2, [](std::exception_ptr, bool) {});
        start(told, numbers, worked);
        home.run();
    };
    auto const report = sluice::testing::after_every_step({.name = "destroyed", .seeds = 2}, everything,
                                                          [](simulation& home) { home.destroy_context(); });
    BOOST_TEST(report.passed());
}

BOOST_AUTO_TEST_SUITE_END()
