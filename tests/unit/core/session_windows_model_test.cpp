// Sessions beside a model that keeps the events of all keys in a list and groups them anew whenever it is asked.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <map>
#include <ostream>
#include <random>
#include <sluice/core/session_windows.hpp>
#include <sluice/core/watermarks.hpp>
#include <tuple>
#include <utility>
#include <vector>

using namespace sluice::core;
using numbers = std::vector<int>;

namespace {

/// What fired, in order of when it was due; what was due at one moment in any order.
struct firing {
    ticks due;
    int key;
    ticks start;
    ticks end;
    bool done;
    numbers events;

    friend auto operator<=>(firing const&, firing const&) = default;
    friend auto operator<<(std::ostream& out, firing const& each) -> std::ostream& {
        out << each.key << " [" << each.start << ',' << each.end << ") " << (each.done ? "done" : "watermark");
        for (const auto event : each.events) out << ' ' << event;
        return out;
    }
};
using firings = std::vector<firing>;

struct model {
    struct event {
        int key;
        ticks time;
        int number;
    };

    ticks gap;
    ticks lateness;
    ticks watermark = before_all;
    std::vector<event> events;  // those of sessions that are not done

    /// All sessions: the events sorted and cut at each gap.
    auto sessions() const -> firings {
        auto sorted = events;
        std::ranges::sort(sorted, {}, [](event const& each) { return std::pair(each.key, each.time); });
        auto all = firings{};
        for (auto const& each : sorted) {
            if (all.empty() || all.back().key != each.key || each.time >= all.back().end)
                all.push_back({0, each.key, each.time, each.time + gap, false, {}});
            all.back().end = each.time + gap;
            all.back().events.push_back(each.number);
        }
        for (auto& each : all) std::ranges::sort(each.events);
        return all;
    }

    auto add(int key, ticks time, int number) -> arrival {
        const bool joins = std::ranges::any_of(events, [&](event const& each) {
            return each.key == key && each.time < time + gap && time < each.time + gap;
        });
        if (!joins && time + gap + lateness <= watermark) return arrival::too_late;
        events.push_back({key, time, number});
        for (auto const& each : sessions())
            if (std::ranges::count(each.events, number) > 0)
                return each.end <= watermark ? arrival::late : arrival::on_time;
        return arrival::too_late;
    }

    auto advance(ticks to) -> firings {
        to = std::max(to, watermark);
        auto fired = firings{};
        for (auto each : sessions()) {
            const bool is_last = to == end_of_time;
            if (watermark < each.end && each.end <= to && lateness > 0 && !is_last) {
                each.due = each.end;
                fired.push_back(each);
            }
            each.due = is_last ? each.end : each.end + lateness;
            if (each.due > to) continue;
            each.done = true;
            fired.push_back(each);
            std::erase_if(events, [&](event const& one) { return std::ranges::count(each.events, one.number) > 0; });
        }
        watermark = to;
        std::ranges::sort(fired);
        return fired;
    }
};

struct counts {
    int late = 0;
    int too_late = 0;
    int merged = 0;
    int fired_again = 0;
};

void go(unsigned seed, counts& seen) {
    auto random = std::mt19937{seed};
    const auto pick = [&](ticks from, ticks to) {
        return from + static_cast<ticks>(random() % static_cast<unsigned long>(to - from + 1));
    };
    const auto gap = pick(1, 12);
    const auto lateness = random() % 2 == 0 ? 0 : pick(1, 30);
    auto tested = session_windows<int, numbers>({.gap = gap, .lateness = lateness});
    auto expected = model{gap, lateness, before_all, {}};
    auto marks = watermarks();
    auto times = std::vector<ticks>(static_cast<std::size_t>(pick(1, 3)), -50);
    for (std::size_t i = 0; i < times.size(); ++i) marks.add({});
    auto next = 0;
    auto watermark_firings = std::map<std::pair<int, ticks>, int>{};
    const auto add = [&](int key, ticks time) {
        const auto number = next++;
        const auto make = [](window_span) { return numbers{}; };
        const auto merge = [&](numbers& earlier, numbers&& later) {
            ++seen.merged;
            earlier.insert(earlier.end(), later.begin(), later.end());
        };
        const auto where = tested.add(key, time, make, merge);
        if (where.state != nullptr) {
            BOOST_REQUIRE(where.window.contains(time));
            where.state->push_back(number);
        }
        BOOST_REQUIRE((where.state == nullptr) == (where.when == arrival::too_late));
        BOOST_REQUIRE(where.when == expected.add(key, time, number));
        seen.late += where.when == arrival::late;
        seen.too_late += where.when == arrival::too_late;
    };
    const auto advance = [&](ticks to) {
        tested.advance(to, {});
        auto fired = firings{};
        while (const auto each = tested.next()) {
            const bool done = each->phase == window_phase::done;
            const auto due = each->window.end + (done && to != end_of_time ? lateness : 0);
            fired.push_back({due, *each->key, each->window.start, each->window.end, done, *each->state});
            std::ranges::sort(fired.back().events);
            if (!done) seen.fired_again += watermark_firings[{*each->key, each->window.start}]++ > 0;
        }
        BOOST_REQUIRE(std::ranges::is_sorted(fired, {}, &firing::due));
        std::ranges::sort(fired);
        BOOST_TEST(fired == expected.advance(to), boost::test_tools::per_element());
        BOOST_REQUIRE(tested.open_sessions() == expected.sessions().size());
    };
    for (int step = 0; step < 80; ++step) {
        const auto from = static_cast<std::size_t>(pick(0, static_cast<ticks>(times.size()) - 1));
        auto newest = times[from];
        for (auto left = pick(0, 4); left > 0; --left) {
            times[from] += random() % 10 == 0 ? pick(0, 40) : pick(0, 3);
            const auto time = times[from] - (random() % 3 == 0 ? pick(0, 50) : 0);
            add(static_cast<int>(pick(0, 4)), time);
            newest = std::max(newest, time);
        }
        marks.advance(static_cast<sluice::subscriber_id>(from), newest, {});
        if (marks.combined() != before_all) advance(marks.combined());
    }
    auto visited = std::size_t{0};
    tested.visit([&](int, window_span, numbers const&) { ++visited; });
    BOOST_REQUIRE(visited == tested.open_sessions());
    advance(end_of_time);
    BOOST_REQUIRE(tested.open_keys() == 0u);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sessions_beside_a_model)

BOOST_AUTO_TEST_CASE(have_the_same_events_and_fire_when_they_should) {
    auto seen = counts{};
    for (unsigned seed = 0; seed < 150; ++seed) BOOST_TEST_CONTEXT("seed " << seed) go(seed, seen);
    BOOST_TEST(seen.late > 50);
    BOOST_TEST(seen.too_late > 100);
    BOOST_TEST(seen.merged > 100);
    BOOST_TEST(seen.fired_again > 30);
}

BOOST_AUTO_TEST_CASE(are_the_same_in_whatever_order_the_events_come) {
    for (unsigned seed = 0; seed < 200; ++seed) {
        auto random = std::mt19937{seed};
        auto times = std::vector<std::pair<int, ticks>>{};
        for (int i = 0; i < 40; ++i) times.emplace_back(random() % 3, random() % 200);
        const auto ends = [](auto const& all) {
            auto tested = session_windows<int, int>({.gap = 7});
            for (auto const& [key, time] : all)
                *tested
                     .add(
                         key, time, [](window_span) { return 0; }, [](int& a, int&& b) { a += b; })
                     .state += 1;
            tested.advance(end_of_time, {});
            auto result = std::vector<std::tuple<int, ticks, ticks, int>>{};
            while (const auto each = tested.next())
                result.emplace_back(*each->key, each->window.start, each->window.end, *each->state);
            std::ranges::sort(result);
            return result;
        };
        const auto first = ends(times);
        std::ranges::shuffle(times, random);
        BOOST_REQUIRE(ends(times) == first);
    }
}

BOOST_AUTO_TEST_SUITE_END()
