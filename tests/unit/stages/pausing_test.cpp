// outlet::pause_until: bodies that make their events by the clock.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(pausing)

using namespace stages;
using namespace std::chrono_literals;
using sluice::from;
using time_point = simulation::clock::time_point;

namespace {

/// Emits 0, 1, 2 … a second apart; says how it has ended.
auto clockwork(outlet<int>& out, std::string& how) -> asio::awaitable<void> {
    auto next = out.now();
    for (int i = 0;; ++i) {
        next += 1s;
        bool const go_on = co_await out.pause_until(next);
        if (!go_on) break;
        co_await out.emit(i);
    }
    how = "nobody wants more";
}
auto leaves_after(inlet<int>& in, simulation& home, std::chrono::milliseconds time) -> asio::awaitable<void> {
    auto const first = co_await in.receive();
    co_await home.async_wait(time);
}
auto pauses_twice(outlet<int>& out, std::string& told) -> asio::awaitable<void> {
    co_await out.demand();
    auto const executor = co_await asio::this_coro::executor;
    auto first = out.pause_until(out.now() + 2s);
    asio::co_spawn(executor, std::move(first), [](std::exception_ptr const&, bool) {});
    try {
        co_await out.pause_until(out.now() + 1s);
    } catch (boost::system::system_error const& error) {
        told = error.code().message();
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_pause_ends_at_its_time_and_at_once_when_every_consumer_has_left) {
    in_many_orders(
        [](simulation& home) {
            std::string how;
            auto const begin = home.now();
            sluice::producer<int> seconds{home, clockwork, std::ref(how)};
            sluice::consumer<int> one{home, from(seconds), leaves_after, std::ref(home), 2500ms};
            expect_text(run_all(home, seconds, one), "normal", "the run");
            expect_text(how, "nobody wants more", "it hears that");
            invariant(home.now() - begin == 3500ms, "not at the next second");
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(a_pause_is_stopped_with_its_stage) {
    in_many_orders(
        [](simulation& home) {
            std::string how;
            std::vector<int> got;
            sluice::producer<int> seconds{home, clockwork, std::ref(how)};
            sluice::consumer<int> all{home, from(seconds), collector, std::ref(got)};
            outcome told;
            start(told, seconds, all);
            time_point stopped;
            home.async_wait(3500ms, [&](boost::system::error_code) {
                stopped = home.now();
                seconds.stop();
            });
            home.run();
            invariant(got == std::vector{0, 1, 2}, "what it had made has come");
            expect_text(how, "", "it is cut short");
            invariant(home.now() == stopped, "at once");
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(a_second_pause_of_one_outlet_is_refused) {
    in_many_orders([](simulation& home) {
        std::string told;
        std::vector<int> got;
        sluice::producer<int> numbers{home, pauses_twice, std::ref(told)};
        sluice::consumer<int> all{home, from(numbers), collector, std::ref(got)};
        expect_text(run_all(home, numbers, all), "normal", "the run");
        expect_text(told, make_error_code(sluice::errc::already_running).message(), "the second one");
    });
}

BOOST_AUTO_TEST_SUITE_END()
