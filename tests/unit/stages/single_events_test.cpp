// Events that are emitted one by one, to several consumers.
#include <algorithm>
#include <deque>
#include <span>
#include <stdexcept>
#include <string>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(single_events)

using namespace stages;
using sluice::broadcast_dispatcher;
using sluice::from;
using sluice::outlet_options;
using sluice::partition_dispatcher;

namespace {

// Long enough to have memory of its own.
auto text(int i) -> std::string { return "the event with the number " + std::to_string(i); }

auto one_by_one(outlet<std::string>& out, int n) -> asio::awaitable<void> {
    for (int i = 0; i < n; ++i) {
        auto event = text(i);
        const bool taken = co_await out.emit(std::move(event));
        if (!taken) co_return;
    }
}

/// Keeps the batches, so that what becomes of their events later would be seen.
auto hold(inlet<std::string>& in, std::vector<batch<std::string>>& held) -> asio::awaitable<void> {
    while (auto some = co_await in.receive()) held.push_back(std::move(*some));
}
auto hold_shared(inlet<std::string>& in, std::vector<sluice::shared_batch<std::string>>& held)
    -> asio::awaitable<void> {
    while (auto some = co_await in.receive_shared()) held.push_back(std::move(*some));
}
auto spoil(inlet<std::string>& in, int& got) -> asio::awaitable<void> {
    while (auto some = co_await in.receive()) {
        for (auto& event : *some) {
            event = "spoilt";
            ++got;
        }
    }
}
auto leave_after(inlet<std::string>& in, std::size_t n) -> asio::awaitable<void> {
    while (auto some = co_await in.receive()) {
        if (some->size() >= n) co_return;
        n -= some->size();
    }
}

template <class Held>
void expect_all(Held const& held, int n) {
    int next = 0;
    for (auto const& some : held) {
        for (auto const& event : some) expect_text(event, text(next++), "an event that was kept");
    }
    expect_equal(next, n, "all of them");
}

/// Trivial to copy, but not to be assigned.
struct fixed {
    int const number = 0;
};
auto fixed_ones(outlet<fixed>& out, int n) -> asio::awaitable<void> {
    for (int next = 0; next < n;) {
        auto some = out.make_batch();
        for (int i = 0; i < 5 && next < n; ++i) some.push_back(fixed{next++});
        const bool taken = co_await out.emit(std::move(some));
        if (!taken) co_return;
        fixed const single{next++};
        const bool taken_too = co_await out.emit(single);
        if (!taken_too) co_return;
    }
}
auto add_up(inlet<fixed>& in, int& sum) -> asio::awaitable<void> {
    while (auto some = co_await in.receive()) {
        for (auto const& event : *some) sum += event.number;
    }
}

/// Counts what it is told of.
struct counting_dispatcher : broadcast_dispatcher<int> {
    explicit counting_dispatcher(std::size_t& n) : told(&n) {}

    template <class Deliver>
    auto dispatch(std::span<int> some, Deliver&& deliver) -> std::span<int> {
        *told += some.size();
        return broadcast_dispatcher<int>::dispatch(some, deliver);
    }

    std::size_t* told;
};

/// Throws for the event 13.
auto third(int i) -> std::size_t {
    if (i == 13) throw std::runtime_error("thirteen");
    return static_cast<std::size_t>(i % 3);
}
auto ints_one_by_one(outlet<int>& out, int n, bool& threw) -> asio::awaitable<void> {
    for (int i = 0; i < n; ++i) {
        try {
            const bool taken = co_await out.emit(i);
            if (!taken) co_return;
        } catch (std::runtime_error const&) {
            threw = true;
            throw;
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_consumers_share_stays_as_it_is_however_long_they_keep_it_and_whatever_others_do) {
    in_many_orders([](simulation& home) {
        constexpr int n = 600;  // more than lie beside one another
        std::vector<batch<std::string>> a;
        std::vector<sluice::shared_batch<std::string>> b;
        int spoilt = 0;
        sluice::producer<std::string> texts{home, outlet_options{.demand = sluice::demand_flow::accumulate},
                                            broadcast_dispatcher<std::string>{}, one_by_one, n};
        sluice::consumer<std::string> first{home, from(texts, {.max_demand = 7}), hold, std::ref(a)};
        sluice::consumer<std::string> second{home, from(texts, {.max_demand = 50}), hold_shared, std::ref(b)};
        sluice::consumer<std::string> third{home, from(texts), spoil, std::ref(spoilt)};
        sluice::consumer<std::string> leaving{home, from(texts, {.max_demand = 3}), leave_after, 20};
        outcome told;
        start(told, texts, first, second, third, leaving);
        home.run();
        texts.set_demand(sluice::demand_flow::forward);
        home.run();
        expect_text(told.text(), "normal", "the end");
        expect_all(a, n);
        expect_all(b, n);
        expect_equal(spoilt, n, "what the third one had");
    });
}

BOOST_AUTO_TEST_CASE(a_single_event_whose_hash_throws_is_counted_once_and_no_other_is_lost) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        bool threw = false;
        sluice::producer<int> numbers{home, partition_dispatcher<int>(3, third), ints_one_by_one, 40, std::ref(threw)};
        std::vector<int> shown;
        numbers.on_discard(
            [&](batch<int> some, sluice::discard_reason) { shown.insert(shown.end(), some.begin(), some.end()); });
        std::vector<outcome> told(4);
        sluice::consumer<int> a{home, from(numbers, {.max_demand = 4, .partition = 0}), collector, std::ref(got)};
        sluice::consumer<int> b{home, from(numbers, {.max_demand = 5, .partition = 1}), collector, std::ref(got)};
        sluice::consumer<int> c{home, from(numbers, {.max_demand = 6, .partition = 2}), collector, std::ref(got)};
        start(told[0], numbers);
        start(told[1], a);
        start(told[2], b);
        start(told[3], c);
        home.run();
        for (auto const& each : told) expect_text(each.text(), "thirteen", "the end of all of them");
        invariant(threw, "emit() tells it, too");
        std::ranges::sort(got);
        invariant(std::ranges::adjacent_find(got) == got.end() && (got.empty() || got.back() < 13),
                  "each at most once");
        // What was queued for a partition when the producer failed goes with it.
        expect_equal(got.size() + numbers.stats().discarded, std::size_t{14}, "delivered or counted");
        expect_equal(numbers.stats().discarded, shown.size(), "and shown");
        invariant(std::ranges::find(shown, 13) != shown.end(), "the event itself, too");
    });
}

BOOST_AUTO_TEST_CASE(single_events_of_a_partition_come_in_order_behind_those_that_are_queued) {
    in_many_orders([](simulation& home) {
        bool threw = false;
        std::vector<std::vector<int>> got(2);
        auto const parity = [](int i) { return static_cast<std::size_t>(i % 2); };
        sluice::producer<int> numbers{
            home, partition_dispatcher<int>(sluice::partition_options{.partitions = 2, .queue_limit = 5}, parity),
            ints_one_by_one, 200, std::ref(threw)};
        sluice::consumer<int> even{home, from(numbers, {.max_demand = 40, .partition = 0}), collector,
                                   std::ref(got[0])};
        sluice::consumer<int> odd{home, from(numbers, {.max_demand = 1, .partition = 1}), collector, std::ref(got[1])};
        expect_text(run_all(home, numbers, even, odd), "normal", "the end");
        for (auto const& each : got) {
            expect_equal(each.size(), 100u, "half of them");
            invariant(std::ranges::is_sorted(each), "in order");
        }
    });
}

BOOST_AUTO_TEST_CASE(a_dispatcher_is_told_once_of_a_single_event_that_nobody_takes) {
    for (bool const alone : {true, false}) {
        in_many_orders([alone](simulation& home) {
            std::size_t told_of = 0;
            std::vector<int> got;
            bool threw = false;
            sluice::producer<int> numbers{home,
                                          outlet_options{.demand = sluice::demand_flow::accumulate},
                                          counting_dispatcher(told_of),
                                          ints_one_by_one,
                                          40,
                                          std::ref(threw)};
            auto const not_five = [](int i) -> bool {
                if (i == 5) throw std::runtime_error("five");
                return true;
            };
            std::deque<sluice::consumer<int>> takers;
            std::vector<outcome> told(alone ? 2 : 3);
            start(told[0], numbers);
            for (std::size_t i = 1; i < told.size(); ++i) {
                auto choosy = from(numbers, {.max_demand = 50}).select(not_five);
                takers.emplace_back(home, std::move(choosy), collector, std::ref(got));
                start(told[i], takers.back());
            }
            home.run();
            numbers.set_demand(sluice::demand_flow::forward);
            home.run();
            expect_text(told[1].text(), "five", "the selector's stage");
            expect_equal(told_of, std::size_t{6}, "told of 0 to 5, each once");
            expect_equal(got.size(), alone ? 5u : 10u, "what came before");
            expect_equal(numbers.stats().discarded, std::uint64_t{1}, "the one that nobody is left for");
        });
    }
}

BOOST_AUTO_TEST_CASE(events_that_cannot_be_assigned_go_through_all_dispatchers) {
    in_many_orders(
        [](simulation& home) {
            constexpr int n = 60, whole = n * (n - 1) / 2;
            auto const parity = [](fixed const& event) { return static_cast<std::size_t>(event.number % 2); };
            int shared_out = 0, a = 0, b = 0, even = 0, odd = 0;
            sluice::producer<fixed> one{home, fixed_ones, n};
            sluice::producer<fixed> all{home, broadcast_dispatcher<fixed>{}, fixed_ones, n};
            sluice::producer<fixed> parts{home, partition_dispatcher<fixed>(2, parity), fixed_ones, n};
            sluice::consumer<fixed> of_one{home, from(one), add_up, std::ref(shared_out)};
            sluice::consumer<fixed> first{home, from(all), add_up, std::ref(a)};
            sluice::consumer<fixed> second{home, from(all), add_up, std::ref(b)};
            sluice::consumer<fixed> evens{home, from(parts, {.partition = 0}), add_up, std::ref(even)};
            sluice::consumer<fixed> odds{home, from(parts, {.partition = 1}), add_up, std::ref(odd)};
            auto const told = run_all(home, one, all, parts, of_one, first, second, evens, odds);
            expect_text(told, "normal", "the end");
            expect_equal(shared_out, whole, "by demand");
            expect_equal(even + odd, whole, "in parts");
            expect_equal(odd - even, n / 2, "each to its own");
            invariant(a <= whole && b <= whole && (a == whole || b == whole), "broadcast: what came after each came");
        },
        20);
}

BOOST_AUTO_TEST_SUITE_END()
