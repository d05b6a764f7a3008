// throttle, batcher and buffer; what they stand on: outlet::room, inlet::pause_until.
#include <algorithm>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <sluice/batcher.hpp>
#include <sluice/buffer.hpp>
#include <sluice/from_range.hpp>
#include <sluice/throttle.hpp>
#include <string>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(ready_stages)

using namespace stages;
using namespace std::chrono_literals;
using sluice::from;
using sluice::from_range;
using sluice::when_full;

namespace {

using time_point = simulation::clock::time_point;

auto note_times(inlet<int>& in, simulation& home, std::vector<time_point>& times) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) times.insert(times.end(), events->size(), home.now());
}
template <class T>
auto gather(inlet<T>& in, std::vector<T>& got) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (T& event : *events) got.push_back(std::move(event));
    }
}
auto gather_slowly(inlet<int>& in, simulation& home, std::vector<int>& got, std::chrono::milliseconds pause)
    -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        got.insert(got.end(), events->begin(), events->end());
        co_await home.async_wait(pause);
    }
}
/// Emits at once whatever is asked for, and says how much that was in all.
struct greedy {
    std::size_t* asked;
    int next = 0;
    auto handle_demand(std::size_t wanted) -> sluice::emission<int> {
        *asked += wanted;
        std::vector<int> events;
        while (wanted-- > 0) events.push_back(next++);
        return events;
    }
};
auto fails_after(outlet<int>& out, int n) -> asio::awaitable<void> {
    auto events = batch_of(iota(0, n));
    co_await out.emit(std::move(events));
    throw std::runtime_error("oops");
}
template <class Make>
auto refusal(Make make) -> std::string {
    try {
        make();
    } catch (boost::system::system_error const& error) {
        return error.what();
    }
    return "none";
}
void pass(simulation& home, std::chrono::milliseconds time) {
    home.async_wait(time, [&home](auto&&...) { home.stop(); });
    home.run();
    home.run_ready();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(throttling)

BOOST_AUTO_TEST_CASE(no_interval_sees_more_events_than_allowed_and_none_is_lost) {
    in_many_orders(
        [](simulation& home) {
            std::vector<time_point> times;
            auto numbers = from_range(home, std::views::iota(0, 100));
            auto slow = sluice::throttle(home, from(numbers), {.events = 10, .per = 1s});
            sluice::consumer<int> all{home, from(slow), note_times, std::ref(home), std::ref(times)};
            auto const begin = home.now();
            expect_text(run_all(home, numbers, slow, all), "normal", "the run");
            expect_equal(times.size(), 100u, "all came");
            for (std::size_t i = 10; i < times.size(); ++i)
                invariant(times[i] - times[i - 10] >= 1s, "event " + std::to_string(i) + " is not too early");
            invariant(times.back() - begin == 9s, "and no later than need be");
        },
        30, patient);
}

BOOST_AUTO_TEST_CASE(it_asks_no_faster_than_events_may_pass) {
    in_many_orders(
        [](simulation& home) {
            std::size_t asked = 0;
            std::vector<int> got;
            sluice::producer numbers{home, greedy{&asked}};
            auto slow = sluice::throttle(home, from(numbers), {.events = 5, .per = 100ms});
            sluice::consumer<int> all{home, from(slow), collector, std::ref(got)};
            outcome told;
            start(told, numbers, slow, all);
            pass(home, 1050ms);
            invariant(got.size() >= 50 && got.size() <= 55, "at that pace");
            invariant(asked <= got.size() + 5, "and not asked for ahead of it");
            all.stop();
            home.run();
        },
        30, patient);
}

BOOST_AUTO_TEST_CASE(a_source_slower_than_the_pace_is_not_held_up) {
    in_many_orders(
        [](simulation& home) {
            std::vector<time_point> times;
            sluice::producer<int> ticks{home, emit_every, std::ref(home), 20, 100ms};
            auto slow = sluice::throttle(home, from(ticks), {.events = 2, .per = 150ms});
            sluice::consumer<int> all{home, from(slow), note_times, std::ref(home), std::ref(times)};
            auto const begin = home.now();
            expect_text(run_all(home, ticks, slow, all), "normal", "the run");
            for (std::size_t i = 0; i < times.size(); ++i)
                invariant(times[i] - begin == (i + 1) * 100ms, "each as it came");
        },
        30, patient);
}

BOOST_AUTO_TEST_CASE(several_sources_share_one_pace) {
    in_many_orders(
        [](simulation& home) {
            std::vector<time_point> times;
            auto one = from_range(home, std::views::iota(0, 20)), two = from_range(home, std::views::iota(0, 20));
            auto slow = sluice::throttle<int>(home, {from(one), from(two)}, {.events = 4, .per = 1s});
            sluice::consumer<int> all{home, from(slow), note_times, std::ref(home), std::ref(times)};
            expect_text(run_all(home, one, two, slow, all), "normal", "the run");
            expect_equal(times.size(), 40u, "all came");
            for (std::size_t i = 4; i < times.size(); ++i) invariant(times[i] - times[i - 4] >= 1s, "not too early");
        },
        30, patient);
}

BOOST_AUTO_TEST_CASE(a_throttle_that_is_stopped_discards_visibly_what_it_holds) {
    in_many_orders(
        [](simulation& home) {
            std::vector<int> got;
            std::size_t lost = 0;
            auto numbers = from_range(home, std::views::iota(0, 8));
            sluice::buffer_options const all_at_once{.size = 8};
            auto first = sluice::buffer(home, from(numbers), all_at_once);
            auto slow = sluice::throttle<int>(home, {from(first), from(first)}, {.events = 4, .per = 1h});
            slow.on_discard_out([&](batch<int> events, sluice::discard_reason) { lost += events.size(); });
            slow.on_discard_in([&](batch<int> events, sluice::discard_reason) { lost += events.size(); });
            sluice::consumer<int> all{home, from(slow), collector, std::ref(got)};
            outcome told;
            start(told, numbers, first, slow, all);
            pass(home, 10s);
            expect_equal(got.size(), 4u, "as many as allowed");
            slow.stop();
            home.run();
            expect_equal(lost, 4u, "the others are shown");
            expect_equal(slow.stats().discarded, 4u, "and counted");
        },
        30, patient);
}

BOOST_AUTO_TEST_CASE(a_throttle_refuses_what_means_nothing) {
    boost::asio::io_context home;
    auto numbers = from_range(home, std::views::iota(0, 8));
    BOOST_TEST(refusal([&] {
                   sluice::throttle(home, from(numbers), {.events = 0});
               }).find("throttle_options::events must be at least 1 (got 0)") != std::string::npos);
    BOOST_TEST(refusal([&] {
                   sluice::throttle(home, from(numbers), {.per = -5ns});
               }).find("throttle_options::per must be more than 0 (got -5 ns)") != std::string::npos);
    BOOST_TEST(refusal([&] {
                   sluice::batcher(home, from(numbers), {.size = 0});
               }).find("batcher_options::size must be at least 1 (got 0)") != std::string::npos);
    BOOST_TEST(refusal([&] {
                   sluice::batcher(home, from(numbers), {.timeout = 0ns});
               }).find("batcher_options::timeout must be more than 0 (got 0 ns)") != std::string::npos);
    BOOST_TEST(refusal([&] {
                   sluice::buffer(home, from(numbers), {.size = 0});
               }).find("buffer_options::size must be at least 1 (got 0)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(ready_stages_that_are_fed_later_say_only_what_they_take) {
    in_many_orders([](simulation& home) {
        std::vector<std::vector<int>> got;
        sluice::producer<int> numbers{home, counter, 0, 7};
        auto buffered = sluice::buffer<int>(home, {}, {.size = 3});
        auto throttled = sluice::throttle<int>(home, {}, {.events = 3, .per = 1ms});
        auto groups = sluice::batcher<int>(home, {}, {.size = 4});
        sluice::consumer<std::vector<int>> all{home, from(groups), gather<std::vector<int>>, std::ref(got)};
        groups.async_subscribe(from(throttled), asio::detached);
        throttled.async_subscribe(from(buffered), asio::detached);
        buffered.async_subscribe(from(numbers), asio::detached);
        expect_text(run_all(home, numbers, buffered, throttled, groups, all), "normal", "the end");
        expect_equal(got, std::vector{iota(0, 4), iota(4, 7)}, "groups");
    });
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(batching)

BOOST_AUTO_TEST_CASE(groups_are_full_but_the_last) {
    in_many_orders([](simulation& home) {
        std::vector<std::vector<int>> got;
        auto numbers = from_range(home, std::views::iota(0, 95));
        auto groups = sluice::batcher(home, from(numbers, {.max_demand = 7}), {.size = 10});
        sluice::consumer<std::vector<int>> all{home, from(groups), gather<std::vector<int>>, std::ref(got)};
        expect_text(run_all(home, numbers, groups, all), "normal", "the run");
        expect_equal(got.size(), 10u, "groups");
        for (int i = 0; i < 9; ++i)
            expect_equal(got[static_cast<std::size_t>(i)], iota(10 * i, 10 * i + 10), "ten each");
        expect_equal(got.back(), iota(90, 95), "what is left");
    });
}

BOOST_AUTO_TEST_CASE(a_group_goes_when_its_first_event_has_waited_long_enough) {
    in_many_orders(
        [](simulation& home) {
            std::vector<std::vector<int>> got;
            sluice::producer<int> ticks{home, emit_every, std::ref(home), 10, 100ms};
            auto groups = sluice::batcher(home, from(ticks), {.size = 4, .timeout = 250ms});
            sluice::consumer<std::vector<int>> all{home, from(groups), gather<std::vector<int>>, std::ref(got)};
            expect_text(run_all(home, ticks, groups, all), "normal", "the run");
            std::vector<std::vector<int>> const expected{{0, 1, 2}, {3, 4, 5}, {6, 7, 8}, {9}};
            expect_equal(got, expected, "three in 250 ms, and the end");
        },
        30, patient);
}

BOOST_AUTO_TEST_CASE(whichever_comes_first_size_or_timeout) {
    in_many_orders(
        [](simulation& home) {
            std::vector<std::vector<int>> got;
            sluice::producer<int> ticks{home, emit_every, std::ref(home), 6, 100ms};
            auto groups = sluice::batcher(home, from(ticks), {.size = 2, .timeout = 250ms});
            sluice::consumer<std::vector<int>> all{home, from(groups), gather<std::vector<int>>, std::ref(got)};
            outcome told;
            start(told, ticks, groups, all);
            pass(home, 230ms);
            expect_equal(got.size(), 1u, "the first is full, and has not waited");
            home.run();
            expect_equal(got.size(), 3u, "groups");
        },
        30, patient);
}

BOOST_AUTO_TEST_CASE(whatever_the_order_and_the_time_every_event_is_in_one_group) {
    in_many_orders([](simulation& home) {
        std::vector<std::vector<int>> got;
        sluice::producer<int> ticks{home, emit_every, std::ref(home), 40, 3ms};
        auto groups = sluice::batcher(home, from(ticks, {.max_demand = 3}), {.size = 5, .timeout = 10ms});
        sluice::consumer<std::vector<int>> all{home, from(groups, {.max_demand = 1, .min_demand = 0}),
                                               gather<std::vector<int>>, std::ref(got)};
        expect_text(run_all(home, ticks, groups, all), "normal", "the run");
        std::vector<int> events;
        for (auto const& each : got) {
            invariant(!each.empty() && each.size() <= 5, "neither empty nor too large");
            events.insert(events.end(), each.begin(), each.end());
        }
        expect_equal(events, iota(0, 40), "each once, in order");
    });
}

BOOST_AUTO_TEST_CASE(a_group_that_cannot_be_emitted_any_more_is_discarded_visibly) {
    in_many_orders([](simulation& home) {
        std::vector<std::vector<int>> got;
        std::size_t lost = 0;
        sluice::producer<int> numbers{home, fails_after, 7};
        auto groups = sluice::batcher(home, from(numbers, {.cancel = sluice::cancel_mode::permanent}), {.size = 5});
        groups.on_discard_out([&](batch<std::vector<int>> events, sluice::discard_reason) {
            for (auto const& each : events) lost += each.size();
        });
        groups.on_discard_in([&](batch<int> events, sluice::discard_reason) { lost += events.size(); });
        sluice::consumer<std::vector<int>> all{home, from(groups), gather<std::vector<int>>, std::ref(got)};
        all.on_discard([&](batch<std::vector<int>> events, sluice::discard_reason) {
            for (auto const& each : events) lost += each.size();
        });
        outcome told;
        start(told, numbers, groups, all);
        home.run();
        expect_text(told.text(), "oops", "the run");
        for (auto const& each : got) lost += each.size();
        invariant(lost <= 7, "none twice");
    });
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(buffering)

BOOST_AUTO_TEST_CASE(a_buffer_takes_events_before_anybody_wants_them_and_holds_back_when_it_is_full) {
    in_many_orders(
        [](simulation& home) {
            std::vector<int> got;
            std::size_t asked = 0;
            sluice::producer numbers{home, greedy{&asked}};
            auto spikes = sluice::buffer(home, from(numbers, {.max_demand = 10}), {.size = 35});
            sluice::consumer<int> slow{home,          from(spikes, {.max_demand = 5, .min_demand = 0}),
                                       gather_slowly, std::ref(home),
                                       std::ref(got), 1000ms};
            outcome told;
            start(told, numbers, spikes, slow);
            pass(home, 500ms);
            expect_equal(spikes.buffered_count(), 35u, "full");
            invariant(asked <= 35 + 5 + 10, "no more was asked for");
            pass(home, 10s);
            expect_equal(spikes.stats().most_buffered, 35u, "never more");
            expect_equal(spikes.stats().discarded, 0u, "nothing is lost");
            expect_equal(got, iota(0, static_cast<int>(got.size())), "in order");
            invariant(got.size() >= 50, "as fast as they are worked on");
            slow.stop();
            spikes.stop();
            home.run();
        },
        30, patient);
}

BOOST_AUTO_TEST_CASE(all_that_a_buffer_holds_is_delivered_before_it_ends) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        auto numbers = from_range(home, std::views::iota(0, 200));
        auto spikes = sluice::buffer(home, from(numbers, {.max_demand = 10}), {.size = 30});
        sluice::consumer<int> slow{home, from(spikes, {.max_demand = 3}), gather_slowly, std::ref(home), std::ref(got),
                                   1ms};
        expect_text(run_all(home, numbers, spikes, slow), "normal", "the run");
        expect_equal(got, iota(0, 200), "each once, in order");
    });
}

BOOST_AUTO_TEST_CASE(a_buffer_that_keeps_some_discards_the_others_visibly) {
    in_many_orders(
        [](simulation& home) {
            for (auto const what : {when_full::keep_first, when_full::keep_last}) {
                std::vector<int> got, lost;
                auto numbers = from_range(home, std::views::iota(0, 100));
                auto spikes = sluice::buffer(home, from(numbers), {.size = 20, .when_full = what});
                spikes.on_discard_out([&](batch<int> events, sluice::discard_reason why) {
                    invariant(why == sluice::discard_reason::buffer_full, "why");
                    lost.insert(lost.end(), events.begin(), events.end());
                });
                sluice::consumer<int> slow{home, from(spikes, {.demand_mode = sluice::demand_mode::manual}), collector,
                                           std::ref(got)};
                outcome told;
                start(told, numbers, spikes, slow);
                home.run();
                auto const kept = what == when_full::keep_first ? iota(0, 20) : iota(80, 100);
                expect_equal(spikes.buffered_count(), 20u, "full");
                expect_equal(lost.size(), 80u, "the others");
                invariant(std::ranges::find(lost, kept.front()) == lost.end(), "not those that it keeps");
                slow.async_subscribe(spikes, {}, [](auto&&...) {});
                home.run();
                expect_equal(got, kept, "in order");
                slow.stop();
                home.run();
            }
        },
        30, patient);
}

BOOST_AUTO_TEST_CASE(a_full_buffer_whose_consumers_leave_for_good_ends_and_shows_what_it_held) {
    in_many_orders([](simulation& home) {
        std::vector<std::vector<int>> got;
        std::size_t lost = 0;
        std::size_t asked = 0;
        sluice::producer numbers{home, greedy{&asked}};
        auto spikes = sluice::buffer(home, from(numbers, {.max_demand = 10}), {.size = 30});
        spikes.on_discard_out([&](batch<int> events, sluice::discard_reason) { lost += events.size(); });
        spikes.on_discard_in([&](batch<int> events, sluice::discard_reason) { lost += events.size(); });
        sluice::consumer<int> few{home, from(spikes, {.max_demand = 4}), batch_collector, std::ref(got), 3u};
        few.on_discard([&](batch<int> events, sluice::discard_reason) { lost += events.size(); });
        std::size_t unsent = 0;
        numbers.on_discard([&](batch<int> events, sluice::discard_reason) { unsent += events.size(); });
        expect_text(run_all(home, numbers, spikes, few), "normal", "the run");
        std::size_t delivered = 0;
        for (auto const& each : got) delivered += each.size();
        expect_equal(delivered + lost + unsent, asked, "delivered or shown");
    });
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE_END()
