#pragma once

#include <boost/asio/this_coro.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdint>
#include <ostream>
#include <sluice/flow/flow.hpp>
#include <sluice/testing/timer.hpp>
#include <string>
#include <utility>
#include <vector>

#include "support.hpp"

// What tests of windows have in common: events with a time, sources that send them at moments of a simulation's clock,
// and what fires, in words.

namespace flow_test {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;
using numbers = std::vector<int>;

/// An event and when it was, in milliseconds.
struct stamped {
    std::int64_t when = 0;
    int value = 0;
    friend auto operator<=>(stamped const&, stamped const&) = default;
};
inline auto time_of(stamped const& event) -> std::int64_t { return event.when; }
inline void add_value(int& sum, stamped const& event) { sum += event.value; }
inline void note_value(numbers& all, stamped const& event) { all.push_back(event.value); }

/// What is sent together, and when by the simulation's clock. Without events: only the time passes.
struct sent {
    std::chrono::milliseconds at;
    std::vector<stamped> events;
};
/// A body that sends as it is told. Its last entry says when it ends.
inline auto play(sluice::outlet<stamped>& out, std::vector<sent> all) -> asio::awaitable<void> {
    auto const executor = co_await asio::this_coro::executor;
    sluice::testing::timer timer(executor);
    auto const start = sluice::testing::simulation::find(executor)->now();
    for (auto& each : all) {
        timer.expires_at(start + each.at);
        co_await timer.async_wait();
        if (each.events.empty()) continue;
        auto events = out.make_batch();
        for (auto const& event : each.events) events.push_back(event);
        bool const is_wanted = co_await out.emit(std::move(events));
        if (!is_wanted) co_return;
    }
}
inline auto played(std::vector<sent> all) { return flow::source<stamped>(play, std::move(all)); }

/// In one batch.
inline auto emit_together(sluice::outlet<stamped>& out, std::vector<stamped> all) -> asio::awaitable<void> {
    auto events = out.make_batch();
    for (auto const& event : all) events.push_back(event);
    co_await out.emit(std::move(events));
}
inline auto together(std::vector<stamped> all) { return flow::source<stamped>(emit_together, std::move(all)); }

/// "6: fixed 0, done"
inline auto in_words(int& sum, flow::trigger_info const& at) {
    return strings{std::to_string(sum) + ": " + to_string(at.window) + ", " + to_string(at.trigger)};
}
inline auto words() { return flow::on_trigger(in_words); }
inline auto sum() { return flow::reduce(0, add_value); }

inline auto in_lines(strings const& all) {
    std::string text;
    for (auto const& each : all) text += '\n' + each;
    return text;
}

/// What a flow gives in virtual time, in some orders of what happens, with the time at which it came:
/// "100 ms 6: fixed 0, done".
template <class F>
void in_time(F const& f, strings const& expected) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        BOOST_TEST_INFO_SCOPE("simulation, seed " << seed);
        sluice::testing::random_chooser chooser(seed);
        sluice::testing::simulation simulation(chooser, {.early_deadline_one_in = 0});
        strings all;
        std::exception_ptr failed;
        auto const note = [&](auto const& each) {
            auto const now = std::chrono::duration_cast<std::chrono::milliseconds>(simulation.elapsed()).count();
            all.push_back(std::to_string(now) + " ms " + each);
        };
        flow::async_for_each(f, simulation.get_executor(), note, [&](std::exception_ptr error) { failed = error; });
        BOOST_TEST(simulation.run().complete());
        BOOST_TEST(simulation.failures().empty());
        if (failed) std::rethrow_exception(failed);
        BOOST_TEST(in_lines(all) == in_lines(expected));
    }
}

template <class F, class All>
void gives(F const& f, All const& expected) {
    everywhere_in_many_orders([&](collector const& collect) { BOOST_TEST((collect(f) == expected)); });
}

}  // namespace flow_test
