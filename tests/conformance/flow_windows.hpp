#pragma once

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <numeric>
#include <sluice/flow/flow.hpp>
#include <sluice/testing/choosers.hpp>
#include <sluice/testing/simulation.hpp>
#include <sluice/testing/timer.hpp>
#include <string>
#include <utility>
#include <vector>

#include "unit/flow/support.hpp"

// What the cases of Flow's windows have in common: sums of 1..100, how batches are cut, and what fires.

namespace flow_windows_conformance {

using namespace flow_test;
using namespace std::chrono_literals;
using sluice::flow::punctuate_at;

using numbers = std::vector<int>;
using strings = std::vector<std::string>;

/// 1..last, in one batch.
inline auto emit_all(sluice::outlet<int>& out, int last) -> asio::awaitable<void> {
    auto events = out.make_batch();
    for (int i = 1; i <= last; ++i) events.push_back(i);
    co_await out.emit(std::move(events));
}
/// The same, and then silence for a time of the simulation's clock.
inline auto emit_and_be_silent(sluice::outlet<int>& out, int last, std::chrono::milliseconds time)
    -> asio::awaitable<void> {
    co_await emit_all(out, last);
    auto const executor = co_await asio::this_coro::executor;
    sluice::testing::timer silence(executor, time);
    co_await silence.async_wait();
}
inline auto one_to(int last) { return flow::source<int>(emit_all, last); }
inline auto one_to_and_silence(int last, std::chrono::milliseconds time) {
    return flow::source<int>(emit_and_be_silent, last, time);
}

/// One stage that gets all of it in one batch, or in batches of 5.
inline auto large() { return flow::shuffle({.stages = 1}); }
inline auto small() { return flow::shuffle({.stages = 1, .max_demand = 5, .min_demand = 0}); }

inline void add(int& sum, int i) { sum += i; }
inline auto twice(int i) { return i * 2; }
inline auto plus_one(int i) { return i + 1; }
inline auto same(int i) { return i; }
inline auto sum() { return flow::reduce(0, add); }

/// What fires, in words: "55: fixed 0, every 10".
inline auto in_words(int& sum, flow::trigger_info const& at) {
    return strings{std::to_string(sum) + ": " + to_string(at.window) + ", " + to_string(at.trigger)};
}
/// The same, and the sum begins anew.
inline auto in_words_and_anew(int& sum, flow::trigger_info const& at) { return std::pair(in_words(sum, at), 0); }
inline auto words() { return flow::on_trigger(in_words); }
inline auto words_and_anew() { return flow::on_trigger(in_words_and_anew); }
/// The sum, and it begins anew.
inline auto anew() {
    return flow::on_trigger([](int& sum) { return numbers{std::exchange(sum, 0)}; });
}

/// "sample" after that event.
inline auto sample_after(int event) {
    return flow::trigger_when("sample", 0, [event](int&, int const& seen) {
        return seen == event ? punctuate_at::after : punctuate_at::nothing;
    });
}

inline auto const kept = numbers{55, 210, 465, 820, 1275, 1830, 2485, 3240, 4095, 5050, 5050};
inline auto const begun_anew = numbers{55, 155, 255, 355, 455, 555, 655, 755, 855, 955, 0};

template <class F, class All>
void gives(F const& f, All const& expected) {
    everywhere_in_many_orders([&](collector const& collect) {
        auto const all = collect(f);
        BOOST_TEST(all == expected, boost::test_tools::per_element());
    });
}

/// What comes out first, in virtual time.
template <class F, class All>
void begins_with(F const& f, All const& expected) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        BOOST_TEST_INFO_SCOPE("simulation, seed " << seed);
        sluice::testing::random_chooser chooser(seed);
        sluice::testing::simulation simulation(chooser, {.early_deadline_one_in = 0});
        auto all = collect_on(f, simulation.get_executor(), [&] { BOOST_TEST(simulation.run().complete()); });
        BOOST_REQUIRE(all.size() >= expected.size());
        all.resize(expected.size());
        BOOST_TEST(all == expected, boost::test_tools::per_element());
    }
}

/// The sum of all that comes out.
template <class F>
void gives_in_total(F const& f, int total) {
    everywhere_in_many_orders([&](collector const& collect) {
        auto const all = collect(f);
        BOOST_TEST(std::accumulate(all.begin(), all.end(), 0) == total);
    });
}

/// 1..10, +1, ×2, behind a trigger that sees the events as they came.
template <class Window>
void a_trigger_sees_events_before_the_steps(Window const& window) {
    auto const seen = flow::trigger_when("never", 1, [](int& expected, int const& event) {
        BOOST_TEST(event == expected++);
        return punctuate_at::nothing;
    });
    gives(one_to(10) | large() | window | seen | flow::map(plus_one) | flow::map(twice) | sum(), numbers{130});
}

/// The cases that Flow has for each kind of window.
template <class Window>
void fires_every_10(Window const& window) {
    gives(one_to(100) | large() | window | flow::trigger_every(10) | sum(), kept);
}
template <class Window>
void fires_every_10_in_small_batches(Window const& window) {
    gives(one_to(100) | small() | window | flow::trigger_every(10) | sum(), kept);
}
template <class Window>
void fires_every_10_and_begins_anew(Window const& window) {
    gives(one_to(100) | large() | window | flow::trigger_every(10) | sum() | anew(), begun_anew);
    gives(one_to(100) | small() | window | flow::trigger_every(10) | sum() | anew(), begun_anew);
}
template <class Window>
void fires_by_the_clock(Window const& window) {
    auto const doubled = one_to_and_silence(10, 60s) | flow::shuffle({.stages = 1, .max_demand = 10}) | window |
                         flow::trigger_periodically(100ms) | flow::map(twice) | sum();
    begins_with(doubled, numbers{110});
}
template <class Window>
void fires_by_a_sample(Window const& window, std::string const& name) {
    auto const sampled = one_to(10) | large() | window | sample_after(10) | flow::map(twice) | sum() | words();
    gives(sampled, strings{"110: " + name + ", sample", "110: " + name + ", done"});
}
/// The names, of the first, of the one before the last and of the last.
template <class Window>
void names_its_triggers(Window const& window, std::string const& name) {
    auto const named = one_to(100) | large() | window | flow::trigger_every(10) | sum() | words_and_anew();
    everywhere_in_many_orders([&](collector const& collect) {
        auto const all = collect(named);
        BOOST_REQUIRE(all.size() == 11u);
        for (std::size_t i = 0; i < 10; ++i)
            BOOST_TEST(all[i] == std::to_string(55 + 100 * i) + ": " + name + ", every 10");
        BOOST_TEST(all[10] == "0: " + name + ", done");
    });
}

}  // namespace flow_windows_conformance
