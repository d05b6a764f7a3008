#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <exception>
#include <sluice/sluice.hpp>
#include <sluice/testing/testing.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

/// What the tests of stages share: small bodies, and worlds that fail the test when something is left over.
namespace stages {

namespace asio = boost::asio;
using sluice::batch;
using sluice::inlet;
using sluice::outlet;
using sluice::testing::counted;
using sluice::testing::explore;
using sluice::testing::invariant;
using sluice::testing::simulation;

inline auto describe(std::exception_ptr const& error) -> std::string {
    if (!error) return "normal";
    try {
        std::rethrow_exception(error);
    } catch (boost::system::system_error const& e) {
        return e.code() == asio::error::operation_aborted ? "operation_aborted" : e.code().message();
    } catch (std::exception const& e) {
        return e.what();
    } catch (...) {
        return "not a std::exception";
    }
}

/// How a run has ended: "normal", a sentence of its exception, or that it has not, or more than once.
struct outcome {
    int calls = 0;
    std::exception_ptr error;

    auto text() const -> std::string {
        if (calls == 0) return "not ended";
        if (calls > 1) return "ended " + std::to_string(calls) + " times";
        return describe(error);
    }
};

template <class... Stages>
void start(outcome& told, Stages&... all) {
    sluice::async_run(all..., [&told](std::exception_ptr error) {
        ++told.calls;
        told.error = std::move(error);
    });
}

/// 0 … last - 1, each after that pause.
inline auto emit_every(outlet<int>& out, simulation& home, int last, std::chrono::milliseconds pause)
    -> asio::awaitable<void> {
    for (int i = 0; i < last; ++i) {
        co_await home.async_wait(pause);
        const bool taken = co_await out.emit(i);
        if (!taken) co_return;
    }
}

/// Runs stages until nothing is left to do.
template <class... Stages>
auto run_all(simulation& home, Stages&... all) -> std::string {
    outcome told;
    start(told, all...);
    home.run();
    return told.text();
}

inline auto show(std::string const& value) -> std::string { return '"' + value + '"'; }
template <class T>
auto show(T const& value) -> std::string {
    std::ostringstream out;
    if constexpr (requires { value.begin(); }) {
        out << '{';
        for (auto const& each : value) out << show(each) << ' ';
        out << '}';
    } else {
        out << value;
    }
    return out.str();
}

/// In a scenario: fails unless the two are equal, so that the seed is told.
template <class A, class B>
void expect_equal(A const& got, B const& expected, std::string const& claim) {
    if (got == expected) return;
    sluice::testing::fail(claim + ": got " + show(got) + ", expected " + show(expected));
}
inline void expect_text(std::string const& got, std::string const& expected, std::string const& claim) {
    expect_equal(got, expected, claim);
}

/// Runs a scenario under many orders of its handlers; fails the test when something is left over after any.
template <class Scenario>
void in_many_orders(Scenario&& scenario, std::size_t seeds = 60,
                    sluice::testing::simulation_options const& world = {}) {
    auto const& name = boost::unit_test::framework::current_test_case().p_name.get();
    auto const report = explore({.name = name.c_str(), .seeds = seeds, .simulation = world}, scenario);
    BOOST_TEST(report.passed());
}

/// For tests of what does not wait: time passes only when nothing else is left to do.
inline constexpr sluice::testing::simulation_options patient{.early_deadline_one_in = 0};

// Bodies.

/// first … last - 1, as many at a time as were asked for.
inline auto counter(outlet<int>& out, int next, int last) -> asio::awaitable<void> {
    while (auto wanted = co_await out.demand()) {
        auto events = out.make_batch();
        for (; events.size() < *wanted && next < last; ++next) events.push_back(next);
        const bool done = next == last;
        const bool taken = co_await out.emit(std::move(events));
        if (!taken || done) co_return;
    }
}
/// 0 … last - 1, so many at a time.
inline auto count_up(outlet<int>& out, int last, int at_once) -> asio::awaitable<void> {
    for (int next = 0; next < last;) {
        auto events = out.make_batch();
        for (int n = 0; n < at_once && next < last; ++n) events.push_back(next++);
        const bool taken = co_await out.emit(std::move(events));
        if (!taken) co_return;
    }
}
/// The same without an end.
inline auto naturals(outlet<int>& out) -> asio::awaitable<void> {
    int next = 0;
    while (auto wanted = co_await out.demand()) {
        auto events = out.make_batch();
        while (events.size() < *wanted) events.push_back(next++);
        const bool taken = co_await out.emit(std::move(events));
        if (!taken) co_return;
    }
}
inline auto doubler(inlet<int>& in, outlet<int>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (int& event : *events) event *= 2;
        co_await out.emit(std::move(*events));
    }
}
inline auto collector(inlet<int>& in, std::vector<int>& into) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) into.insert(into.end(), events->begin(), events->end());
}
/// Collects each batch by itself; leaves after so many.
inline auto batch_collector(inlet<int>& in, std::vector<std::vector<int>>& into, std::size_t leave_after)
    -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        into.emplace_back(events->begin(), events->end());
        if (into.size() == leave_after) co_return;
    }
}

inline auto iota(int first, int last) -> std::vector<int> {
    std::vector<int> result;
    for (; first < last; ++first) result.push_back(first);
    return result;
}

inline auto batch_of(std::vector<int> events) -> batch<int> { return batch<int>(std::move(events)); }

}  // namespace stages
