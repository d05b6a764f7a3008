#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <limits>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(demand)

using namespace stages;

namespace {

using batches = std::vector<std::vector<int>>;

auto split(std::vector<int> const& bounds) -> batches {
    batches result;
    for (std::size_t i = 1; i < bounds.size(); ++i) result.push_back(iota(bounds[i - 1], bounds[i]));
    return result;
}

struct demand_case {
    sluice::subscribe_options options;
    std::vector<int> bounds;  // of the first batches

    friend auto operator<<(std::ostream& out, demand_case const& c) -> std::ostream& {
        return out << "max " << c.options.max_demand << ", min " << c.options.min();
    }
};

// GenStage: "producer-to-consumer demand".
std::vector<demand_case> const genstage_numbers{
    {{}, {0, 500, 1000, 1500}},
    {{.max_demand = 100, .min_demand = 80}, {0, 20, 40, 60, 80, 100, 120, 140}},
    {{.max_demand = 100, .min_demand = 20}, {0, 80, 100, 180, 260, 280}},
    {{.max_demand = 1, .min_demand = 0}, {0, 1, 2, 3}},
    {{.max_demand = 10, .min_demand = 0}, {0, 10, 20, 30}},
    {{.max_demand = 10, .min_demand = 9}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
    {{.max_demand = 10, .min_demand = 7}, {0, 3, 6, 9, 10}},
    {{.max_demand = 5, .min_demand = 2}, {0, 3, 5}},
    {{.max_demand = 3, .min_demand = 1}, {0, 2, 3}},
};

/// Notes what the producer was asked for, each time.
auto note_demand(outlet<int>& out, std::vector<std::size_t>& asked) -> asio::awaitable<void> {
    int next = 0;
    while (auto wanted = co_await out.demand()) {
        asked.push_back(*wanted);
        auto events = out.make_batch();
        while (events.size() < *wanted) events.push_back(next++);
        const bool taken = co_await out.emit(std::move(events));
        if (!taken) co_return;
    }
}

/// Asks by hand, as told; hears every batch.
struct asks_by_hand {
    std::vector<std::vector<int>>* got;
    std::vector<int> asks;
    std::size_t asked = 0;

    void ask(sluice::subscription const& from) {
        if (asked == asks.size()) {
            from.cancel();
            return;
        }
        auto const error = from.ask(asks[asked++]);
        invariant(!error, "the ask is accepted");
    }
    void handle_subscribe(sluice::subscription const& from) { ask(from); }
    void handle_events(batch<int> events, sluice::subscription const& from) {
        got->emplace_back(events.begin(), events.end());
        ask(from);
    }
};

struct keeps_subscription {
    sluice::subscription* kept;
    int* events;
    void handle_subscribe(sluice::subscription const& from) { *kept = from; }
    void handle_events(batch<int> got) { *events += static_cast<int>(got.size()); }
};

auto pass_and_note(inlet<int>& in, outlet<int>& out, batches& seen) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        seen.emplace_back(events->begin(), events->end());
        auto twice = out.make_batch();
        for (int event : *events) {
            twice.push_back(event);
            twice.push_back(event);
        }
        const bool taken = co_await out.emit(std::move(twice));
        if (!taken) co_return;
    }
}
auto drop_and_note(inlet<int>& in, outlet<int>&, batches& seen) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        seen.emplace_back(events->begin(), events->end());
        if (seen.size() == 60) co_return;
    }
}

}  // namespace

BOOST_DATA_TEST_CASE(batches_are_cut_and_asked_for_as_in_genstage, boost::unit_test::data::make(genstage_numbers),
                     each) {
    in_many_orders(
        [&](simulation& home) {
            batches got;
            auto const expected = split(each.bounds);
            sluice::producer<int> numbers{home, naturals};
            sluice::consumer<int> noted{home, sluice::from(numbers, each.options), batch_collector, std::ref(got),
                                        expected.size()};
            expect_text(run_all(home, numbers, noted), "normal", "the run");
            expect_equal(got, expected, "the first batches");
        },
        30);
}

BOOST_AUTO_TEST_CASE(the_producer_is_asked_for_max_demand_at_first) {
    in_many_orders([](simulation& home) {
        std::vector<std::size_t> asked;
        batches got;
        sluice::producer<int> numbers{home, note_demand, std::ref(asked)};
        sluice::consumer<int> noted{home, sluice::from(numbers), batch_collector, std::ref(got), 1u};
        expect_text(run_all(home, numbers, noted), "normal", "the run");
        invariant(!asked.empty() && asked.front() == 1000, "1000 by default");
    });
}

BOOST_AUTO_TEST_CASE(it_is_asked_again_as_soon_as_min_demand_is_reached) {
    in_many_orders([](simulation& home) {
        std::vector<std::size_t> asked;
        batches got;
        sluice::producer<int> numbers{home, note_demand, std::ref(asked)};
        sluice::consumer<int> noted{home, sluice::from(numbers, {.max_demand = 10, .min_demand = 0}), batch_collector,
                                    std::ref(got), 4u};
        expect_text(run_all(home, numbers, noted), "normal", "the run");
        for (auto n : asked) expect_equal(n, 10u, "an ask");
        invariant(asked.size() >= 4 && asked.size() <= 5, "one ask a batch");
    });
}

BOOST_AUTO_TEST_CASE(a_middle_gets_batches_of_twenty_at_eighty_percent_also_when_it_emits_nothing) {
    in_many_orders([](simulation& home) {
        batches seen;
        std::vector<int> got;
        sluice::producer<int> numbers{home, naturals};
        sluice::producer_consumer<int, int> drops{home, sluice::from(numbers, {.max_demand = 100, .min_demand = 80}),
                                                  drop_and_note, std::ref(seen)};
        sluice::consumer<int> last{home, sluice::from(drops, {.max_demand = 100, .min_demand = 50}), collector,
                                   std::ref(got)};
        expect_text(run_all(home, numbers, drops, last), "normal", "the run");
        for (std::size_t i = 0; i < seen.size(); ++i) {
            expect_equal(seen[i], iota(static_cast<int>(i) * 20, static_cast<int>(i) * 20 + 20),
                         "a batch of the middle");
        }
        invariant(got.empty(), "nothing was emitted");
    });
}

BOOST_AUTO_TEST_CASE(a_middle_that_emits_two_for_one_is_cut_downstream_by_the_consumers_demand) {
    in_many_orders([](simulation& home) {
        batches seen;
        batches got;
        sluice::producer<int> numbers{home, naturals};
        sluice::producer_consumer<int, int> twice{home, sluice::from(numbers, {.max_demand = 100, .min_demand = 80}),
                                                  pass_and_note, std::ref(seen)};
        sluice::consumer<int> last{home, sluice::from(twice, {.max_demand = 100, .min_demand = 50}), batch_collector,
                                   std::ref(got), 40u};
        expect_text(run_all(home, numbers, twice, last), "normal", "the run");
        for (auto const& each : seen) expect_equal(each.size(), 20u, "a batch of the middle");
        int event = 0;
        for (auto const& each : got) {
            invariant(each.size() <= 50, "at most max - min");
            for (int e : each) expect_equal(e, event++ / 2, "an event downstream");
        }
    });
}

BOOST_AUTO_TEST_CASE(without_demand_a_body_that_waits_for_it_is_not_resumed) {
    in_many_orders([](simulation& home) {
        std::vector<std::size_t> asked;
        sluice::producer<int> numbers{home, note_demand, std::ref(asked)};
        outcome told;
        start(told, numbers);
        home.run();
        invariant(asked.empty(), "nobody asked");
        expect_text(told.text(), "not ended", "a producer without consumers");
        numbers.stop();
        home.run();
        expect_text(told.text(), "operation_aborted", "stopped");
    });
}

BOOST_AUTO_TEST_CASE(manual_demand_gets_what_was_asked_for_in_one_batch) {
    in_many_orders([](simulation& home) {
        batches got;
        sluice::producer<int> numbers{home, naturals};
        sluice::consumer<int> by_hand{home, sluice::from(numbers, {.demand_mode = sluice::demand_mode::manual}),
                                      asks_by_hand{&got, {50, 50, 1}}};
        expect_text(run_all(home, numbers, by_hand), "normal", "the run");
        expect_equal(got, batches{iota(0, 50), iota(50, 100), iota(100, 101)}, "the batches");
    });
}

BOOST_AUTO_TEST_CASE(manual_demand_asks_for_nothing_by_itself) {
    in_many_orders([](simulation& home) {
        sluice::subscription kept;
        int events = 0;
        std::vector<std::size_t> asked;
        sluice::producer<int> numbers{home, note_demand, std::ref(asked)};
        sluice::consumer<int> by_hand{home, sluice::from(numbers, {.demand_mode = sluice::demand_mode::manual}),
                                      keeps_subscription{&kept, &events}};
        outcome told;
        start(told, numbers, by_hand);
        home.run();
        invariant(asked.empty(), "nothing was asked");
        invariant(!kept.ask(3) && !kept.ask(4), "both asks are accepted");
        home.run();
        expect_equal(events, 7, "asks add up");
        kept.cancel();
        home.run();
        expect_text(told.text(), "normal", "cancelled as a matter of course");
        invariant(!kept.ask(1), "an ask after the end is nothing");
        home.run();
        expect_equal(events, 7, "nothing comes after the end");
    });
}

BOOST_AUTO_TEST_CASE(zero_and_negative_asks_are_refused) {
    in_many_orders([](simulation& home) {
        sluice::subscription kept;
        int events = 0;
        sluice::producer<int> numbers{home, counter, 0, 10};
        sluice::consumer<int> by_hand{home, sluice::from(numbers, {.demand_mode = sluice::demand_mode::manual}),
                                      keeps_subscription{&kept, &events}};
        outcome told;
        start(told, numbers, by_hand);
        home.run();
        for (std::ptrdiff_t bad : {std::ptrdiff_t{0}, std::ptrdiff_t{-1}, std::numeric_limits<std::ptrdiff_t>::min()}) {
            expect_text(kept.ask(bad).message(), make_error_code(sluice::errc::invalid_demand).message(),
                        "the answer to a bad ask");
        }
        home.run();
        expect_equal(events, 0, "state is unchanged");
        for (int i = 0; i < 3; ++i)
            invariant(!kept.ask(std::numeric_limits<std::ptrdiff_t>::max()), "demand saturates");
        home.run();
        expect_equal(events, 10, "all events");
        expect_text(told.text(), "normal", "the run");
    });
}

BOOST_AUTO_TEST_CASE(a_subscription_that_asks_by_itself_refuses_to_be_asked_by_hand) {
    in_many_orders([](simulation& home) {
        sluice::subscription kept;
        int events = 0;
        sluice::producer<int> numbers{home, counter, 0, 10};
        sluice::consumer<int> automatic{home, sluice::from(numbers), keeps_subscription{&kept, &events}};
        expect_text(run_all(home, numbers, automatic), "normal", "the run");
        expect_text(kept.ask(1).message(), make_error_code(sluice::errc::automatic_demand).message(), "the answer");
        expect_text(sluice::subscription{}.ask(1).message(),
                    make_error_code(sluice::errc::subscription_ended).message(), "the answer of no subscription");
    });
}

BOOST_AUTO_TEST_SUITE_END()
