#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <string>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(running)

using namespace stages;

namespace {

auto wait_for_ever(outlet<int>&, simulation& home) -> asio::awaitable<void> {
    sluice::testing::counted_mark const frame{home.events()};
    co_await home.async_wait(std::chrono::hours(1000));
}
auto wait_for_ever_first(inlet<int>&, simulation& home, bool& begun) -> asio::awaitable<void> {
    begun = true;
    co_await home.async_wait(std::chrono::hours(1000));
}
auto fails_at(outlet<int>& out, int at, char const* what) -> asio::awaitable<void> {
    for (int i = 0; i < at; ++i) {
        const bool taken = co_await out.emit(i);
        if (!taken) co_return;
    }
    throw std::runtime_error(what);
}

auto await_run(sluice::producer<int>& numbers, sluice::consumer<int>& collected, std::string& told)
    -> asio::awaitable<void> {
    try {
        co_await sluice::async_run(numbers, collected);
        told = "normal";
    } catch (...) {
        told = describe(std::current_exception());
    }
}

auto await_tuple(sluice::producer<int>& numbers, sluice::consumer<int>& collected, std::string& told)
    -> asio::awaitable<void> {
    auto [error] = co_await sluice::async_run(numbers, collected, asio::as_tuple(asio::use_awaitable));
    told = describe(error);
}

auto await_deferred(sluice::producer<int>& numbers, sluice::consumer<int>& collected, std::string& told)
    -> asio::awaitable<void> {
    auto operation = sluice::async_run(numbers, collected, asio::deferred);
    co_await std::move(operation)(asio::use_awaitable);
    told = "normal";
}

auto run_or_timeout(simulation& home, sluice::producer<int>& numbers, sluice::consumer<int>& collected,
                    std::string& told) -> asio::awaitable<void> {
    using namespace asio::experimental::awaitable_operators;
    auto const first = co_await (sluice::async_run(numbers, collected) || home.async_wait(std::chrono::seconds(1)));
    told = first.index() == 0 ? "ended" : "timeout";
}

}  // namespace

BOOST_AUTO_TEST_CASE(nothing_runs_inside_the_call_that_starts_it) {
    in_many_orders([](simulation& home) {
        bool begun = false;
        auto body = [&](outlet<int>&) -> asio::awaitable<void> {
            begun = true;
            co_return;
        };
        sluice::producer<int> one{home, body};
        outcome told;
        sluice::testing::spawn(home, [&]() -> asio::awaitable<void> {
            start(told, one);
            invariant(!begun && told.calls == 0, "neither body nor handler");
            co_return;
        });
        home.run();
        invariant(begun, "it ran");
        expect_text(told.text(), "normal", "the run");
    });
}

BOOST_AUTO_TEST_CASE(a_run_can_be_awaited) {
    for (auto* await : {&await_run, &await_tuple, &await_deferred}) {
        in_many_orders(
            [await](simulation& home) {
                std::vector<int> got;
                std::string told;
                sluice::producer<int> numbers{home, counter, 0, 100};
                sluice::consumer<int> collected{home, sluice::from(numbers), collector, std::ref(got)};
                sluice::testing::spawn(home, await(numbers, collected, told));
                home.run();
                expect_text(told, "normal", "the run");
                expect_equal(got, iota(0, 100), "the events");
            },
            20);
    }
}

BOOST_AUTO_TEST_CASE(a_run_that_fails_throws_to_who_awaits_it) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        std::string told;
        sluice::producer<int> numbers{home, fails_at, 5, "oops"};
        sluice::consumer<int> collected{home, sluice::from(numbers), collector, std::ref(got)};
        sluice::testing::spawn(home, await_run(numbers, collected, told));
        home.run();
        expect_text(told, "oops", "the run");
    });
}

BOOST_AUTO_TEST_CASE(a_run_can_give_a_future) {
    boost::asio::io_context context;
    std::vector<int> got;
    sluice::producer<int> numbers{context, counter, 0, 100}, failing{context, fails_at, 0, "oops"};
    sluice::consumer<int> collected{context, sluice::from(numbers), collector, std::ref(got)};
    auto good = sluice::async_run(numbers, collected, boost::asio::use_future);
    auto bad = sluice::async_run(failing, boost::asio::use_future);
    context.run();
    good.get();
    BOOST_TEST(got == iota(0, 100));
    BOOST_CHECK_THROW(bad.get(), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(the_handler_runs_on_its_own_executor) {
    boost::asio::io_context here, there;
    sluice::producer<int> failing{here, fails_at, 0, "oops"};
    bool called = false;
    sluice::async_run(failing,
                      boost::asio::bind_executor(there.get_executor(), [&](std::exception_ptr) { called = true; }));
    here.run();
    BOOST_TEST(!called);
    there.run();
    BOOST_TEST(called);
}

BOOST_AUTO_TEST_CASE(the_first_failure_is_the_one_that_is_told) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        auto follows = [](inlet<int>& in) -> asio::awaitable<void> {
            try {
                while (auto events = co_await in.receive()) {}
            } catch (std::exception const&) {
                throw std::runtime_error("a failure that followed");
            }
        };
        sluice::producer<int> numbers{home, fails_at, 5, "the cause"};
        sluice::producer_consumer<int, int> doubled{home, sluice::from(numbers), doubler};
        sluice::consumer<int> following{home, sluice::from(doubled), follows};
        expect_text(run_all(home, numbers, doubled, following), "the cause", "the run");
    });
}

BOOST_AUTO_TEST_CASE(a_failure_stops_the_other_stages_of_the_run) {
    in_many_orders(
        [](simulation& home) {
            sluice::producer<int> failing{home, fails_at, 0, "oops"}, waiting{home, wait_for_ever, std::ref(home)};
            expect_text(run_all(home, failing, waiting), "oops", "the run");
            invariant(home.elapsed() < std::chrono::hours(1), "nobody waited for the timer");
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(a_stage_runs_once) {
    in_many_orders([](simulation& home) {
        sluice::producer<int> one{home, fails_at, 0, "oops"};
        expect_text(run_all(home, one), "oops", "the run");
        expect_text(run_all(home, one), make_error_code(sluice::errc::already_run).message(), "the second run");
    });
}

BOOST_AUTO_TEST_CASE(running_a_stage_again_does_not_disturb_the_run_that_goes_on) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<int> numbers{home, counter, 0, 300}, other{home, wait_for_ever, std::ref(home)};
        sluice::consumer<int> collected{home, sluice::from(numbers, {.max_demand = 4}), collector, std::ref(got)};
        outcome first, second;
        start(first, numbers, collected);
        home.run_ready(20);
        start(second, other, numbers);
        home.run();
        expect_text(second.text(), make_error_code(sluice::errc::already_run).message(), "the second run");
        expect_text(first.text(), "normal", "the first run");
        expect_equal(got, iota(0, 300), "the events");
    });
}

BOOST_AUTO_TEST_CASE(a_stage_named_twice_in_a_run_fails_it) {
    in_many_orders([](simulation& home) {
        sluice::producer<int> waiting{home, wait_for_ever, std::ref(home)};
        expect_text(run_all(home, waiting, waiting), make_error_code(sluice::errc::already_run).message(), "the run");
    });
}

BOOST_AUTO_TEST_CASE(a_stage_can_be_stopped_while_its_body_waits_for_a_timer) {
    for (std::size_t steps : {0u, 1u, 2u, 3u, 4u, 5u, 8u, 50u}) {
        in_many_orders(
            [steps](simulation& home) {
                bool begun = false;
                sluice::producer<int> waiting{home, wait_for_ever, std::ref(home)};
                sluice::consumer<int> also{home, sluice::from(waiting), wait_for_ever_first, std::ref(home),
                                           std::ref(begun)};
                outcome told;
                start(told, waiting, also);
                if (steps > 0) home.run_ready(steps);
                waiting.stop();
                also.stop();
                home.run();
                expect_text(told.text(), "operation_aborted", "the run");
                invariant(home.elapsed() < std::chrono::hours(1), "nobody waited for the timer");
            },
            16, patient);
    }
}

BOOST_AUTO_TEST_CASE(a_stage_stopped_before_its_run_never_begins) {
    in_many_orders([](simulation& home) {
        bool begun = false;
        auto body = [&](outlet<int>&) -> asio::awaitable<void> {
            begun = true;
            co_return;
        };
        sluice::producer<int> one{home, body};
        one.stop();
        expect_text(run_all(home, one), "operation_aborted", "the run");
        invariant(!begun, "the body never began");
    });
}

BOOST_AUTO_TEST_CASE(stopping_is_idempotent_and_harmless_after_the_end) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<int> numbers{home, counter, 0, 10};
        sluice::consumer<int> collected{home, sluice::from(numbers), collector, std::ref(got)};
        outcome told;
        start(told, numbers, collected);
        for (int i = 0; i < 3; ++i) collected.stop();
        home.run();
        for (int i = 0; i < 3; ++i) numbers.stop();
        home.run();
        expect_equal(told.calls, 1, "completions");
    });
}

BOOST_AUTO_TEST_CASE(a_stage_is_stopped_with_the_reason_that_is_given) {
    using sluice::end_reason;
    struct expected {
        end_reason reason;
        std::string run;
        std::string consumer;
    };
    auto const why = std::make_exception_ptr(std::runtime_error("enough"));
    expected const cases[] = {{end_reason::shutdown(), "operation_aborted", "normal"},
                              {end_reason(), "normal", "normal"},
                              {end_reason(why), "enough", "enough"}};
    for (auto const& each : cases) {
        in_many_orders([&](simulation& home) {
            std::vector<int> got;
            sluice::producer<int> numbers{home, naturals};
            sluice::consumer<int> all{home, sluice::from(numbers, {.max_demand = 3}), collector, std::ref(got)};
            outcome of_numbers, of_all;
            start(of_numbers, numbers);
            start(of_all, all);
            home.run_ready(home.get_chooser().choose(30));
            numbers.stop(each.reason);
            numbers.stop(end_reason(std::make_exception_ptr(std::runtime_error("too late"))));
            home.run();
            expect_text(of_numbers.text(), each.run, "the stage's run");
            expect_text(of_all.text(), each.consumer, "its consumer's, which is transient");
        });
    }
}

BOOST_AUTO_TEST_CASE(a_handler_may_be_move_only) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<int> numbers{home, counter, 0, 10};
        sluice::consumer<int> all{home, sluice::from(numbers), collector, std::ref(got)};
        std::string told;
        auto owned = std::make_unique<std::string>("it is over");
        sluice::async_run(numbers, all,
                          [&told, owned = std::move(owned)](std::exception_ptr) mutable { told = *owned; });
        home.run();
        expect_text(told, "it is over", "the handler was moved to where it is called");
    });
}

BOOST_AUTO_TEST_CASE(cancelling_a_run_stops_every_stage) {
    for (auto type : {asio::cancellation_type::terminal, asio::cancellation_type::partial}) {
        in_many_orders(
            [type](simulation& home) {
                std::vector<int> got;
                asio::cancellation_signal signal;
                sluice::producer<int> numbers{home, naturals}, waiting{home, wait_for_ever, std::ref(home)};
                sluice::consumer<int> collected{home, sluice::from(numbers, {.max_demand = 3}), collector,
                                                std::ref(got)};
                outcome told;
                sluice::async_run(numbers, waiting, collected,
                                  asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error) {
                                      ++told.calls;
                                      told.error = std::move(error);
                                  }));
                home.run_ready(home.get_chooser().choose(60));
                signal.emit(type);
                home.run();
                expect_text(told.text(), "operation_aborted", "the run");
                signal.emit(type);
                home.run();
            },
            40);
    }
}

BOOST_AUTO_TEST_CASE(total_cancellation_leaves_a_run_alone) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        asio::cancellation_signal signal;
        sluice::producer<int> numbers{home, counter, 0, 50};
        sluice::consumer<int> collected{home, sluice::from(numbers, {.max_demand = 3}), collector, std::ref(got)};
        outcome told;
        sluice::async_run(numbers, collected,
                          asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error) {
                              ++told.calls;
                              told.error = std::move(error);
                          }));
        home.run_ready(10);
        signal.emit(asio::cancellation_type::total);
        home.run();
        expect_text(told.text(), "normal", "the run");
    });
}

BOOST_AUTO_TEST_CASE(a_run_that_lost_against_a_timer_is_stopped) {
    in_many_orders(
        [](simulation& home) {
            std::string told;
            std::vector<int> got;
            sluice::producer<int> waiting{home, wait_for_ever, std::ref(home)};
            sluice::consumer<int> collected{home, sluice::from(waiting), collector, std::ref(got)};
            sluice::testing::spawn(home, run_or_timeout(home, waiting, collected, told));
            home.run();
            expect_text(told, "timeout", "the first to complete");
            invariant(home.elapsed() < std::chrono::hours(1), "nobody waited for the producer's timer");
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(a_signal_that_outlives_the_context_holds_nothing_of_the_run) {
    auto const held = std::make_shared<int>(1);
    boost::asio::cancellation_signal signal;
    {
        boost::asio::io_context context;
        auto body = [held](outlet<int>& out) -> asio::awaitable<void> { co_await out.demand(); };
        sluice::producer<int> waiting{context, std::move(body)};
        sluice::async_run(waiting, boost::asio::bind_cancellation_slot(signal.slot(), [held](std::exception_ptr) {}));
        context.poll();
        BOOST_TEST(held.use_count() > 1);
    }
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(handles_may_go_while_their_stages_run) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        outcome told;
        {
            sluice::producer<int> numbers{home, counter, 0, 100};
            sluice::consumer<int> collected{home, sluice::from(numbers, {.max_demand = 7}), collector, std::ref(got)};
            start(told, numbers, collected);
            home.run_ready(home.get_chooser().choose(30));
        }
        home.run();
        expect_text(told.text(), "normal", "the run");
        expect_equal(got, iota(0, 100), "the events");
    });
}

BOOST_AUTO_TEST_CASE(handles_can_be_moved_also_onto_one_that_was_used) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<int> first{home, counter, 0, 5};
        sluice::producer<int> numbers{std::move(first)};
        invariant(!first.valid() && numbers.valid(), "moved");
        sluice::consumer<int> unused{home, sluice::from(numbers), collector, std::ref(got)};
        unused = sluice::consumer<int>{home, sluice::from(numbers), collector, std::ref(got)};
        expect_text(run_all(home, numbers, unused), "normal", "the run");
        expect_equal(got, iota(0, 5), "the events");
    });
}

BOOST_AUTO_TEST_SUITE_END()
