// Producers, producer_consumers and fan-outs with dispatchers of every kind.
#include <algorithm>
#include <boost/asio/detached.hpp>
#include <numeric>
#include <string>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(dispatchers)

using namespace stages;
using sluice::broadcast_dispatcher;
using sluice::demand_flow;
using sluice::fan_out;
using sluice::from;
using sluice::partition_dispatcher;

namespace {

auto collect(inlet<int>& in, std::vector<int>& got) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) got.insert(got.end(), events->begin(), events->end());
}
auto collect_copies(inlet<counted<int>>& in, std::vector<int>& got) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (auto const& each : *events) got.push_back(each.value());
    }
}
auto pass_on(inlet<int>& in, outlet<int>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) co_await out.emit(std::move(*events));
}
auto up_to(int last) -> std::vector<int> {
    std::vector<int> all(static_cast<std::size_t>(last));
    std::iota(all.begin(), all.end(), 0);
    return all;
}

/// Looks at events that cannot be copied.
struct watcher {
    std::vector<int>* got;

    void handle_events(sluice::shared_batch<std::unique_ptr<int>> const& events) {
        for (auto const& each : events) got->push_back(*each);
    }
};

struct ticker {
    int next = 0;
    std::vector<std::size_t> asked = {};

    auto handle_demand(std::size_t wanted) -> sluice::emission<int> {
        asked.push_back(wanted);
        std::vector<int> events;
        for (; events.size() < wanted && next < 100; ++next) events.push_back(next);
        return next == 100 ? sluice::emission<int>::last(std::move(events)) : sluice::emission<int>(std::move(events));
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_broadcast_gives_each_consumer_every_event_in_order) {
    in_many_orders([](simulation& home) {
        std::vector<int> a, b, c;
        sluice::producer<int> numbers{
            home, sluice::outlet_options{.demand = demand_flow::accumulate}, broadcast_dispatcher<int>{}, count_up, 50,
            7};
        sluice::consumer<int> first{home, from(numbers, {.max_demand = 4}), collect, std::ref(a)};
        sluice::consumer<int> second{home, from(numbers, {.max_demand = 9}), collect, std::ref(b)};
        sluice::producer_consumer<int, int> middle{home, from(numbers), pass_on};
        sluice::consumer<int> third{home, from(middle), collect, std::ref(c)};
        outcome told;
        start(told, numbers, first, second, middle, third);
        home.run();
        expect_equal(a.size(), std::size_t{0}, "nothing before forward");
        numbers.set_demand(demand_flow::forward);
        home.run();
        expect_equal(told.text(), std::string("normal"), "the end");
        expect_equal(a, up_to(50), "first");
        expect_equal(b, up_to(50), "second");
        expect_equal(c, up_to(50), "third");
    });
}

BOOST_AUTO_TEST_CASE(a_selector_keeps_others_events_away_and_swallows_no_demand) {
    in_many_orders([](simulation& home) {
        std::vector<int> even, all, none;
        sluice::producer ticks{home, sluice::outlet_options{.demand = demand_flow::accumulate}, ticker{},
                               broadcast_dispatcher<int>{}};
        sluice::consumer<int> evens{home, from(ticks, {.max_demand = 2}).select([](int i) { return i % 2 == 0; }),
                                    collect, std::ref(even)};
        sluice::consumer<int> whole{home, from(ticks, {.max_demand = 5}), collect, std::ref(all)};
        sluice::consumer<int> nothing{home, from(ticks, {.max_demand = 3}).select([](int) { return false; }), collect,
                                      std::ref(none)};
        outcome told;
        start(told, ticks, evens, whole, nothing);
        home.run();
        ticks.set_demand(demand_flow::forward);
        home.run();
        expect_equal(told.text(), std::string("normal"), "the end");
        expect_equal(all, up_to(100), "all");
        expect_equal(even.size(), std::size_t{50}, "even ones");
        invariant(std::ranges::all_of(even, [](int i) { return i % 2 == 0; }) && std::ranges::is_sorted(even),
                  "chosen");
        expect_equal(none.size(), std::size_t{0}, "none");
    });
}

BOOST_AUTO_TEST_CASE(a_selector_that_throws_ends_its_own_subscription_and_no_other) {
    in_many_orders([](simulation& home) {
        std::vector<int> good, bad;
        sluice::producer<int> numbers{
            home, sluice::outlet_options{.demand = demand_flow::accumulate}, broadcast_dispatcher<int>{}, count_up, 30,
            5};
        sluice::consumer<int> fine{home, from(numbers, {.max_demand = 4}), collect, std::ref(good)};
        auto choosy = from(numbers, {.max_demand = 4}).select([](int i) -> bool {
            if (i == 12) throw std::runtime_error("twelve");
            return true;
        });
        sluice::consumer<int> broken{home, std::move(choosy), collect, std::ref(bad)};
        outcome told, failed;
        start(told, numbers, fine);
        start(failed, broken);
        home.run();
        numbers.set_demand(demand_flow::forward);
        home.run();
        expect_equal(told.text(), std::string("normal"), "the producer and the other consumer");
        expect_equal(failed.text(), std::string("twelve"), "the consumer with that selector");
        expect_equal(good, up_to(30), "the other one has everything");
        invariant(bad.size() <= 12, "nothing from the batch that failed");
    });
}

BOOST_AUTO_TEST_CASE(a_second_subscription_of_one_consumer_to_a_broadcast_is_refused_and_harmless) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<int> numbers{home, broadcast_dispatcher<int>{}, count_up, 20, 3};
        sluice::consumer<int> twice{home,
                                    {from(numbers, {.max_demand = 4, .cancel = sluice::cancel_mode::permanent}),
                                     from(numbers, {.max_demand = 4})},
                                    collect,
                                    std::ref(got)};
        expect_equal(run_all(home, numbers, twice), std::string("normal"), "the end");
        expect_equal(got, up_to(20), "each event once");
    });
}

BOOST_AUTO_TEST_CASE(a_broadcast_copies_on_the_consumers_side_and_moves_for_the_last_one) {
    in_many_orders([](simulation& home) {
        std::vector<int> a, b;
        fan_out<counted<int>> fan{home, broadcast_dispatcher<counted<int>>{}};
        sluice::consumer<counted<int>> first{home, from(fan), collect_copies, std::ref(a)};
        sluice::consumer<counted<int>> second{home, from(fan), collect_copies, std::ref(b)};
        outcome told;
        start(told, first, second);
        home.run();
        batch<counted<int>> events;
        for (int i = 0; i < 10; ++i) events.emplace_back(home.events(), i);
        fan.async_dispatch(std::move(events), asio::detached);
        fan.close();
        home.run();
        expect_equal(told.text(), std::string("normal"), "the end");
        expect_equal(a, up_to(10), "first");
        expect_equal(b, up_to(10), "second");
    });
}

BOOST_AUTO_TEST_CASE(events_that_cannot_be_copied_go_through_a_broadcast_to_one_consumer_and_fail_clearly_with_two) {
    using unique = std::unique_ptr<int>;
    for (int const consumers : {1, 2}) {
        in_many_orders([consumers](simulation& home) {
            int got = 0;
            auto take = [&got](inlet<unique>& in) -> asio::awaitable<void> {
                while (auto events = co_await in.receive()) got += static_cast<int>(events->size());
            };
            fan_out<unique> fan{home, broadcast_dispatcher<unique>{}};
            std::vector<sluice::consumer<unique>> all;
            std::vector<outcome> told(static_cast<std::size_t>(consumers));
            for (int i = 0; i < consumers; ++i) all.emplace_back(home, from(fan), take);
            for (std::size_t i = 0; i < all.size(); ++i) start(told[i], all[i]);
            home.run();
            batch<unique> events;
            for (int i = 0; i < 3; ++i) events.push_back(std::make_unique<int>(i));
            fan.async_dispatch(std::move(events), asio::detached);
            fan.close();
            home.run();
            auto const failed = std::ranges::count_if(told, [](auto const& each) { return each.text() != "normal"; });
            if (consumers == 1) {
                expect_equal(got, 3, "moved");
            } else {
                expect_equal(failed, std::ptrdiff_t{1}, "the first to look needs copies, the last may move");
            }
        });
    }
}

BOOST_AUTO_TEST_CASE(a_partition_gets_the_events_of_its_key_and_a_queue_holds_back_the_producer) {
    in_many_orders([](simulation& home) {
        std::vector<int> odd, even;
        auto const parity = [](int i) { return std::string(i % 2 ? "odd" : "even"); };
        sluice::producer<int> numbers{
            home, partition_dispatcher<int, std::string>({"odd", "even"}, parity, {.queue_limit = 3}), count_up, 60,
            10};
        sluice::consumer<int> odds{home, from(numbers, {.max_demand = 4}).partition("odd"), collect, std::ref(odd)};
        sluice::consumer<int> evens{home, from(numbers, {.max_demand = 7}).partition("even"), collect, std::ref(even)};
        expect_equal(run_all(home, numbers, odds, evens), std::string("normal"), "the end");
        expect_equal(odd.size() + even.size(), std::size_t{60}, "all");
        invariant(std::ranges::is_sorted(odd) && std::ranges::is_sorted(even), "in order");
        invariant(std::ranges::all_of(odd, [](int i) { return i % 2 == 1; }), "odd ones");
    });
}

BOOST_AUTO_TEST_CASE(an_unknown_partition_ends_that_subscription_with_a_sentence) {
    in_many_orders([](simulation& home) {
        std::vector<int> got, lost;
        sluice::producer<int> numbers{home, partition_dispatcher<int>(1), count_up, 10, 10};
        sluice::consumer<int> right{home, from(numbers, {.partition = 0}), collect, std::ref(got)};
        sluice::consumer<int> wrong{home, from(numbers, {.partition = 7}), collect, std::ref(lost)};
        outcome told, failed;
        start(told, numbers, right);
        start(failed, wrong);
        home.run();
        expect_equal(told.text(), std::string("normal"), "the others");
        expect_equal(got, up_to(10), "all events");
        invariant(failed.text() != "normal", "it fails");
    });
}

BOOST_AUTO_TEST_CASE(hash_none_gives_the_demand_back) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        auto const thousands = [](int i) -> std::optional<std::size_t> {
            return i % 50 == 0 ? std::optional<std::size_t>(0) : std::nullopt;
        };
        sluice::producer numbers{home, ticker{}, partition_dispatcher<int>(1, thousands)};
        sluice::consumer<int> rare{home, from(numbers, {.max_demand = 10, .partition = 0}), collect, std::ref(got)};
        expect_equal(run_all(home, numbers, rare), std::string("normal"), "the end");
        expect_equal(got, std::vector{0, 50}, "the few that are wanted");
    });
}

BOOST_AUTO_TEST_CASE(round_robin_is_fair_whatever_the_max_demand) {
    in_many_orders([](simulation& home) {
        std::vector<int> greedy, modest;
        sluice::producer<int> numbers{home,
                                      sluice::outlet_options{.demand = demand_flow::accumulate},
                                      sluice::round_robin_dispatcher<int>{},
                                      count_up,
                                      100,
                                      10};
        sluice::consumer<int> a{home, from(numbers, {.max_demand = 1000}), collect, std::ref(greedy)};
        sluice::consumer<int> b{home, from(numbers, {.max_demand = 100}), collect, std::ref(modest)};
        outcome told;
        start(told, numbers, a, b);
        home.run();
        numbers.set_demand(demand_flow::forward);
        home.run();
        expect_equal(told.text(), std::string("normal"), "the end");
        expect_equal(greedy.size() + modest.size(), std::size_t{100}, "all");
        invariant(greedy.size() >= 40 && modest.size() >= 40, "half each, to a turn");
    });
}

BOOST_AUTO_TEST_CASE(who_only_looks_shares_events_that_cannot_even_be_copied) {
    using unique = std::unique_ptr<int>;
    in_many_orders([](simulation& home) {
        std::vector<int> a, b, c;
        auto look = [](inlet<unique>& in, std::vector<int>& got) -> asio::awaitable<void> {
            while (auto events = co_await in.receive_shared()) {
                for (auto const& each : *events) got.push_back(*each);
            }
        };
        auto const even = [](unique const& each) { return *each % 2 == 0; };
        fan_out<unique> fan{home, broadcast_dispatcher<unique>{}};
        sluice::consumer<unique> first{home, from(fan, {.max_demand = 3}), look, std::ref(a)};
        sluice::consumer<unique> second{home, from(fan), look, std::ref(b)};
        sluice::consumer<unique> third{home, from(fan, {.max_demand = 5}).select(even), watcher{&c}};
        outcome told;
        start(told, first, second, third);
        home.run();
        for (int k = 0; k < 4; ++k) {
            batch<unique> events;
            for (int i = 0; i < 5; ++i) events.push_back(std::make_unique<int>(5 * k + i));
            fan.async_dispatch(std::move(events), asio::detached);
        }
        fan.close();
        home.run();
        expect_equal(told.text(), std::string("normal"), "the end");
        expect_equal(a, up_to(20), "first");
        expect_equal(b, up_to(20), "second");
        expect_equal(c, std::vector{0, 2, 4, 6, 8, 10, 12, 14, 16, 18}, "even ones");
    });
}

BOOST_AUTO_TEST_CASE(a_shared_batch_turns_into_ones_own) {
    in_many_orders([](simulation& home) {
        std::vector<int> a, b;
        auto change = [](inlet<int>& in, std::vector<int>& got) -> asio::awaitable<void> {
            while (auto events = co_await in.receive_shared()) {
                auto mine = std::move(*events).to_batch();
                for (int& each : mine) got.push_back(each *= 2);
            }
        };
        fan_out<int> fan{home, broadcast_dispatcher<int>{}};
        sluice::consumer<int> first{home, from(fan), collect, std::ref(a)};
        sluice::consumer<int> second{home, from(fan), change, std::ref(b)};
        outcome told;
        start(told, first, second);
        home.run();
        auto three = batch<int>(std::vector{1, 2, 3});
        fan.async_dispatch(std::move(three), asio::detached);
        fan.close();
        home.run();
        expect_equal(a, std::vector{1, 2, 3}, "untouched");
        expect_equal(b, std::vector{2, 4, 6}, "changed");
    });
}

BOOST_AUTO_TEST_CASE(a_broadcast_that_drops_goes_on_while_nobody_is_subscribed) {
    in_many_orders([](simulation& home) {
        std::vector<int> all;
        std::vector<std::vector<int>> first, second;
        auto const dropping = broadcast_dispatcher<int>({.when_nobody = sluice::when_nobody::drop});
        sluice::producer<int> numbers{
            home, sluice::outlet_options{.on_last_cancel = sluice::on_last_cancel::stay_open}, dropping, count_up, 100,
            7};
        numbers.on_discard([&](batch<int> events, sluice::discard_reason why) {
            invariant(why == sluice::discard_reason::no_consumers, "for want of somebody");
            all.insert(all.end(), events.begin(), events.end());
        });
        sluice::consumer<int> reader{home, from(numbers, {.max_demand = 4}), batch_collector, std::ref(first), 2u};
        outcome told, left;
        start(told, numbers);
        start(left, reader);
        home.run_ready(home.get_chooser().choose(60));
        sluice::consumer<int> later{home, from(numbers, {.max_demand = 9}), batch_collector, std::ref(second), 100u};
        outcome ended;
        start(ended, later);
        home.run();
        expect_text(told.text(), "normal", "nothing holds it back");
        expect_equal(std::uint64_t{all.size()}, numbers.stats().discarded, "those that are counted");
        // Each is dropped, or somebody has got it; both readers may have.
        for (auto const* got : {&first, &second}) {
            for (auto const& each : *got) all.insert(all.end(), each.begin(), each.end());
        }
        std::ranges::sort(all);
        auto const twice = std::ranges::unique(all);
        all.erase(twice.begin(), twice.end());
        auto const lost_in_hand = reader.stats().discarded + later.stats().discarded;
        invariant(lost_in_hand > 0 || all == up_to(100), "none is lost");
    });
}

BOOST_AUTO_TEST_CASE(single_events_are_dropped_too_while_nobody_is_subscribed) {
    in_many_orders([](simulation& home) {
        auto const one_by_one = [](outlet<int>& out, int last) -> asio::awaitable<void> {
            for (int i = 0; i < last; ++i) {
                const bool taken = co_await out.emit(i);
                invariant(taken, "it goes on");
            }
        };
        std::vector<int> dropped;
        sluice::producer<int> numbers{home, broadcast_dispatcher<int>({.when_nobody = sluice::when_nobody::drop}),
                                      one_by_one, 40};
        numbers.on_discard([&](batch<int> events, sluice::discard_reason) {
            dropped.insert(dropped.end(), events.begin(), events.end());
        });
        expect_text(run_all(home, numbers), "normal", "the end");
        expect_equal(dropped, up_to(40), "all, in order");
    });
}

BOOST_AUTO_TEST_CASE(what_waited_for_the_last_consumer_of_a_broadcast_is_dropped_when_that_leaves) {
    in_many_orders([](simulation& home) {
        std::vector<int> dropped;
        std::vector<std::vector<int>> got;
        fan_out<int> fan{home, broadcast_dispatcher<int>({.when_nobody = sluice::when_nobody::drop})};
        fan.on_discard([&](batch<int> events, sluice::discard_reason) {
            dropped.insert(dropped.end(), events.begin(), events.end());
        });
        sluice::consumer<int> reader{home, from(fan, {.max_demand = 3, .min_demand = 0}), batch_collector,
                                     std::ref(got), 1u};
        outcome left;
        start(left, reader);
        home.run_ready();
        bool taken = false;
        fan.async_dispatch(batch_of(up_to(10)), [&](std::exception_ptr error, bool) { taken = !error; });
        home.run();
        invariant(taken, "nobody waits");
        expect_text(left.text(), "normal", "it has left");
        expect_equal(got.front(), up_to(3), "what it had asked for");
        expect_equal(dropped.size() + 3u + reader.stats().discarded, std::size_t{10}, "the rest");
    });
}

BOOST_AUTO_TEST_CASE(a_broadcast_gives_bools_to_all) {
    in_many_orders([](simulation& home) {
        std::vector<bool> one, other;
        auto const emits = [](outlet<bool>& out) -> asio::awaitable<void> {
            for (int i = 0; i < 20; ++i) {
                bool const event = i % 3 == 0;
                const bool taken = co_await out.emit(event);
                if (!taken) co_return;
            }
        };
        auto const notes = [](inlet<bool>& in, std::vector<bool>& got) -> asio::awaitable<void> {
            while (auto events = co_await in.receive()) got.insert(got.end(), events->begin(), events->end());
        };
        auto const later = sluice::outlet_options{.demand = sluice::demand_flow::accumulate};
        sluice::producer<bool> bits{home, later, broadcast_dispatcher<bool>(), emits};
        sluice::consumer<bool> first{home, from(bits), notes, std::ref(one)};
        sluice::consumer<bool> second{home, from(bits, {.max_demand = 2}), notes, std::ref(other)};
        bits.set_demand(sluice::demand_flow::forward);
        expect_text(run_all(home, bits, first, second), "normal", "the end");
        expect_equal(one.size(), std::size_t{20}, "all");
        invariant(one == other && one[0] && !one[1] && one[3], "as emitted");
    });
}

BOOST_AUTO_TEST_SUITE_END()
