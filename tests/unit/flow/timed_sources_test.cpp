// Sources that wait: for the clock, for a body's own reasons, for what a function has.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <ranges>
#include <sluice/consumer.hpp>
#include <sluice/producer.hpp>
#include <sluice/run.hpp>
#include <sluice/testing/testing.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_timed_sources)

using namespace flow_test;
using namespace std::chrono_literals;
using sluice::testing::explore;
using sluice::testing::invariant;
using sluice::testing::simulation;

namespace {

using ticks = std::vector<std::uint64_t>;

/// Runs a scenario in many orders.
template <class Scenario>
void in_virtual_time(Scenario const& scenario) {
    auto const& name = boost::unit_test::framework::current_test_case().p_name.get();
    sluice::testing::simulation_options const patient{.step_budget = 100'000, .early_deadline_one_in = 0};
    auto const report = explore({.name = name.c_str(), .seeds = 60, .simulation = patient}, scenario);
    BOOST_TEST(report.passed());
}

/// Notes with how many events it came, and when.
template <class T>
struct noted {
    std::vector<T> events;
    std::vector<std::chrono::milliseconds> times;
    std::exception_ptr error;
    bool ended = false;
};
template <class F>
void note(F& f, simulation& home, noted<typename F::event_type>& into) {
    using event = typename F::event_type;
    auto const see = [&home, &into](event each) {
        into.events.push_back(std::move(each));
        into.times.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(home.elapsed()));
    };
    flow::async_for_each(f, home.get_executor(), see, [&into](std::exception_ptr error) {
        into.error = error;
        into.ended = true;
    });
}

/// Emits 0, 1, 2 … with a pause before each, which only the simulation can end.
auto slow_counter(sluice::outlet<int>& out, simulation* home, std::chrono::milliseconds pause, int last)
    -> asio::awaitable<void> {
    for (int i = 0; i < last; ++i) {
        co_await home->async_wait(pause);
        bool const taken = co_await out.emit(i);
        if (!taken) co_return;
    }
}
auto fails_later(sluice::outlet<int>& out, simulation* home) -> asio::awaitable<void> {
    co_await out.emit(1);
    co_await home->async_wait(1s);
    throw std::runtime_error("the generator failed");
}
/// Says how it has ended.
auto tells_its_end(sluice::outlet<int>& out, simulation* home, std::string* how) -> asio::awaitable<void> {
    co_await out.emit(1);
    while (auto const wanted = co_await out.demand()) co_await out.emit(2);
    co_await home->async_wait(1ms);
    *how = "came to its end";
}
auto look_at(sluice::inlet<std::uint64_t>& in, simulation* home, ticks* seen) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        seen->insert(seen->end(), events->begin(), events->end());
        if (seen->size() == 4) co_return;
        co_await home->async_wait(250ms);
    }
}
auto doubler(sluice::inlet<int>& in, sluice::outlet<int>& out, int* ends) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (int& event : *events) event *= 2;
        co_await out.emit(std::move(*events));
    }
    ++*ends;
}
auto sleeper(sluice::inlet<int>& in, sluice::outlet<int>& out, simulation* home) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        co_await out.emit(std::move(*events));
        co_await home->async_wait(1h);
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_interval_ticks_by_the_clock_and_does_not_drift) {
    in_virtual_time([](simulation& home) {
        auto const f = flow::interval(100ms) | flow::take(5);
        noted<std::uint64_t> seen;
        note(f, home, seen);
        home.run();
        invariant(seen.ended && !seen.error, "it ended normally");
        invariant(seen.events == ticks{0, 1, 2, 3, 4}, "five ticks");
        invariant(seen.times == std::vector{100ms, 200ms, 300ms, 400ms, 500ms}, "each at its time");
    });
}

BOOST_AUTO_TEST_CASE(ticks_that_nobody_wants_are_left_out_and_the_newest_is_given) {
    in_virtual_time([](simulation& home) {
        ticks seen;
        sluice::producer<std::uint64_t> every_100ms(home, sluice::detail::tick, 100ms);
        sluice::consumer<std::uint64_t> slow(home, sluice::from(every_100ms, {.max_demand = 1}), look_at, &home, &seen);
        sluice::async_run(every_100ms, slow, [](std::exception_ptr error) { invariant(!error, "it ended normally"); });
        home.run();
        // It looks at a tick for 250 ms; then the newest is 2 or 3 further.
        invariant(seen == ticks{0, 2, 5, 7}, "the newest each time");
    });
}

BOOST_AUTO_TEST_CASE(a_stream_of_ticks_that_is_closed_stops_them_at_once) {
    in_virtual_time([](simulation& home) {
        auto const f = flow::interval(100ms);
        auto numbers = flow::stream(f, home.get_executor());
        ticks got;
        asio::co_spawn(
            home.get_executor(),
            [](simulation& home, sluice::stream<std::uint64_t>& numbers, ticks& got) -> asio::awaitable<void> {
                auto first = co_await numbers.receive();
                got.insert(got.end(), first->begin(), first->end());
                co_await home.async_wait(50ms);
                numbers.close();
            }(home, numbers, got),
            asio::detached);
        home.run();
        invariant(got == ticks{0}, "the first tick");
        invariant(home.elapsed() < 1s, "at once");
    });
}

BOOST_AUTO_TEST_CASE(an_interval_ends_at_once_when_nobody_wants_more) {
    in_virtual_time([](simulation& home) {
        auto const once = flow::merge(flow::interval(1h), flow::from(std::views::single(std::uint64_t{7})));
        auto const f = once | flow::shuffle({.stages = 1}) | flow::take(1);
        noted<std::uint64_t> seen;
        note(f, home, seen);
        home.run();
        invariant(seen.ended && !seen.error && seen.events == ticks{7}, "one event, and the end");
        invariant(home.elapsed() < 1s, "the hour was not waited for");
    });
}

BOOST_AUTO_TEST_CASE(an_interval_is_stopped_while_it_waits) {
    in_virtual_time([](simulation& home) {
        auto const f = flow::interval(1h);
        asio::cancellation_signal stop;
        std::exception_ptr failed;
        flow::async_run(f, home.get_executor(),
                        asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr error) { failed = error; }));
        home.run_ready();
        stop.emit(asio::cancellation_type::terminal);
        home.run();
        invariant(failed != nullptr, "it was cut short");
        invariant(home.elapsed() < 1s, "the hour was not waited for");
    });
}

BOOST_AUTO_TEST_CASE(a_period_that_is_not_more_than_zero_is_refused_at_once) {
    BOOST_CHECK_EXCEPTION(flow::interval(0ms), boost::system::system_error, [](auto const& e) {
        return e.code() == sluice::errc::invalid_option &&
               std::string(e.what()).starts_with("flow::interval: the period must be more than 0 (got 0 ns)");
    });
    BOOST_CHECK_THROW(flow::interval(-1s), boost::system::system_error);
    auto const never = flow::interval(std::chrono::nanoseconds::max()) | flow::take(0);
    BOOST_TEST(collect_here(never).empty());
    BOOST_TEST(flow::describe(flow::interval(1s)).text() == "1. interval  1 stage\n");
}

BOOST_AUTO_TEST_CASE(what_a_generator_emits_goes_on_while_it_waits) {
    in_virtual_time([](simulation& home) {
        auto const f = flow::source<int>(slow_counter, &home, 10ms, 4) | flow::map([](int i) { return i; }) |
                       flow::partition({.stages = 2}) | flow::map([](int i) { return i; });
        noted<int> seen;
        note(f, home, seen);
        home.run();
        invariant(seen.ended && !seen.error, "it ended normally");
        invariant(seen.events == std::vector{0, 1, 2, 3}, "all events");
        invariant(seen.times == std::vector{10ms, 20ms, 30ms, 40ms}, "each as soon as it is there");
    });
}

BOOST_AUTO_TEST_CASE(a_generator_that_throws_after_a_wait_ends_the_flow_behind_what_it_has_emitted) {
    in_virtual_time([](simulation& home) {
        auto const f = flow::source<int>(fails_later, &home) | flow::map([](int i) { return i; });
        noted<int> seen;
        note(f, home, seen);
        home.run();
        invariant(seen.events == std::vector{1}, "what it had emitted");
        try {
            std::rethrow_exception(seen.error);
        } catch (std::runtime_error const& error) {
            invariant(std::string(error.what()) == "the generator failed", "its own exception");
        }
    });
}

BOOST_AUTO_TEST_CASE(a_generator_that_waits_for_something_else_is_cancelled_when_nobody_wants_more) {
    in_virtual_time([](simulation& home) {
        auto const f = flow::source<int>(slow_counter, &home, 1min, 1000) | flow::take(2);
        noted<int> seen;
        note(f, home, seen);
        home.run();
        invariant(seen.ended && !seen.error, "it ended normally");
        invariant(seen.events == std::vector{0, 1}, "two events");
        invariant(home.elapsed() <= 2min, "the next minute was not waited for");
    });
}

BOOST_AUTO_TEST_CASE(a_generator_that_hears_it_ends_as_it_likes) {
    in_virtual_time([](simulation& home) {
        std::string how;
        auto const f = flow::source<int>(tells_its_end, &home, &how) | flow::take(5);
        noted<int> seen;
        note(f, home, seen);
        home.run();
        invariant(seen.ended && !seen.error, "it ended normally");
        invariant(how == "came to its end", "also behind a wait of its own");
    });
}

BOOST_AUTO_TEST_CASE(a_body_between_a_slow_generator_and_who_has_enough_ends_at_once) {
    in_virtual_time([](simulation& home) {
        int ends = 0;
        auto const waits =
            flow::source<int>(slow_counter, &home, 1min, 1000) | flow::stage<int>(doubler, &ends) | flow::take(2);
        auto const sleeps =
            flow::source<int>(slow_counter, &home, 1min, 1000) | flow::stage<int>(sleeper, &home) | flow::take(1);
        noted<int> seen;
        note(waits, home, seen);
        home.run();
        invariant(seen.ended && !seen.error && seen.events == std::vector{0, 2}, "two events");
        invariant(ends == 1, "a body that receives is told that there is no more");
        invariant(home.elapsed() <= 2min, "the next minute was not waited for");

        noted<int> other;
        note(sleeps, home, other);
        home.run();
        invariant(other.ended && !other.error && other.events == std::vector{0}, "one event");
        invariant(home.elapsed() <= 3min, "a body that sleeps is woken");
    });
}

BOOST_AUTO_TEST_CASE(a_batch_source_gives_what_it_has_and_nobody_waits_for_the_rest) {
    in_virtual_time([](simulation& home) {
        auto const give = [&home,
                           left = 3](std::size_t wanted) mutable -> asio::awaitable<std::optional<std::vector<int>>> {
            invariant(wanted > 2, "more is wanted than there is");
            co_await home.async_wait(10ms);
            std::optional<std::vector<int>> some;
            if (left-- > 0) some.emplace(2, left);
            co_return some;
        };
        auto const f = flow::from_batches(give) | flow::map([](int i) { return i; });
        noted<int> seen;
        note(f, home, seen);
        home.run();
        invariant(seen.ended && !seen.error, "it ended normally");
        invariant(seen.events == std::vector{2, 2, 1, 1, 0, 0}, "all events");
        invariant(seen.times == std::vector{10ms, 10ms, 20ms, 20ms, 30ms, 30ms}, "each as soon as it is there");
    });
}

BOOST_AUTO_TEST_CASE(a_batch_source_is_cancelled_while_it_waits_when_nobody_wants_more) {
    in_virtual_time([](simulation& home) {
        auto const give = [&home](std::size_t) -> asio::awaitable<std::optional<std::vector<int>>> {
            co_await home.async_wait(1h);
            std::optional<std::vector<int>> some(std::in_place, 1, 1);
            co_return some;
        };
        auto const f = flow::from_batches(give) | flow::take(1);
        noted<int> seen;
        note(f, home, seen);
        home.run();
        invariant(seen.ended && !seen.error && seen.events == std::vector{1}, "one event");
        invariant(home.elapsed() <= 1h, "the next hour was not waited for");
    });
}

BOOST_AUTO_TEST_CASE(a_batch_source_that_does_not_wait_is_a_plain_function) {
    auto const f = flow::from_batches([next = 0](std::size_t wanted) mutable -> std::optional<std::vector<int>> {
        if (next == 5000) return std::nullopt;
        std::vector<int> some;
        while (some.size() < wanted && next < 5000) some.push_back(next++);
        return some;
    });
    auto const more_than_wanted = flow::from_batches([next = 0](std::size_t) mutable {
        return next++ == 0 ? std::optional(std::views::iota(0, 10'000)) : std::nullopt;
    });
    everywhere([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_TEST(all.size() == 5000u);
        BOOST_TEST(std::ranges::is_sorted(all));
        BOOST_TEST(collect(more_than_wanted).size() == 10'000u);
    });
}

BOOST_AUTO_TEST_CASE(a_batch_source_may_give_what_cannot_be_copied_and_its_failure_ends_the_flow) {
    using batch = std::vector<std::unique_ptr<int>>;
    auto const f = flow::from_batches([next = 0](std::size_t) mutable {
        std::optional<batch> some;
        if (next < 10) some.emplace().push_back(std::make_unique<int>(next++));
        return some;
    });
    auto const broken = flow::from_batches(
        [](std::size_t) -> std::optional<std::vector<int>> { throw std::runtime_error("nothing there"); });
    everywhere([&](auto const& collect) { BOOST_TEST(*collect(f).at(9) == 9); });
    fails_with(broken, "nothing there");
}

BOOST_AUTO_TEST_CASE(each_event_of_a_prompt_source_has_gone_on_before_the_next_is_asked_for) {
    flow::running_flow* running = nullptr;
    bool all_had_gone = true;
    int asked = 0;
    auto const ask = [&](int i) {
        ++asked;
        all_had_gone = all_had_gone && running->stats().front().events_out == static_cast<std::uint64_t>(i);
        return i;
    };
    auto const function = [&ask, next = 0]() mutable -> std::optional<int> {
        return next < 200 ? std::optional(ask(next++)) : std::nullopt;
    };
    auto const view = std::views::iota(0, 200) | std::views::transform(ask);
    auto const check = [&](auto const& f) {
        asio::io_context context;
        auto onwards = f | flow::shuffle({.stages = 1});
        auto handle = flow::launch(onwards, context);
        running = &handle;
        asked = 0;
        handle.async_join([](std::exception_ptr error) { BOOST_TEST(!error); });
        context.run();
        BOOST_TEST(asked == 200);
    };
    auto const by_function = flow::from(function, {.prompt = true});
    auto const by_view = flow::from(view, {.prompt = true});
    auto const several = flow::from_ranges(std::vector{view}, {.prompt = true});
    check(by_function);
    check(by_view);
    check(several);
    BOOST_TEST(all_had_gone);
}

BOOST_AUTO_TEST_CASE(a_prompt_source_is_a_source_like_others) {
    auto const next = [i = 0]() mutable { return i < 3000 ? std::optional(i++) : std::nullopt; };
    auto const f = flow::from(next, {.prompt = true}) | flow::flat_map([](int i) { return std::vector<int>(3, i); });
    auto const g =
        flow::from(std::views::iota(0), {.prompt = true}) | flow::take(1000) | flow::partition({.stages = 2});
    auto const none = flow::from(std::vector<int>(), {.prompt = true});
    everywhere_in_many_orders([&](auto const& collect) {
        BOOST_TEST(collect(f).size() == 9000u);
        BOOST_TEST(collect(g).size() == 1000u);
        BOOST_TEST(collect(none).empty());
    });
}

BOOST_AUTO_TEST_SUITE_END()
