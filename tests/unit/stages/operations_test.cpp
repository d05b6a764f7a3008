#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <string>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(operations)

using namespace stages;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;

namespace {

auto receive_with_timeout(inlet<int>& in, simulation& home, std::vector<int>& got, int& timeouts)
    -> asio::awaitable<void> {
    for (;;) {
        auto const begin = home.now();
        auto events = co_await in.receive_for(10ms);
        if (!events) co_return;
        if (events->empty()) {
            invariant(home.now() - begin >= 10ms, "not before its time");
            ++timeouts;
        }
        got.insert(got.end(), events->begin(), events->end());
    }
}

auto receive_or_timer(inlet<int>& in, simulation& home, std::vector<int>& got, int& timeouts) -> asio::awaitable<void> {
    for (;;) {
        auto first = co_await (in.receive() || home.async_wait(3ms, asio::use_awaitable));
        if (first.index() == 1) {
            ++timeouts;
            continue;
        }
        auto& events = std::get<0>(first);
        if (!events) co_return;
        got.insert(got.end(), events->begin(), events->end());
    }
}

/// Both are ready at once, again and again; after a while it lets the others run, too.
auto receive_or_post(inlet<int>& in, std::vector<int>& got) -> asio::awaitable<void> {
    for (int lost = 0; lost < 100;) {
        auto first = co_await (in.receive() || asio::post(asio::use_awaitable));
        if (first.index() == 1) {
            ++lost;
            continue;
        }
        auto& events = std::get<0>(first);
        if (!events) co_return;
        got.insert(got.end(), events->begin(), events->end());
    }
    co_await collector(in, got);
}

auto second_one_fails(inlet<int>& in, std::string& told) -> asio::awaitable<void> {
    auto both = [](inlet<int>& i, std::string& t) -> asio::awaitable<void> {
        try {
            co_await i.receive();
        } catch (boost::system::system_error const& error) {
            t = error.code().message();
        }
    };
    co_await (both(in, told) && both(in, told));
}

}  // namespace

BOOST_AUTO_TEST_CASE(receive_for_gives_up_in_time_and_loses_nothing) {
    in_many_orders(
        [](simulation& home) {
            std::vector<int> got;
            int timeouts = 0;
            sluice::producer<int> slow{home, emit_every, std::ref(home), 10, 35ms};
            sluice::consumer<int> impatient{home,           sluice::from(slow), receive_with_timeout,
                                            std::ref(home), std::ref(got),      std::ref(timeouts)};
            expect_text(run_all(home, slow, impatient), "normal", "the run");
            expect_equal(got, iota(0, 10), "the events");
            expect_equal(timeouts, 30, "timeouts, three for each event");
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(receive_for_nothing_and_for_ever_are_what_they_say) {
    in_many_orders(
        [](simulation& home) {
            bool empty = false, came = false;
            auto body = [&](inlet<int>& in) -> asio::awaitable<void> {
                auto none = co_await in.receive_for(0ms);
                empty = none && none->empty();
                auto negative = co_await in.receive_for(-1h);
                empty = empty && negative && negative->empty();
                auto some = co_await in.receive_for(inlet<int>::clock::duration::max());
                came = some && some->size() == 1;
            };
            sluice::producer<int> slow{home, emit_every, std::ref(home), 1, 1s};
            sluice::consumer<int> impatient{home, sluice::from(slow), body};
            expect_text(run_all(home, slow, impatient), "normal", "the run");
            invariant(empty, "an empty batch at once");
            invariant(came, "the event, however long it takes");
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(receive_or_timer_loses_nothing) {
    in_many_orders(
        [](simulation& home) {
            std::vector<int> got;
            int timeouts = 0;
            sluice::producer<int> slow{home, emit_every, std::ref(home), 30, 3ms};
            sluice::consumer<int> impatient{home,
                                            sluice::from(slow, {.max_demand = 4}),
                                            receive_or_timer,
                                            std::ref(home),
                                            std::ref(got),
                                            std::ref(timeouts)};
            expect_text(run_all(home, slow, impatient), "normal", "the run");
            expect_equal(got, iota(0, 30), "the events");
            invariant(timeouts > 0, "the timer wins now and then");
        },
        150);
}

BOOST_AUTO_TEST_CASE(receive_or_something_that_is_ready_too_loses_nothing) {
    in_many_orders(
        [](simulation& home) {
            std::vector<int> got;
            sluice::producer<int> numbers{home, counter, 0, 40};
            sluice::consumer<int> racing{home, sluice::from(numbers, {.max_demand = 3}), receive_or_post,
                                         std::ref(got)};
            expect_text(run_all(home, numbers, racing), "normal", "the run");
            expect_equal(got, iota(0, 40), "the events");
        },
        150);
}

BOOST_AUTO_TEST_CASE(a_second_receive_while_one_waits_is_refused) {
    in_many_orders([](simulation& home) {
        std::string told;
        sluice::producer<int> slow{home, emit_every, std::ref(home), 1, 1s};
        sluice::consumer<int> twice{home, sluice::from(slow), second_one_fails, std::ref(told)};
        expect_text(run_all(home, slow, twice), "normal", "the run");
        expect_text(told, make_error_code(sluice::errc::already_running).message(), "the second one");
    });
}

BOOST_AUTO_TEST_CASE(a_second_receive_does_not_take_the_first_ones_deadline_away) {
    in_many_orders(
        [](simulation& home) {
            int timeouts = 0, refused = 0;
            auto timed = [&](inlet<int>& in) -> asio::awaitable<void> {
                try {
                    auto events = co_await in.receive_for(10ms);
                    if (events && events->empty()) ++timeouts;
                } catch (boost::system::system_error const& error) {
                    if (error.code() == sluice::errc::already_running) ++refused;
                }
            };
            auto body = [&](inlet<int>& in) -> asio::awaitable<void> { co_await (timed(in) && timed(in)); };
            sluice::producer<int> slow{home, emit_every, std::ref(home), 1, 1000s};
            sluice::consumer<int> twice{home, sluice::from(slow), body};
            expect_text(run_all(home, slow, twice), "normal", "the run");
            expect_equal(timeouts, 1, "timeouts");
            expect_equal(refused, 1, "refused");
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(a_cancelled_receive_throws_and_nothing_is_lost) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        int cancelled = 0;
        auto one = [&](inlet<int>& in) -> asio::awaitable<void> {
            auto events = co_await in.receive();
            if (events) got.insert(got.end(), events->begin(), events->end());
        };
        auto body = [&](inlet<int>& in) -> asio::awaitable<void> {
            auto const here = co_await asio::this_coro::executor;
            for (int i = 0; i < 5; ++i) {
                asio::cancellation_signal signal;
                bool over = false;
                asio::co_spawn(here, one(in),
                               asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error) {
                                   over = true;
                                   if (error) ++cancelled;
                               }));
                co_await home.async_wait(1ms);
                signal.emit(asio::cancellation_type::terminal);
                while (!over) co_await home.async_wait(1ms);
            }
            co_await collector(in, got);
        };
        sluice::producer<int> slow{home, emit_every, std::ref(home), 10, 2ms};
        sluice::consumer<int> cancelling{home, sluice::from(slow), body};
        expect_text(run_all(home, slow, cancelling), "normal", "the run");
        expect_equal(got, iota(0, 10), "the events");
        invariant(cancelled > 0, "some receives were cancelled");
    });
}

BOOST_AUTO_TEST_CASE(a_cancelled_emit_discards_what_found_no_taker_visibly) {
    in_many_orders(
        [](simulation& home) {
            std::vector<int> got, lost;
            std::string told;
            auto one = [](outlet<int>& out) -> asio::awaitable<void> {
                auto events = batch_of(iota(0, 10));
                co_await out.emit(std::move(events));
            };
            auto body = [&](outlet<int>& out) -> asio::awaitable<void> {
                auto const first = co_await (one(out) || home.async_wait(1s, asio::use_awaitable));
                told = first.index() == 0 ? "emitted" : "cancelled";
                co_await out.emit(10);
            };
            auto slow_consumer = [&](inlet<int>& in) -> asio::awaitable<void> {
                while (auto events = co_await in.receive()) {
                    got.insert(got.end(), events->begin(), events->end());
                    co_await home.async_wait(2s);
                }
            };
            sluice::producer<int> numbers{home, body};
            numbers.on_discard([&](batch<int> events, sluice::discard_reason why) {
                invariant(why == sluice::discard_reason::cancelled, "the reason");
                lost.insert(lost.end(), events.begin(), events.end());
            });
            sluice::consumer<int> slowly{home, sluice::from(numbers, {.max_demand = 4, .min_demand = 0}),
                                         slow_consumer};
            expect_text(run_all(home, numbers, slowly), "normal", "the run");
            expect_text(told, "cancelled", "the emit");
            expect_equal(lost, iota(4, 10), "what was lost");
            expect_equal(got, std::vector{0, 1, 2, 3, 10}, "what arrived");
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(demand_can_be_awaited_with_a_timeout) {
    in_many_orders(
        [](simulation& home) {
            std::vector<int> got;
            int timeouts = 0;
            auto body = [&](outlet<int>& out) -> asio::awaitable<void> {
                for (int i = 0; i < 5;) {
                    auto const first = co_await (out.demand() || home.async_wait(1s, asio::use_awaitable));
                    if (first.index() == 1) {
                        ++timeouts;
                        continue;
                    }
                    const bool taken = co_await out.emit(i++);
                    if (!taken) co_return;
                }
            };
            sluice::producer<int> numbers{home, body};
            auto late = [&](inlet<int>& in) -> asio::awaitable<void> {
                co_await home.async_wait(3500ms);
                co_await collector(in, got);
            };
            sluice::consumer<int> collected{home, sluice::sources<int>{}, late};
            outcome told;
            start(told, numbers, collected);
            home.run_ready();
            home.async_wait(3s, [&](boost::system::error_code) {
                collected.async_subscribe(numbers, {.max_demand = 1},
                                          [](boost::system::error_code, sluice::subscription) {});
            });
            home.run();
            expect_text(told.text(), "normal", "the run");
            expect_equal(got, iota(0, 5), "the events");
            invariant(timeouts >= 2, "nobody asked for three seconds");
        },
        60, patient);
}

BOOST_AUTO_TEST_SUITE_END()
