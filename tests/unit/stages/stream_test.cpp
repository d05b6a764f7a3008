#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <optional>
#include <string>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(streams)

using namespace stages;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;

namespace {

auto draw(sluice::stream<int>& from, std::vector<int>& got) -> asio::awaitable<void> {
    while (auto events = co_await from.receive()) got.insert(got.end(), events->begin(), events->end());
}
auto draw_or_timer(sluice::stream<int>& from, simulation& home, std::vector<int>& got, int& timeouts)
    -> asio::awaitable<void> {
    for (;;) {
        auto first = co_await (from.receive() || home.async_wait(3ms, asio::use_awaitable));
        if (first.index() == 1) {
            ++timeouts;
            continue;
        }
        auto& events = std::get<0>(first);
        if (!events) co_return;
        got.insert(got.end(), events->begin(), events->end());
    }
}
auto draw_or_post(sluice::stream<int>& from, std::vector<int>& got) -> asio::awaitable<void> {
    for (int lost = 0; lost < 100;) {
        auto first = co_await (from.receive() || asio::post(asio::use_awaitable));
        if (first.index() == 1) {
            ++lost;
            continue;
        }
        auto& events = std::get<0>(first);
        if (!events) co_return;
        got.insert(got.end(), events->begin(), events->end());
    }
    co_await draw(from, got);
}
auto fails_after(outlet<int>& out, int n) -> asio::awaitable<void> {
    auto events = batch_of(iota(0, n));
    co_await out.emit(std::move(events));
    throw std::runtime_error("oops");
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_coroutine_draws_everything_in_order) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<int> numbers{home, counter, 0, 200};
        sluice::stream<int> results{home, sluice::from(numbers, {.max_demand = 7})};
        sluice::testing::spawn(home, draw(results, got));
        expect_text(run_all(home, numbers), "normal", "the run");
        expect_equal(got, iota(0, 200), "the events");
    });
}

BOOST_AUTO_TEST_CASE(several_coroutines_share_a_stream_and_each_batch_goes_to_one) {
    in_many_orders([](simulation& home) {
        std::vector<int> one, two, three;
        sluice::producer<int> numbers{home, counter, 0, 200};
        sluice::stream<int> results{home, sluice::from(numbers, {.max_demand = 8})};
        for (auto* each : {&one, &two, &three}) sluice::testing::spawn(home, draw(results, *each));
        expect_text(run_all(home, numbers), "normal", "the run");
        one.insert(one.end(), two.begin(), two.end());
        one.insert(one.end(), three.begin(), three.end());
        std::sort(one.begin(), one.end());
        expect_equal(one, iota(0, 200), "each event once");
    });
}

BOOST_AUTO_TEST_CASE(a_stream_of_many_producers_ends_with_the_last) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<int> one{home, counter, 0, 20}, two{home, emit_every, std::ref(home), 20, 1ms};
        sluice::stream<int> results{home, {sluice::from(one, {.max_demand = 4}), sluice::from(two)}};
        sluice::testing::spawn(home, draw(results, got));
        expect_text(run_all(home, one, two), "normal", "the run");
        expect_equal(got.size(), 40u, "events");
    });
}

BOOST_AUTO_TEST_CASE(receive_or_timer_loses_nothing) {
    in_many_orders(
        [](simulation& home) {
            std::vector<int> got;
            int timeouts = 0;
            sluice::producer<int> slow{home, emit_every, std::ref(home), 30, 3ms};
            sluice::stream<int> results{home, sluice::from(slow, {.max_demand = 4})};
            sluice::testing::spawn(home, draw_or_timer(results, home, got, timeouts));
            expect_text(run_all(home, slow), "normal", "the run");
            expect_equal(got, iota(0, 30), "the events");
        },
        150);
}

BOOST_AUTO_TEST_CASE(receive_or_something_that_is_ready_too_loses_nothing) {
    in_many_orders(
        [](simulation& home) {
            std::vector<int> got;
            sluice::producer<int> numbers{home, counter, 0, 40};
            sluice::stream<int> results{home, sluice::from(numbers, {.max_demand = 4})};
            sluice::testing::spawn(home, draw_or_post(results, got));
            expect_text(run_all(home, numbers), "normal", "the run");
            expect_equal(got, iota(0, 40), "the events");
        },
        150);
}

BOOST_AUTO_TEST_CASE(several_receivers_that_race_against_timers_lose_nothing) {
    in_many_orders(
        [](simulation& home) {
            std::vector<int> one, two;
            int timeouts = 0;
            sluice::producer<int> slow{home, emit_every, std::ref(home), 20, 3ms};
            sluice::producer<int> fast{home, counter, 100, 120};
            sluice::stream<int> results{home,
                                        {sluice::from(slow, {.max_demand = 2}), sluice::from(fast, {.max_demand = 2})}};
            sluice::testing::spawn(home, draw_or_timer(results, home, one, timeouts));
            sluice::testing::spawn(home, draw_or_post(results, two));
            expect_text(run_all(home, slow, fast), "normal", "the run");
            one.insert(one.end(), two.begin(), two.end());
            std::sort(one.begin(), one.end());
            auto expected = iota(0, 20);
            for (int event : iota(100, 120)) expected.push_back(event);
            expect_equal(one, expected, "each event once");
        },
        200);
}

BOOST_AUTO_TEST_CASE(asking_for_the_next_batch_is_what_asks_for_more) {
    in_many_orders([](simulation& home) {
        int furthest = 0;
        auto eager = [&](outlet<int>& out) -> asio::awaitable<void> {
            for (int i = 0;; ++i) {
                furthest = i;
                const bool taken = co_await out.emit(i);
                if (!taken) co_return;
            }
        };
        sluice::producer<int> numbers{home, eager};
        outcome told;
        start(told, numbers);
        {
            sluice::stream<int> results{home, sluice::from(numbers, {.max_demand = 10, .min_demand = 0})};
            home.run();
            expect_equal(furthest, 10, "events taken before anybody drew");
            sluice::testing::spawn(home, [&]() -> asio::awaitable<void> { co_await results.receive(); });
            home.run();
            expect_equal(furthest, 10, "a batch that is being looked at is not acknowledged");
        }
        home.run();
        expect_text(told.text(), "normal", "the run");
    });
}

BOOST_AUTO_TEST_CASE(a_stream_that_goes_stops_its_sources) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<int> numbers{home, naturals};
        sluice::producer_consumer<int, int> doubled{home, sluice::from(numbers, {.max_demand = 10}),
                                                    [](inlet<int>& in, outlet<int>& out) -> asio::awaitable<void> {
                                                        while (auto events = co_await in.receive()) {
                                                            const bool taken = co_await out.emit(std::move(*events));
                                                            if (!taken) co_return;
                                                        }
                                                    }};
        outcome told;
        start(told, numbers, doubled);
        {
            sluice::stream<int> results{home, sluice::from(doubled, {.max_demand = 3})};
            sluice::testing::spawn(home, [&]() -> asio::awaitable<void> {
                for (int i = 0; i < 5; ++i) {
                    auto events = co_await results.receive();
                    got.insert(got.end(), events->begin(), events->end());
                }
                results.close();
            });
            home.run();
        }
        home.run();
        expect_text(told.text(), "normal", "the run");
        expect_equal(got, iota(0, static_cast<int>(got.size())), "what was drawn");
    });
}

BOOST_AUTO_TEST_CASE(closing_ends_the_receives_that_wait) {
    in_many_orders([](simulation& home) {
        int ended = 0, lost = 0;
        sluice::producer<int> slow{home, emit_every, std::ref(home), 3, 1h};
        sluice::stream<int> results{home, sluice::from(slow)};
        results.on_discard([&](batch<int> events, sluice::discard_reason) { lost += static_cast<int>(events.size()); });
        outcome told;
        start(told, slow);
        for (int i = 0; i < 3; ++i) {
            results.async_receive([&](std::exception_ptr error, std::optional<batch<int>> events) {
                invariant(!error && !events, "the end");
                ++ended;
            });
        }
        home.run_ready();
        results.close();
        results.close();
        home.run_ready();
        expect_equal(ended, 3, "receives that ended");
        results.async_receive([&](std::exception_ptr error, std::optional<batch<int>> events) {
            invariant(!error && !events, "the end");
            ++ended;
        });
        home.run();
        expect_equal(ended, 4, "one after the end ends too");
        expect_text(told.text(), "normal", "the run");
    });
}

BOOST_AUTO_TEST_CASE(a_failure_reaches_whoever_draws_after_what_came_before) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        std::string told;
        sluice::producer<int> bad{home, fails_after, 5};
        sluice::stream<int> results{home, sluice::from(bad)};
        sluice::testing::spawn(home, [&]() -> asio::awaitable<void> {
            try {
                co_await draw(results, got);
            } catch (std::exception const& error) {
                told = error.what();
            }
        });
        expect_text(run_all(home, bad), "oops", "the run");
        expect_text(told, "oops", "who draws");
        expect_equal(got, iota(0, 5), "what came before");
    });
}

BOOST_AUTO_TEST_CASE(a_temporary_stream_sees_the_end_instead) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<int> bad{home, fails_after, 5};
        sluice::stream<int> results{home, sluice::from(bad, {.cancel = sluice::cancel_mode::temporary})};
        sluice::testing::spawn(home, draw(results, got));
        expect_text(run_all(home, bad), "oops", "the run");
        expect_equal(got, iota(0, 5), "what came before");
    });
}

BOOST_AUTO_TEST_CASE(an_event_whose_move_throws_fails_the_receive) {
    using event = sluice::testing::throwing_counted<int>;
    auto emits = [](outlet<event>& out, sluice::testing::census& events) -> asio::awaitable<void> {
        auto some = out.make_batch();
        some.reserve(6);
        for (int i = 0; i < 6; ++i) some.emplace_back(events, i);
        co_await out.emit(std::move(some));
    };
    for (std::uint64_t k = 1; k <= 20; ++k) {
        in_many_orders(
            [&](simulation& home) {
                int got = 0;
                std::string told = "normal";
                sluice::producer<event> numbers{home, emits, std::ref(home.events())};
                sluice::stream<event> results{home, sluice::from(numbers, {.max_demand = 6, .min_demand = 4})};
                sluice::testing::spawn(home, [&]() -> asio::awaitable<void> {
                    try {
                        while (auto events = co_await results.receive()) got += static_cast<int>(events->size());
                    } catch (std::exception const& error) {
                        told = error.what();
                    }
                });
                home.events().throw_on_move(k);
                auto const run = run_all(home, numbers);
                invariant(got == 6 || told != "normal" || run != "normal", "nothing is lost in silence");
            },
            3);
    }
}

BOOST_AUTO_TEST_CASE(a_stream_lets_producers_go_that_accumulate_demand_if_it_is_told_to) {
    in_many_orders([](simulation& home) {
        std::vector<int> got, none;
        auto const waiting = sluice::outlet_options{.demand = sluice::demand_flow::accumulate};
        sluice::producer<int> numbers{home, waiting, counter, 0, 50}, held{home, waiting, counter, 0, 50};
        sluice::stream<int> results{home, sluice::from(numbers), {.demand = sluice::demand_flow::forward}};
        sluice::stream<int> others{home, sluice::from(held)};
        sluice::testing::spawn(home, draw(results, got));
        sluice::testing::spawn(home, draw(others, none));
        outcome first, second;
        start(first, numbers);
        start(second, held);
        home.run();
        expect_text(first.text(), "normal", "the run");
        expect_equal(got, iota(0, 50), "the events");
        invariant(none.empty(), "the other was left as it is");
        held.stop();
        home.run();
    });
}

BOOST_AUTO_TEST_CASE(a_stream_subscribes_to_one_more_producer_while_it_lives) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        std::string early = "none", late = "none";
        sluice::producer<int> one{home, counter, 0, 30}, two{home, counter, 30, 60}, three{home, counter, 60, 90};
        sluice::stream<int> results{home, sluice::from(one, {.max_demand = 4})};
        results.async_subscribe(sluice::from(two, {.max_demand = 3}),
                                [&](boost::system::error_code e, auto const& over) {
                                    early = e ? e.message() : "Success";
                                    invariant(over.valid(), "a subscription");
                                });
        sluice::testing::spawn(home, draw(results, got));
        expect_text(run_all(home, one, two), "normal", "the run");
        expect_text(early, "Success", "the answer");
        std::sort(got.begin(), got.end());
        expect_equal(got, iota(0, 60), "the events of both");
        results.async_subscribe(sluice::from(three),
                                [&](boost::system::error_code e, auto const&) { late = e.message(); });
        home.run();
        expect_text(late, make_error_code(sluice::errc::end_of_stream).message(), "it has ended");
        three.stop();
        home.run();
    });
}

BOOST_AUTO_TEST_SUITE_END()
