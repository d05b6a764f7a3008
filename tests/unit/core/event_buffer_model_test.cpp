// The event buffer beside a deque that holds events and infos as they came, over random calls.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <deque>
#include <memory>
#include <random>
#include <sluice/core/event_buffer.hpp>
#include <utility>
#include <vector>

namespace core = sluice::core;
using sluice::buffer_keep;
using numbers = std::vector<int>;

namespace {

using unique = std::unique_ptr<int>;

struct deque_model {
    struct entry {
        bool is_info;
        int value;
    };
    struct result {
        numbers events;
        numbers infos;
    };

    std::size_t bound;
    buffer_keep which;
    std::deque<entry> entries;

    auto size() const -> std::size_t {
        return static_cast<std::size_t>(std::ranges::count(entries, false, &entry::is_info));
    }

    /// The events dropped, and the infos that came out by it.
    auto store(numbers const& events) -> result {
        auto out = result{};
        for (const auto event : events) {
            if (which == buffer_keep::first && size() == bound) {
                out.events.push_back(event);
                continue;
            }
            entries.push_back({false, event});
            if (size() > bound) {
                out.events.push_back(entries.front().value);
                entries.pop_front();
                pop_infos(out);
            }
        }
        return out;
    }

    auto store_info(int info) -> bool {
        if (entries.empty()) return false;
        entries.push_back({true, info});
        return true;
    }

    auto take(std::size_t n) -> result {
        auto out = result{};
        while (out.events.size() < n && !entries.empty() && out.infos.empty()) {
            out.events.push_back(entries.front().value);
            entries.pop_front();
            pop_infos(out);
        }
        return out;
    }

private:
    void pop_infos(result& out) {
        for (; !entries.empty() && entries.front().is_info; entries.pop_front())
            out.infos.push_back(entries.front().value);
    }
};

auto wrap(numbers const& values) -> std::vector<unique> {
    auto events = std::vector<unique>{};
    for (const auto value : values) events.push_back(std::make_unique<int>(value));
    return events;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(the_event_buffer_beside_a_model)

BOOST_AUTO_TEST_CASE(stores_drops_and_gives_the_same_events_and_infos_in_the_same_order) {
    for (unsigned seed = 0; seed < 600; ++seed) {
        auto random = std::mt19937{seed};
        const auto bound = random() % 5 == 0 ? core::unlimited : random() % 30;
        const auto which = random() % 2 == 0 ? buffer_keep::first : buffer_keep::last;
        auto buffer = core::event_buffer<unique, int>{bound, which};
        auto model = deque_model{bound, which, {}};
        auto next = 0;
        for (int step = 0; step < 120; ++step) {
            auto seen = numbers{};
            const auto see = [&](unique&& event) { seen.push_back(*event); };
            const auto choice = random() % 7;
            if (choice < 3) {
                auto values = numbers(random() % 25);
                for (auto& value : values) value = next++;
                auto events = wrap(values);
                const auto expected = model.store(values);
                const auto stored = buffer.store(events, see);
                BOOST_REQUIRE(seen == expected.events);
                BOOST_REQUIRE(stored.discarded == seen.size());
                BOOST_REQUIRE(stored.infos == expected.infos);
            } else if (choice == 3) {
                BOOST_REQUIRE(buffer.store_info(next) == model.store_info(next));
                ++next;
            } else if (choice == 4) {
                const auto run = buffer.front(1 + random() % 10);
                for (auto const& event : run) seen.push_back(*event);
                const auto infos = buffer.pop(run.size());
                const auto expected = model.take(run.size());
                BOOST_REQUIRE(seen == expected.events);
                BOOST_REQUIRE(infos == expected.infos);
            } else {
                const auto n = random() % 20;
                const auto expected = model.take(n);
                const auto taken = buffer.take(n, see);
                BOOST_REQUIRE(seen == expected.events);
                BOOST_REQUIRE(taken.events == seen.size());
                BOOST_REQUIRE(taken.remaining == n - seen.size());
                BOOST_REQUIRE(taken.infos == expected.infos);
            }
            BOOST_REQUIRE(buffer.size() == model.size());
            BOOST_REQUIRE(buffer.empty() == model.entries.empty());
            BOOST_REQUIRE(buffer.size() <= bound);
        }
    }
}

BOOST_AUTO_TEST_CASE(has_every_event_exactly_once_taken_dropped_or_inside) {
    for (unsigned seed = 0; seed < 100; ++seed) {
        auto random = std::mt19937{seed};
        auto buffer =
            core::event_buffer<int>{random() % 2000, random() % 2 == 0 ? buffer_keep::first : buffer_keep::last};
        auto seen = numbers{};
        const auto see = [&](int&& event) { seen.push_back(event); };
        auto next = 0;
        auto dropped = std::size_t{0};
        for (int step = 0; step < 40; ++step) {
            auto events = numbers(random() % 1500);
            for (auto& event : events) event = next++;
            dropped += buffer.store(events, see).discarded;
            buffer.take(random() % 1500, see);
        }
        BOOST_TEST(buffer.total_discarded() == dropped);
        buffer.clear(see);
        std::ranges::sort(seen);
        BOOST_REQUIRE(seen.size() == static_cast<std::size_t>(next));
        for (int i = 0; i < next; ++i) BOOST_REQUIRE(seen[static_cast<std::size_t>(i)] == i);
    }
}

BOOST_AUTO_TEST_SUITE_END()
