// Flow's window_test.exs, global_test.exs, count_test.exs and periodic_test.exs at the level of the arithmetic: sums of
// 1..100 (or 1..10), and what fires.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <numeric>
#include <optional>
#include <sluice/core/event_count.hpp>
#include <sluice/core/periods.hpp>
#include <sluice/core/punctuation.hpp>
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

/// One stage that sums up in a global window, or in windows of so many events.
class summing {
public:
    explicit summing(std::size_t count, std::size_t every = 0, bool resets = false) : every_(every), resets_(resets) {
        if (count != 0) windows_.emplace(count, "count");
        begin();
    }

    void receive(std::span<int const> batch) {
        while (!batch.empty()) {
            const auto window = windows_ ? windows_->take(batch.size()) : event_count::part{batch.size()};
            reduce(batch.first(window.events));
            batch = batch.subspan(window.events);
            if (!window.is_complete) continue;
            fire(trigger_name::done());
            ++number_;
            begin();
        }
    }

    void fire(trigger_name const& name) {
        sums.push_back(sum_);
        const auto kind = windows_ ? window_kind::count : window_kind::global;
        firings.push_back(std::to_string(sum_) + ": " + to_string({kind, number_}) + ", " + to_string(name));
        if (resets_) sum_ = 0;
    }

    numbers sums;
    strings firings;

private:
    void begin() {
        sum_ = 0;
        if (every_ != 0) trigger_.emplace(every_);
    }

    void reduce(std::span<int const> events) {
        while (!events.empty()) {
            const auto part = trigger_ ? trigger_->take(events.size()) : event_count::part{events.size()};
            for (const auto event : events.first(part.events)) sum_ += event;
            events = events.subspan(part.events);
            if (part.is_complete) fire(trigger_name::every(static_cast<std::int64_t>(every_)));
        }
    }

    std::optional<event_count> windows_;
    std::optional<event_count> trigger_;
    std::size_t every_;
    bool resets_;
    std::int64_t number_ = 0;
    int sum_ = 0;
};

/// What it makes of 1..100 in batches of so many.
auto run(std::size_t count, std::size_t batch, std::size_t every = 0, bool resets = false) -> summing {
    auto stage = summing(count, every, resets);
    const auto all = one_to(100);
    for (std::size_t at = 0; at < all.size(); at += batch)
        stage.receive(std::span(all).subspan(at, std::min(batch, all.size() - at)));
    stage.fire(trigger_name::done());
    return stage;
}

const auto kept = numbers{55, 210, 465, 820, 1275, 1830, 2485, 3240, 4095, 5050, 5050};
const auto reset = numbers{55, 155, 255, 355, 455, 555, 655, 755, 855, 955, 0};

/// The sum of 1..10 after +1 and ×2 behind a punctuation that looks at raw events.
auto sum_behind_steps() -> int {
    auto sum = 0;
    auto events = one_to(10);
    const auto ask = [](std::span<int> seen) {
        BOOST_TEST(numbers(seen.begin(), seen.end()) == one_to(10));
        return punctuation<int>::all();
    };
    const auto reduce = [&](int event) { sum += (event + 1) * 2; };
    punctuate(std::span(events), ask, reduce, [](auto const&) { BOOST_TEST(false); });
    return sum;
}

auto fired_by_hand(std::size_t count) -> strings {
    auto stage = summing(count);
    stage.receive(numbers{110});
    stage.fire(trigger_name::named("sample"));
    return stage.firings;
}

/// What an interval of 100 ms sees first, if 1..10 came doubled before it was over.
auto fired_by_interval(std::size_t count) -> int {
    auto stage = summing(count);
    auto clock = periods(100ms, start);
    for (const auto event : one_to(10)) stage.receive(numbers{2 * event});
    BOOST_TEST(clock.pass(start + 99ms) == 0u);
    if (clock.pass(start + 100ms) > 0) stage.fire(trigger_name::periodically(100ms));
    return stage.sums.at(0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(windows_as_in_flow)

BOOST_AUTO_TEST_CASE(d8_001_periodic_triggers) {
    const auto length = [](auto period) { return periods(period, start).length(); };
    BOOST_CHECK(length(10s) == 10000ms);
    BOOST_CHECK(length(10min) == 600000ms);
    BOOST_CHECK(length(10h) == 36000000ms);
    BOOST_TEST(to_string(trigger_name::periodically(10s)) == "periodically 10 s");
    BOOST_TEST(to_string(trigger_name::periodically(10min)) == "periodically 10 min");
    BOOST_TEST(to_string(trigger_name::periodically(10h)) == "periodically 10 h");
    const auto name = trigger_name::periodically(10min);
    BOOST_CHECK(name.why() == trigger_name::kind::periodically && name.unit() == time_unit::minute);
    BOOST_TEST(name.count() == 10);
}

BOOST_AUTO_TEST_CASE(d8_003_a_punctuation_gives_other_events_than_it_was_asked_about) {
    auto events = strings{"a", "b", "c"};
    auto calls = 0;
    auto window = strings{};
    auto fired = std::vector<strings>{};
    const auto ask = [&](std::span<std::string> seen) {
        if (++calls == 1) return punctuation<std::string>::fire_after(2, trigger_name::named("two"));
        BOOST_TEST(strings(seen.begin(), seen.end()) == strings{"c"});
        return punctuation<std::string>::instead({"elixir"});
    };
    const auto fire = [&](trigger_name const& name) {
        BOOST_TEST(name.text() == "two");
        fired.push_back(std::exchange(window, {}));
    };
    punctuate(
        std::span(events), ask, [&](std::string& event) { window.push_back(event); }, fire);
    BOOST_TEST(fired.size() == 1u);
    BOOST_TEST(fired[0] == (strings{"a", "b"}));
    BOOST_TEST(window == strings{"elixir"});
}

BOOST_AUTO_TEST_CASE(d9_001_every_10_in_a_large_batch) { BOOST_TEST(run(0, 1000, 10).sums == kept); }
BOOST_AUTO_TEST_CASE(d9_002_every_10_in_small_batches) { BOOST_TEST(run(0, 5, 10).sums == kept); }
BOOST_AUTO_TEST_CASE(d9_004_every_10_in_small_batches_and_begun_anew) { BOOST_TEST(run(0, 5, 10, true).sums == reset); }
BOOST_AUTO_TEST_CASE(d9_005_a_custom_trigger_sees_the_events_before_the_steps) {
    BOOST_TEST(sum_behind_steps() == 130);
}
BOOST_AUTO_TEST_CASE(d9_006_names_its_triggers) {
    const auto firings = run(0, 1000, 10, true).firings;
    BOOST_TEST(firings.size() == 11u);
    BOOST_TEST(firings[0] == "55: global, every 10");
    BOOST_TEST(firings[9] == "955: global, every 10");
    BOOST_TEST(firings[10] == "0: global, done");
}
BOOST_AUTO_TEST_CASE(d9_007_fires_at_intervals) { BOOST_TEST(fired_by_interval(0) == 110); }
BOOST_AUTO_TEST_CASE(d9_008_fires_by_a_message) { BOOST_TEST(fired_by_hand(0) == strings{"110: global, sample"}); }

BOOST_AUTO_TEST_CASE(d10_001_sums_over_several_stages_come_to_the_total) {
    auto total = 0;
    for (int mine = 0; mine < 4; ++mine) {
        auto stage = summing(1000);
        for (const auto event : one_to(100))
            if (event % 4 == mine) stage.receive(numbers{event});
        stage.fire(trigger_name::done());
        total += stage.sums.at(0);
    }
    BOOST_TEST(total == 5050);
}
BOOST_AUTO_TEST_CASE(d10_002_every_10_in_a_large_batch) { BOOST_TEST(run(1000, 1000, 10).sums == kept); }
BOOST_AUTO_TEST_CASE(d10_003_every_10_in_small_batches) { BOOST_TEST(run(1000, 5, 10).sums == kept); }
BOOST_AUTO_TEST_CASE(d10_005_every_10_in_small_batches_and_begun_anew) {
    BOOST_TEST(run(1000, 5, 10, true).sums == reset);
}
BOOST_AUTO_TEST_CASE(d10_006_a_custom_trigger_sees_the_events_before_the_steps) {
    BOOST_TEST(sum_behind_steps() == 130);
}
BOOST_AUTO_TEST_CASE(d10_007_names_its_triggers) {
    const auto firings = run(1000, 1000, 10, true).firings;
    BOOST_TEST(firings[0] == "55: count 0, every 10");
    BOOST_TEST(firings[10] == "0: count 0, done");
}
BOOST_AUTO_TEST_CASE(d10_008_fires_at_intervals) { BOOST_TEST(fired_by_interval(1000) == 110); }
BOOST_AUTO_TEST_CASE(d10_009_fires_by_a_message) { BOOST_TEST(fired_by_hand(1000) == strings{"110: count 0, sample"}); }
BOOST_AUTO_TEST_CASE(d10_010_reduces_in_each_window_in_a_large_batch) {
    BOOST_TEST(run(50, 1000).sums == (numbers{1275, 3775, 0}));
    BOOST_TEST(run(50, 1000).firings == (strings{"1275: count 0, done", "3775: count 1, done", "0: count 2, done"}));
}
BOOST_AUTO_TEST_CASE(d10_012_reduces_in_each_window_in_small_batches) {
    BOOST_TEST(run(50, 5).sums == (numbers{1275, 3775, 0}));
}

BOOST_AUTO_TEST_CASE(d12_001_windows_of_processing_time_begin_with_nothing) {
    auto windows = periods(100ms, start);
    auto sum = 0;
    auto firings = strings{};
    const auto pass = [&](processing_clock::time_point now) {
        for (auto number = windows.number(), over = number + windows.pass(now); number < over; ++number) {
            const auto id = window_id{window_kind::periodic, static_cast<std::int64_t>(number)};
            firings.push_back(std::to_string(std::exchange(sum, 0)) + ": " + to_string(id));
        }
    };
    for (const auto event : one_to(10)) {
        sum += event;
        pass(start + event * 1ms);
    }
    pass(start + 100ms);
    pass(start + 200ms);
    BOOST_TEST(firings == (strings{"55: periodic 0", "0: periodic 1"}));
}

BOOST_AUTO_TEST_SUITE_END()
