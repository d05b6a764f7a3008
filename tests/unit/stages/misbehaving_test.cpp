#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <memory>
#include <optional>
#include <string>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(misbehaving)

using namespace stages;
using sluice::testing::counted_mark;

namespace {

using event = counted<int>;

auto made(outlet<event>& out, sluice::testing::census& events, int last) -> asio::awaitable<void> {
    counted_mark const frame{events};
    for (int i = 0; i < last; ++i) {
        event one{events, i};
        const bool taken = co_await out.emit(std::move(one));
        if (!taken) co_return;
    }
}
auto passed(inlet<event>& in, outlet<event>& out, sluice::testing::census& events) -> asio::awaitable<void> {
    counted_mark const frame{events};
    while (auto some = co_await in.receive()) co_await out.emit(std::move(*some));
}
auto drained(inlet<event>& in, sluice::testing::census& events) -> asio::awaitable<void> {
    counted_mark const frame{events};
    while (auto some = co_await in.receive()) {}
}
auto waits_between(inlet<event>& in, simulation& home) -> asio::awaitable<void> {
    counted_mark const frame{home.events()};
    while (auto some = co_await in.receive_for(std::chrono::milliseconds(5))) {
        co_await home.async_wait(std::chrono::milliseconds(3));
    }
}
struct handler {
    sluice::testing::census* events;
    int next = 0;
    auto handle_demand(std::size_t wanted) -> sluice::emission<event> {
        batch<event> some;
        for (std::size_t i = 0; i < wanted && next < 20; ++i) some.emplace_back(*events, next++);
        if (next == 20) return sluice::emission<event>::last(std::move(some));
        return some;
    }
};
struct passing_handler {
    auto handle_events(batch<event> some) -> sluice::emission<event> { return some; }
};

/// Two producers, a middle of each kind, and consumers with timers: something of everything.
void everything(simulation& home) {
    auto& events = home.events();
    outcome told;
    sluice::producer<event> one{home, made, std::ref(events), 20};
    sluice::producer two{home, handler{&events}};
    sluice::producer_consumer<event, event> body{
        home, {sluice::from(one, {.max_demand = 5}), sluice::from(two, {.max_demand = 3})}, passed, std::ref(events)};
    sluice::producer_consumer<event, event> object{home, sluice::from(two, {.max_demand = 4}), passing_handler{}};
    sluice::consumer<event> first{
        home, {sluice::from(body, {.max_demand = 2}), sluice::from(object)}, drained, std::ref(events)};
    sluice::consumer<event> second{home, sluice::from(body, {.max_demand = 6}), waits_between, std::ref(home)};
    start(told, one, two, body, object, first, second);
    home.run();
    if (!home.stopped() && !home.destroyed()) invariant(told.calls == 1, "the run has ended: " + told.text());
}

/// The same for the ends outside any stage.
void ways_in_and_out(simulation& home) {
    auto& events = home.events();
    sluice::intake<event> in{home};
    sluice::producer_consumer<event, event> body{home, sluice::from(in, {.max_demand = 3}), passed, std::ref(events)};
    sluice::stream<event> out{home, sluice::from(body, {.max_demand = 2})};
    outcome told;
    start(told, body);
    for (int feeder = 0; feeder < 2; ++feeder) {
        sluice::testing::spawn(home, [&]() -> asio::awaitable<void> {
            counted_mark const frame{events};
            for (int i = 0; i < 5; ++i) {
                event one{events, i};
                co_await in.emit(std::move(one));
            }
        });
        sluice::testing::spawn(home, [&]() -> asio::awaitable<void> {
            counted_mark const frame{events};
            while (auto some = co_await out.receive()) {
                if (some->empty()) co_return;
            }
        });
    }
    home.run_ready(100);
    in.close();
    home.run();
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_context_may_be_destroyed_after_any_step_of_a_run) {
    auto const report = sluice::testing::after_every_step({.name = "destroyed", .seeds = 3}, everything,
                                                          [](simulation& home) { home.destroy_context(); });
    BOOST_TEST(report.passed());
}

BOOST_AUTO_TEST_CASE(stages_may_go_before_their_context_after_any_step_of_a_run) {
    auto const report = sluice::testing::after_every_step({.name = "stopped", .seeds = 3}, everything,
                                                          [](simulation& home) { home.stop(); });
    BOOST_TEST(report.passed());
}

BOOST_AUTO_TEST_CASE(the_context_may_be_destroyed_after_any_step_of_intake_and_stream) {
    auto const report = sluice::testing::after_every_step({.name = "destroyed", .seeds = 4}, ways_in_and_out,
                                                          [](simulation& home) { home.destroy_context(); });
    BOOST_TEST(report.passed());
}

BOOST_AUTO_TEST_CASE(an_io_context_may_be_destroyed_after_any_number_of_handlers) {
    for (int handlers = 0; handlers < 120; ++handlers) {
        std::vector<int> got;
        outcome told;
        {
            boost::asio::io_context context;
            sluice::producer<int> numbers{context, counter, 0, 50};
            sluice::producer_consumer<int, int> doubled{context, sluice::from(numbers, {.max_demand = 5}), doubler};
            sluice::consumer<int> collected{context, sluice::from(doubled, {.max_demand = 2}), collector,
                                            std::ref(got)};
            start(told, numbers, doubled, collected);
            for (int i = 0; i < handlers; ++i) context.poll_one();
        }
        BOOST_TEST(told.calls <= 1);
    }
}

BOOST_AUTO_TEST_CASE(handles_may_outlive_their_context) {
    std::vector<int> got;
    auto context = std::make_unique<boost::asio::io_context>();
    sluice::producer<int> numbers{*context, counter, 0, 50};
    sluice::consumer<int> collected{*context, sluice::from(numbers), collector, std::ref(got)};
    sluice::intake<int> in{*context};
    sluice::stream<int> out{*context, sluice::from(in)};
    outcome told;
    start(told, numbers, collected);
    context->poll_one();
    context.reset();
    numbers.stop();
    in.close();
    out.close();
    BOOST_TEST(told.calls == 0);
}

BOOST_AUTO_TEST_CASE(a_body_may_destroy_the_handle_of_its_own_stage) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        std::optional<sluice::producer<int>> numbers;
        auto body = [&](outlet<int>& out) -> asio::awaitable<void> {
            for (int i = 0; i < 20; ++i) {
                if (i == 5) numbers.reset();
                const bool taken = co_await out.emit(i);
                if (!taken) co_return;
            }
        };
        numbers.emplace(home, body);
        sluice::consumer<int> collected{home, sluice::from(*numbers), collector, std::ref(got)};
        expect_text(run_all(home, *numbers, collected), "normal", "the run");
        expect_equal(got, iota(0, 20), "the events");
    });
}

BOOST_AUTO_TEST_CASE(a_body_may_stop_its_own_stage) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        std::optional<sluice::consumer<int>> collected;
        auto body = [&](inlet<int>& in) -> asio::awaitable<void> {
            while (auto events = co_await in.receive()) {
                got.insert(got.end(), events->begin(), events->end());
                collected->stop();
            }
        };
        sluice::producer<int> numbers{home, naturals};
        collected.emplace(home, sluice::from(numbers, {.max_demand = 3}), body);
        expect_text(run_all(home, numbers, *collected), "operation_aborted", "the run");
    });
}

BOOST_AUTO_TEST_CASE(a_body_may_stop_the_context) {
    boost::asio::io_context context;
    std::vector<int> got;
    outcome told;
    sluice::producer<int> numbers{context, counter, 0, 50};
    auto body = [&](inlet<int>& in) -> asio::awaitable<void> {
        while (auto events = co_await in.receive()) {
            got.insert(got.end(), events->begin(), events->end());
            context.stop();
        }
    };
    sluice::consumer<int> stops{context, sluice::from(numbers, {.max_demand = 5}), body};
    start(told, numbers, stops);
    for (int rounds = 0; rounds < 1000 && told.calls == 0; ++rounds) {
        context.restart();
        context.run();
    }
    BOOST_TEST(told.text() == "normal");
    BOOST_TEST(got == iota(0, 50));
}

BOOST_AUTO_TEST_CASE(a_stage_that_subscribes_to_itself_waits_and_can_be_stopped) {
    in_many_orders(
        [](simulation& home) {
            std::vector<int> got;
            sluice::producer<int> numbers{home, counter, 0, 5};
            sluice::producer_consumer<int, int> loop{home, sluice::from(numbers),
                                                     [](inlet<int>& in, outlet<int>& out) -> asio::awaitable<void> {
                                                         while (auto events = co_await in.receive()) {
                                                             for (int& event : *events) ++event;
                                                             const bool taken = co_await out.emit(std::move(*events));
                                                             if (!taken) co_return;
                                                         }
                                                     }};
            boost::system::error_code answer = sluice::errc::abandoned;
            loop.async_subscribe(loop, {.max_demand = 3},
                                 [&](boost::system::error_code error, sluice::subscription) { answer = error; });
            outcome told;
            start(told, numbers, loop);
            home.run(5000);
            invariant(!answer, "it is allowed");
            expect_text(told.text(), "not ended", "a loop has no end");
            loop.stop();
            home.run();
            expect_text(told.text(), "operation_aborted", "the run");
        },
        20);
}

BOOST_AUTO_TEST_CASE(a_body_may_subscribe_its_own_stage_to_another) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        std::optional<sluice::consumer<int>> collected;
        sluice::producer<int> numbers{home, counter, 0, 30};
        auto body = [&](inlet<int>& in) -> asio::awaitable<void> {
            auto const over = co_await collected->async_subscribe(numbers, {.max_demand = 4});
            invariant(over.valid(), "a subscription");
            while (auto events = co_await in.receive()) got.insert(got.end(), events->begin(), events->end());
        };
        collected.emplace(home, sluice::sources<int>{}, body);
        expect_text(run_all(home, numbers, *collected), "normal", "the run");
        expect_equal(got, iota(0, 30), "the events");
    });
}

BOOST_AUTO_TEST_CASE(a_coroutine_that_a_body_leaves_behind_is_told_that_the_stage_has_ended) {
    in_many_orders([](simulation& home) {
        int aborted = 0;
        auto left_behind = [&](inlet<int>& in) -> asio::awaitable<void> {
            try {
                co_await home.async_wait(std::chrono::seconds(1));
                co_await in.receive();
            } catch (boost::system::system_error const& error) {
                if (error.code() == asio::error::operation_aborted) ++aborted;
            }
        };
        auto body = [&](inlet<int>& in) -> asio::awaitable<void> {
            auto const here = co_await asio::this_coro::executor;
            asio::co_spawn(here, left_behind(in), asio::detached);
        };
        sluice::producer<int> numbers{home, naturals};
        sluice::consumer<int> leaves{home, sluice::from(numbers), body};
        expect_text(run_all(home, numbers, leaves), "normal", "the run");
        expect_equal(aborted, 1, "receives that failed");
    });
}

BOOST_AUTO_TEST_CASE(stopping_after_any_step_leaves_nothing_behind) {
    auto scenario = [](simulation& home, std::size_t steps) {
        auto& events = home.events();
        outcome told;
        sluice::producer<event> one{home, made, std::ref(events), 100};
        sluice::producer_consumer<event, event> body{home, sluice::from(one, {.max_demand = 5}), passed,
                                                     std::ref(events)};
        sluice::consumer<event> first{home, sluice::from(body, {.max_demand = 2}), drained, std::ref(events)};
        sluice::consumer<event> second{home, sluice::from(body, {.max_demand = 6}), waits_between, std::ref(home)};
        start(told, one, body, first, second);
        home.run_ready(std::max<std::size_t>(steps, 1));
        sluice::stage* const which[] = {&one, &body, &first, &second};
        which[home.get_chooser().choose(4)]->stop();
        home.run();
        invariant(told.calls == 1, "the run has ended: " + told.text());
    };
    for (std::size_t steps = 0; steps < 80; steps += 2) {
        in_many_orders([&](simulation& home) { scenario(home, steps); }, 2);
    }
}

BOOST_AUTO_TEST_SUITE_END()
