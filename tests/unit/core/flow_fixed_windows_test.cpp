// Flow's fixed_test.exs at the level of the arithmetic: the sums of 1..100 in the windows that each case puts them in,
// in the order in which the windows fire.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <numeric>
#include <optional>
#include <sluice/core/event_count.hpp>
#include <sluice/core/event_windows.hpp>
#include <sluice/core/periods.hpp>
#include <sluice/core/punctuation.hpp>
#include <sluice/core/watermarks.hpp>
#include <sluice/core/window.hpp>
#include <span>
#include <string>
#include <vector>

using namespace sluice::core;
using namespace std::chrono_literals;
using numbers = std::vector<int>;
using strings = std::vector<std::string>;

namespace {

const auto start = processing_clock::time_point{};

auto one_to(int last) -> numbers {
    auto result = numbers(static_cast<std::size_t>(last));
    std::iota(result.begin(), result.end(), 1);
    return result;
}

struct state {
    int sum = 0;
    std::optional<event_count> every;
};

/// One stage that sums up, behind some others.
class summing {
public:
    summing(std::function<ticks(int)> by, ticks lateness, std::size_t every = 0, std::size_t upstreams = 1)
        : by_(std::move(by)), windows_({.size = 1000, .lateness = lateness}), every_(every) {
        for (std::size_t i = 0; i < upstreams; ++i) marks_.add(start);
    }

    void receive(numbers const& events, sluice::subscriber_id from = 0) {
        auto newest = before_all;
        for (const auto event : events) {
            newest = std::max(newest, by_(event));
            const auto where = windows_.add(by_(event), make(), [&](window_span window, state& each) {
                each.sum += event;
                if (each.every && each.every->note()) note(window, each, trigger_name::every(each.every->every()));
            });
            lost_ += where == arrival::too_late;
        }
        marks_.advance(from, newest, start);
        close(marks_.combined());
    }

    void receive_in_batches(numbers const& events, std::size_t of, sluice::subscriber_id from = 0) {
        for (std::size_t at = 0; at < events.size(); at += of) {
            const auto from_here = events.begin() + static_cast<std::ptrdiff_t>(at);
            const auto count = static_cast<std::ptrdiff_t>(std::min(of, events.size() - at));
            receive(numbers(from_here, from_here + count), from);
        }
    }

    void finish(sluice::subscriber_id from = 0) {
        marks_.finish(from);
        close(marks_.live() == 0 ? end_of_time : marks_.combined());
    }

    /// Something fires in all windows.
    void fire(trigger_name const& name) {
        windows_.visit(make(), [&](window_span window, state& each) { note(window, each, name); });
    }

    auto sums() const -> numbers const& { return sums_; }
    auto firings() const -> strings const& { return firings_; }
    auto lost() const -> int { return lost_; }

private:
    struct maker {
        std::size_t every;
        auto operator()(window_span) const -> state {
            auto made = state{};
            if (every != 0) made.every.emplace(every);
            return made;
        }
    };
    auto make() const -> maker { return {every_}; }

    void close(ticks watermark) {
        windows_.advance(watermark, start);
        while (const auto fired = windows_.next(make()))
            note(fired->window, *fired->state, trigger_name::of(fired->phase));
    }

    void note(window_span window, state const& each, trigger_name const& name) {
        sums_.push_back(each.sum);
        firings_.push_back(std::to_string(each.sum) + ": " + to_string({window_kind::fixed, window.start}) + ", " +
                           to_string(name));
    }

    std::function<ticks(int)> by_;
    event_windows<state> windows_;
    watermarks marks_;
    std::size_t every_;
    numbers sums_;
    strings firings_;
    int lost_ = 0;
};

auto single(int) -> ticks { return 0; }
auto doubled(int event) -> ticks { return event <= 50 ? event : 1000 + event; }
auto unordered(int event) -> ticks { return event <= 40 || event > 80 ? 0 : 2000; }

constexpr ticks hour = 3'600'000;
const auto every_10 = numbers{55, 210, 465, 820, 1275, 1830, 2485, 3240, 4095, 5050, 5050};

/// What a stage of one upstream makes of 1..100 in batches of so many.
auto run(ticks (*by)(int), std::size_t batch, std::size_t every = 0, ticks lateness = 0) -> summing {
    auto stage = summing(by, lateness, every);
    stage.receive_in_batches(one_to(100), batch);
    stage.finish();
    return stage;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fixed_windows_as_in_flow)

BOOST_AUTO_TEST_CASE(d11_001_sums_over_several_stages_come_to_the_total) {
    auto total = 0;
    for (int mine = 0; mine < 4; ++mine) {
        auto stage = summing(single, 0, 0, 4);
        for (const auto event : one_to(100))
            if (event % 4 == mine) stage.receive({event}, static_cast<sluice::subscriber_id>(event / 4 % 4));
        for (sluice::subscriber_id from = 0; from < 4; ++from) stage.finish(from);
        BOOST_REQUIRE(stage.sums().size() == 1u);
        total += stage.sums()[0];
    }
    BOOST_TEST(total == 5050);
}

BOOST_AUTO_TEST_CASE(d11_002_fires_every_10_in_a_large_batch) { BOOST_TEST(run(single, 1000, 10).sums() == every_10); }
BOOST_AUTO_TEST_CASE(d11_003_fires_every_10_in_small_batches) { BOOST_TEST(run(single, 5, 10).sums() == every_10); }

BOOST_AUTO_TEST_CASE(d11_004_a_custom_trigger_sees_the_events_before_the_steps) {
    auto events = one_to(10);
    auto windows = event_windows<int>({.size = 1000});
    const auto make = [](window_span) { return 0; };
    const auto ask = [](std::span<int> seen) {
        BOOST_TEST(numbers(seen.begin(), seen.end()) == one_to(10));
        return punctuation<int>::all();
    };
    const auto reduce = [&](int event) {
        windows.add(single(event), make, [&](window_span, int& sum) { sum += (event + 1) * 2; });
    };
    punctuate(std::span(events), ask, reduce, [](auto const&) { BOOST_TEST(false); });
    windows.advance(end_of_time, start);
    BOOST_TEST(*windows.next(make)->state == 130);
    BOOST_TEST(!windows.next(make));
}

BOOST_AUTO_TEST_CASE(d11_005_names_its_triggers) {
    const auto firings = run(single, 1000, 10).firings();
    BOOST_TEST(firings.front() == "55: fixed 0, every 10");
    BOOST_TEST(firings.back() == "5050: fixed 0, done");
}

BOOST_AUTO_TEST_CASE(d11_006_fires_at_intervals) {
    auto clock = periods(100ms, start);
    auto stage = summing(single, 0);
    for (const auto event : one_to(10)) stage.receive({2 * event});
    BOOST_TEST(clock.pass(start + 99ms) == 0u);
    BOOST_TEST(clock.pass(start + 100ms) == 1u);
    stage.fire(trigger_name::periodically(100ms));
    BOOST_TEST(stage.sums() == numbers{110});
}

BOOST_AUTO_TEST_CASE(d11_007_fires_by_a_message) {
    auto stage = summing(single, 0);
    stage.receive({110});
    stage.fire(trigger_name::named("sample"));
    BOOST_TEST(stage.firings() == strings{"110: fixed 0, sample"});
}

BOOST_AUTO_TEST_CASE(d11_008_two_windows_in_a_large_batch) {
    BOOST_TEST(run(doubled, 1000).sums() == (numbers{1275, 3775}));
}

BOOST_AUTO_TEST_CASE(d11_009_every_12_in_a_large_batch_before_either_is_done) {
    BOOST_TEST(
        run(doubled, 1000, 12).firings() ==
        (strings{"78: fixed 0, every 12", "300: fixed 0, every 12", "666: fixed 0, every 12", "1176: fixed 0, every 12",
                 "678: fixed 1000, every 12", "1500: fixed 1000, every 12", "2466: fixed 1000, every 12",
                 "3576: fixed 1000, every 12", "1275: fixed 0, done", "3775: fixed 1000, done"}));
}

BOOST_AUTO_TEST_CASE(d11_010_two_windows_in_small_batches) {
    BOOST_TEST(run(doubled, 5).sums() == (numbers{1275, 3775}));
}

BOOST_AUTO_TEST_CASE(d11_011_every_12_in_small_batches_the_first_done_before_the_second_fires) {
    BOOST_TEST(
        run(doubled, 5, 12).firings() ==
        (strings{"78: fixed 0, every 12", "300: fixed 0, every 12", "666: fixed 0, every 12", "1176: fixed 0, every 12",
                 "1275: fixed 0, done", "678: fixed 1000, every 12", "1500: fixed 1000, every 12",
                 "2466: fixed 1000, every 12", "3576: fixed 1000, every 12", "3775: fixed 1000, done"}));
}

BOOST_AUTO_TEST_CASE(d11_012_an_interval_fires_in_the_windows_that_are_open) {
    auto stage = summing(doubled, 0);
    stage.receive_in_batches(one_to(100), 5);
    stage.fire(trigger_name::periodically(100ms));
    BOOST_TEST(stage.firings() == (strings{"1275: fixed 0, done", "3775: fixed 1000, periodically 100 ms"}));
}

BOOST_AUTO_TEST_CASE(d11_013_out_of_order_within_a_batch_is_not_late) {
    const auto stage = run(unordered, 1000);
    BOOST_TEST(stage.sums() == (numbers{2630, 0, 2420}));
    BOOST_TEST(stage.lost() == 0);
}

BOOST_AUTO_TEST_CASE(d11_015_out_of_order_over_batches_is_late) {
    const auto stage = run(unordered, 5);
    BOOST_TEST(stage.sums() == (numbers{820, 0, 2420}));
    BOOST_TEST(stage.lost() == 20);  // which Flow does not tell
}

BOOST_AUTO_TEST_CASE(d11_017_an_interval_fires_in_the_window_left) {
    auto stage = summing(unordered, 0);
    stage.receive_in_batches(one_to(100), 5);
    stage.fire(trigger_name::periodically(100ms));
    BOOST_TEST(stage.firings() ==
               (strings{"820: fixed 0, done", "0: fixed 1000, done", "2420: fixed 2000, periodically 100 ms"}));
}

BOOST_AUTO_TEST_CASE(d11_018_of_two_upstreams_one_may_have_nothing) {
    auto stage = summing(unordered, 0, 0, 2);
    stage.receive(one_to(100), 0);
    BOOST_TEST(stage.sums().empty());  // the other one might yet send any window
    stage.finish(0);
    stage.finish(1);
    BOOST_TEST(stage.sums() == (numbers{2630, 0, 2420}));
}

BOOST_AUTO_TEST_CASE(d11_020_of_two_upstreams_the_last_part_may_be_late) {
    const auto run = [](bool the_second_is_ahead) {
        auto stage = summing(unordered, 0, 0, 2);
        const auto all = one_to(100);
        stage.receive(numbers(all.begin(), all.begin() + 80), 0);
        if (the_second_is_ahead) stage.finish(1);
        stage.receive(numbers(all.begin() + 80, all.end()), 0);
        if (!the_second_is_ahead) stage.finish(1);
        stage.finish(0);
        return stage.sums();
    };
    BOOST_TEST(run(false) == (numbers{2630, 0, 2420}));
    BOOST_TEST(run(true) == (numbers{820, 0, 2420}));
}

BOOST_AUTO_TEST_CASE(d11_022_lateness_in_a_large_batch_watermarks_then_done) {
    BOOST_TEST(run(unordered, 1000, 0, hour).sums() == (numbers{2630, 0, 2630, 0, 2420}));
}

BOOST_AUTO_TEST_CASE(d11_024_lateness_in_small_batches) {
    BOOST_TEST(run(unordered, 5, 0, hour).sums() == (numbers{820, 0, 2630, 0, 2420}));
}

BOOST_AUTO_TEST_CASE(d11_025_lateness_every_12_in_small_batches) {
    BOOST_TEST(
        run(unordered, 5, 12, hour).firings() ==
        (strings{"78: fixed 0, every 12", "300: fixed 0, every 12", "666: fixed 0, every 12", "820: fixed 0, watermark",
                 "0: fixed 1000, watermark", "558: fixed 2000, every 12", "1260: fixed 2000, every 12",
                 "2106: fixed 2000, every 12", "1496: fixed 0, every 12", "2630: fixed 0, every 12",
                 "2630: fixed 0, done", "0: fixed 1000, done", "2420: fixed 2000, done"}));
}

BOOST_AUTO_TEST_SUITE_END()
