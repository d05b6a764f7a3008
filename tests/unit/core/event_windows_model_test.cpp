// Fixed and sliding windows behind several upstreams beside a model that keeps all events and, whenever the watermark
// moves, looks at every window there might be.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <sluice/core/event_windows.hpp>
#include <sluice/core/watermarks.hpp>
#include <string>
#include <tuple>
#include <vector>

using namespace sluice::core;
using strings = std::vector<std::string>;
using numbers = std::vector<int>;

namespace {

auto name(window_span window, window_phase phase, numbers const& events) -> std::string {
    auto text = '[' + std::to_string(window.start) + ',' + std::to_string(window.end) + ')';
    for (const auto event : events) text += ' ' + std::to_string(event);
    return text + (phase == window_phase::done ? " done" : " watermark");
}

struct model {
    struct event {
        ticks time;
        int number;
        ticks watermark;  // where it was when the event came
    };

    window_options options;
    ticks watermark = before_all;
    bool ended = false;
    std::vector<event> events;

    auto slide() const { return options.slide == 0 ? options.size : options.slide; }
    auto start(ticks index) const { return options.origin + index * slide(); }
    auto end(ticks index) const { return start(index) + options.size; }

    /// All windows that an event may be in: times are from -120 to 680 here.
    auto all() const -> std::vector<ticks> {
        auto indices = std::vector<ticks>{};
        for (auto index = -150 / slide() - options.size; start(index) < 700; ++index) indices.push_back(index);
        return indices;
    }

    auto accepts(ticks index, event const& each) const {
        return start(index) <= each.time && each.time < end(index) && end(index) + options.lateness > each.watermark;
    }

    auto contents(ticks index, bool only_on_time = false) const -> numbers {
        auto inside = numbers{};
        for (auto const& each : events)
            if (accepts(index, each) && (!only_on_time || end(index) > each.watermark)) inside.push_back(each.number);
        return inside;
    }

    auto add(ticks time, int number) -> arrival {
        BOOST_REQUIRE((-120 <= time && time <= 680) || ended);
        auto result = arrival::too_late;
        const auto one = event{time, number, watermark};
        for (const auto index : all())
            if (accepts(index, one) && !ended)
                result = std::min(result, end(index) > watermark ? arrival::on_time : arrival::late);
        if (!ended) events.push_back(one);
        return result;
    }

    static constexpr auto none = end_of_time;

    /// Which windows fire when the watermark passes them, if it passes those before `limit`.
    auto passing(ticks limit) const -> std::set<ticks> {
        auto firing = std::set<ticks>{};
        auto run = options.max_empty_run;
        for (const auto index : all()) {
            if (index >= limit) break;
            const bool is_empty = contents(index, true).empty();
            if (is_empty && run >= options.max_empty_run) continue;
            run = is_empty ? run + 1 : 0;
            firing.insert(index);
        }
        return firing;
    }

    auto advance(ticks to) -> strings {
        to = std::max(to, watermark);
        auto firings = std::vector<std::tuple<ticks, ticks, window_phase>>{};
        const auto passes = passing(none);
        for (const auto index : all()) {
            const auto fires = passes.contains(index);
            const auto is_due = [&](ticks time) { return watermark < time && time <= to; };
            if (fires && is_due(end(index)))
                firings.emplace_back(end(index), index,
                                     options.lateness == 0 ? window_phase::done : window_phase::watermark);
            if (options.lateness > 0 && is_due(end(index) + options.lateness) &&
                ((fires && end(index) <= to) || !contents(index).empty()))
                firings.emplace_back(end(index) + options.lateness, index, window_phase::done);
        }
        watermark = to;
        std::ranges::sort(firings);
        return texts(firings);
    }

    auto finish() -> strings {
        auto firings = std::vector<std::tuple<ticks, ticks, window_phase>>{};
        auto last = ticks{-1000};
        for (const auto index : all())
            if (!contents(index).empty()) last = index;
        const auto passes = passing(last + 1);
        for (const auto index : all()) {
            const bool was_passed = end(index) <= watermark;
            const bool was_done = end(index) + options.lateness <= watermark;
            if (was_done) continue;
            if (was_passed ? passing(none).contains(index) || !contents(index).empty() : passes.contains(index))
                firings.emplace_back(index, index, window_phase::done);
        }
        ended = true;
        return texts(firings);
    }

    auto texts(std::vector<std::tuple<ticks, ticks, window_phase>> const& firings) const -> strings {
        auto result = strings{};
        for (auto const& [due, index, phase] : firings)
            result.push_back(name({start(index), end(index)}, phase, contents(index)));
        return result;
    }
};

struct run {
    explicit run(unsigned seed) : random(seed) {
        options.size = pick(1, 12);
        options.slide = random() % 2 == 0 ? 0 : pick(1, options.size);
        options.origin = pick(-20, 20);
        options.lateness = random() % 2 == 0 ? 0 : pick(1, 30);
        options.max_empty_run = random() % 3 == 0 ? 100'000 : random() % 4;
        expected.options = options;
        tested = std::make_unique<event_windows<numbers>>(options);
    }

    auto pick(ticks from, ticks to) -> ticks {
        return from + static_cast<ticks>(random() % static_cast<unsigned long>(to - from + 1));
    }

    auto fired() -> strings {
        auto result = strings{};
        const auto make = [](window_span) { return numbers{}; };
        while (const auto each = tested->next(make)) result.push_back(name(each->window, each->phase, *each->state));
        return result;
    }

    void add(ticks time) {
        const auto number = next++;
        const auto where = tested->add(
            time, [](window_span) { return numbers{}; },
            [&](window_span window, numbers& events) {
                BOOST_REQUIRE(window.contains(time));
                events.push_back(number);
            });
        BOOST_REQUIRE(where == expected.add(time, number));
        ++counts[where];
    }

    void advance(ticks to) {
        tested->advance(to, processing_clock::time_point{});
        const auto seen = fired();
        BOOST_TEST(seen == (to == end_of_time ? expected.finish() : expected.advance(to)),
                   boost::test_tools::per_element());
    }

    /// Each upstream's time goes on by itself, and its events are a little out of order.
    void go() {
        const auto upstreams = pick(1, 3);
        auto marks = watermarks();
        auto times = std::vector<ticks>{};
        for (ticks i = 0; i < upstreams; ++i) {
            marks.add(processing_clock::time_point{});
            times.push_back(pick(-60, -40));
        }
        for (int step = 0; step < 40; ++step) {
            const auto from = static_cast<std::size_t>(pick(0, upstreams - 1));
            auto newest = times[from];
            for (auto left = pick(0, 4); left > 0; --left) {
                times[from] += random() % 10 == 0 ? pick(0, 40) : pick(0, 3);
                const auto time = times[from] - (random() % 4 == 0 ? pick(0, 40) : 0);
                add(time);
                newest = std::max(newest, time);
            }
            marks.advance(static_cast<sluice::subscriber_id>(from), newest, processing_clock::time_point{});
            if (marks.combined() != before_all) advance(marks.combined());
        }
        advance(end_of_time);
        add(1000);
        BOOST_REQUIRE(tested->open_windows() == 0u);
    }

    std::mt19937 random;
    window_options options;
    model expected;
    std::unique_ptr<event_windows<numbers>> tested;
    int next = 0;
    std::map<arrival, int> counts;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(windows_over_event_time_beside_a_model)

BOOST_AUTO_TEST_CASE(have_the_same_events_and_fire_in_the_same_order) {
    auto counts = std::map<arrival, int>{};
    for (unsigned seed = 0; seed < 150; ++seed) {
        auto one = run(seed);
        BOOST_TEST_CONTEXT("seed " << seed) one.go();
        for (auto const& [where, count] : one.counts) counts[where] += count;
    }
    BOOST_TEST(counts[arrival::on_time] > 1000);
    BOOST_TEST(counts[arrival::late] > 100);
    BOOST_TEST(counts[arrival::too_late] > 100);
}

BOOST_AUTO_TEST_CASE(fire_alike_in_however_many_steps_the_watermark_comes) {
    for (unsigned seed = 0; seed < 300; ++seed) {
        auto in_one = run(seed);
        auto in_many = run(seed);
        for (int i = 0; i < 30; ++i) {
            const auto time = in_one.pick(0, 200);
            in_one.add(time);
            in_many.add(time);
        }
        auto many = strings{};
        for (ticks mark = -10; mark <= 150; mark += 1 + static_cast<ticks>(seed % 7)) {
            in_many.tested->advance(std::min<ticks>(mark, 150), {});
            for (auto const& each : in_many.fired()) many.push_back(each);
        }
        in_many.tested->advance(150, {});
        for (auto const& each : in_many.fired()) many.push_back(each);
        in_one.tested->advance(150, {});
        BOOST_REQUIRE(in_one.fired() == many);
    }
}

BOOST_AUTO_TEST_SUITE_END()
