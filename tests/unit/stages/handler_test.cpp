#include <limits>
#include <span>
#include <string>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(handler_objects)

using namespace stages;

namespace {

using journal = std::vector<std::string>;

/// Counts up, and says what it was told.
struct ticker {
    journal* log = nullptr;
    int next = 0;
    int last = std::numeric_limits<int>::max();

    auto handle_demand(std::size_t wanted) -> sluice::emission<int> {
        std::vector<int> events;
        for (; events.size() < wanted && next < last; ++next) events.push_back(next);
        if (next == last) return sluice::emission<int>::last(std::move(events));
        return events;
    }
    void handle_subscribe(sluice::subscription const&) {
        if (log) log->push_back("producer: subscribed");
    }
    void handle_cancel(sluice::end_reason const& reason, sluice::subscription const&) {
        if (log) log->push_back("producer: " + reason.describe());
    }
};

struct waiting_ticker {
    simulation* home;
    int next = 0;

    auto handle_demand(std::size_t wanted) -> asio::awaitable<sluice::emission<int>> {
        co_await home->async_wait(std::chrono::milliseconds(1));
        std::vector<int> events;
        while (events.size() < wanted && next < 100) events.push_back(next++);
        if (next == 100) co_return sluice::emission<int>::last(std::move(events));
        co_return events;
    }
};

struct listener {
    journal* log;
    std::vector<int>* got;

    void handle_subscribe(sluice::subscription const& from) {
        invariant(from.valid(), "there is a subscription");
        log->push_back("consumer: subscribed");
    }
    void handle_events(std::span<int> events) { got->insert(got->end(), events.begin(), events.end()); }
    void handle_cancel(sluice::end_reason const& reason, sluice::subscription const&) {
        log->push_back("consumer: " + reason.describe() + " after " + std::to_string(got->size()));
    }
};

struct waiting_listener {
    simulation* home;
    bool* busy;
    journal* log;
    std::vector<int>* got;

    auto handle_subscribe(sluice::subscription) -> asio::awaitable<void> {
        sluice::testing::one_at_a_time const alone{*busy};
        co_await home->async_wait(std::chrono::milliseconds(2));
        log->push_back("subscribed");
    }
    auto handle_events(batch<int> events) -> asio::awaitable<void> {
        sluice::testing::one_at_a_time const alone{*busy};
        co_await home->async_wait(std::chrono::milliseconds(1));
        got->insert(got->end(), events.begin(), events.end());
    }
    auto handle_cancel(sluice::end_reason, sluice::subscription) -> asio::awaitable<void> {
        sluice::testing::one_at_a_time const alone{*busy};
        co_await home->async_wait(std::chrono::milliseconds(1));
        log->push_back("cancelled after " + std::to_string(got->size()));
    }
};

struct middle {
    int until = std::numeric_limits<int>::max();
    auto handle_events(batch<int> events) -> sluice::emission<std::string> {
        std::vector<std::string> result;
        bool last = false;
        for (int event : events) {
            result.push_back(std::to_string(event));
            last = last || event == until;
        }
        if (last) return sluice::emission<std::string>::last(std::move(result));
        return result;
    }
};

/// Says which side each subscription is on.
struct both_sides {
    journal* log;

    auto handle_events(batch<int> events) -> sluice::emission<int> { return events; }
    void handle_subscribe(sluice::subscription const&, sluice::peer other) { log->push_back(name(other) + " came"); }
    auto handle_cancel(sluice::end_reason const&, sluice::subscription const&, sluice::peer other)
        -> asio::awaitable<void> {
        log->push_back(name(other) + " left");
        co_return;
    }
    static auto name(sluice::peer other) -> std::string {
        return other == sluice::peer::producer ? "producer" : "consumer";
    }
};

struct waiting_middle {
    simulation* home;
    auto handle_events(batch<int> events) -> asio::awaitable<sluice::emission<std::string>> {
        co_await home->async_wait(std::chrono::milliseconds(1));
        std::vector<std::string> result;
        for (int event : events) result.push_back(std::to_string(event));
        co_return result;
    }
};

struct text_listener {
    std::vector<std::string>* got;
    void handle_events(batch<std::string> events) { got->insert(got->end(), events.begin(), events.end()); }
};

/// Emits more than it is asked for.
struct generous {
    int next = 0;
    auto handle_demand(std::size_t wanted) -> sluice::emission<int> {
        std::vector<int> events;
        for (std::size_t i = 0; i < wanted + 7 && next < 50; ++i) events.push_back(next++);
        if (next == 50) return sluice::emission<int>::last(std::move(events));
        return events;
    }
};

struct braces {
    auto handle_demand(std::size_t) -> sluice::emission<int> { return {1, 2, 3}; }
};

auto texts(int first, int last) -> std::vector<std::string> {
    std::vector<std::string> result;
    for (; first < last; ++first) result.push_back(std::to_string(first));
    return result;
}

auto leaves_after(inlet<int>& in, std::size_t n, std::vector<int>& got) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        got.insert(got.end(), events->begin(), events->end());
        if (got.size() >= n) co_return;
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_producer_that_emits_its_last_ends_its_consumers_after_them) {
    in_many_orders([](simulation& home) {
        journal said;
        std::vector<int> got;
        sluice::producer numbers{home, ticker{nullptr, 0, 100}};
        sluice::consumer<int> listening{home, sluice::from(numbers, {.max_demand = 30}), listener{&said, &got}};
        expect_text(run_all(home, numbers, listening), "normal", "the run");
        expect_equal(got, iota(0, 100), "the events");
        expect_equal(said, journal{"consumer: subscribed", "consumer: normal after 100"}, "what the consumer heard");
    });
}

BOOST_AUTO_TEST_CASE(an_empty_last_emission_ends_the_stage_too) {
    in_many_orders([](simulation& home) {
        journal said;
        std::vector<int> got;
        sluice::producer numbers{home, ticker{&said, 0, 0}};
        sluice::consumer<int> listening{home, sluice::from(numbers), listener{&said, &got}};
        expect_text(run_all(home, numbers, listening), "normal", "the run");
        invariant(got.empty(), "there were no events");
    });
}

BOOST_AUTO_TEST_CASE(a_handler_may_answer_with_awaitables) {
    in_many_orders([](simulation& home) {
        journal said;
        std::vector<int> got;
        bool busy = false;
        sluice::producer numbers{home, waiting_ticker{&home}};
        sluice::consumer<int> listening{home, sluice::from(numbers, {.max_demand = 10}),
                                        waiting_listener{&home, &busy, &said, &got}};
        expect_text(run_all(home, numbers, listening), "normal", "the run");
        expect_equal(got, iota(0, 100), "the events");
        expect_equal(said, journal{"subscribed", "cancelled after 100"},
                     "subscribe comes first, cancel after the events");
    });
}

BOOST_AUTO_TEST_CASE(a_middle_turns_events_into_others) {
    in_many_orders([](simulation& home) {
        std::vector<std::string> got;
        sluice::producer numbers{home, ticker{nullptr, 0, 100}};
        sluice::producer_consumer<int, std::string> written{home, sluice::from(numbers, {.max_demand = 9}), middle{}};
        sluice::consumer<std::string> read{home, sluice::from(written, {.max_demand = 4}), text_listener{&got}};
        expect_text(run_all(home, numbers, written, read), "normal", "the run");
        expect_equal(got, texts(0, 100), "the events");
    });
}

BOOST_AUTO_TEST_CASE(a_middle_may_answer_with_an_awaitable) {
    in_many_orders([](simulation& home) {
        std::vector<std::string> got;
        sluice::producer numbers{home, ticker{nullptr, 0, 50}};
        sluice::producer_consumer<int, std::string> written{home, sluice::from(numbers, {.max_demand = 9}),
                                                            waiting_middle{&home}};
        sluice::consumer<std::string> read{home, sluice::from(written, {.max_demand = 4}), text_listener{&got}};
        expect_text(run_all(home, numbers, written, read), "normal", "the run");
        expect_equal(got, texts(0, 50), "the events");
    });
}

BOOST_AUTO_TEST_CASE(a_middle_that_emits_its_last_ends_both_neighbours) {
    in_many_orders([](simulation& home) {
        journal said;
        std::vector<std::string> got;
        sluice::producer numbers{home, ticker{&said}};
        sluice::producer_consumer<int, std::string> written{
            home, sluice::from(numbers, {.max_demand = 1, .min_demand = 0}), middle{10}};
        sluice::consumer<std::string> read{home, sluice::from(written), text_listener{&got}};
        expect_text(run_all(home, numbers, written, read), "normal", "the run");
        expect_equal(got, texts(0, 11), "the events up to the last");
        expect_equal(said, journal{"producer: subscribed", "producer: normal"}, "what the producer heard");
    });
}

BOOST_AUTO_TEST_CASE(what_exceeds_the_demand_waits_in_the_buffer_and_nothing_is_lost) {
    in_many_orders([](simulation& home) {
        journal said;
        std::vector<int> got;
        sluice::producer numbers{home, generous{}};
        int discarded = 0;
        numbers.on_discard(
            [&](batch<int> events, sluice::discard_reason) { discarded += static_cast<int>(events.size()); });
        sluice::consumer<int> listening{home, sluice::from(numbers, {.max_demand = 4}), listener{&said, &got}};
        expect_text(run_all(home, numbers, listening), "normal", "the run");
        expect_equal(got, iota(0, 50), "the events");
        expect_equal(discarded, 0, "discarded");
    });
}

BOOST_AUTO_TEST_CASE(a_full_buffer_keeps_the_first_or_the_last_and_shows_what_it_drops) {
    for (auto keep : {sluice::buffer_keep::first, sluice::buffer_keep::last}) {
        in_many_orders([keep](simulation& home) {
            struct burst {
                bool done = false;
                auto handle_demand(std::size_t) -> sluice::emission<int> {
                    if (std::exchange(done, true)) return {};
                    return sluice::emission<int>::last(iota(0, 10));
                }
            };
            journal said;
            std::vector<int> got;
            std::vector<int> lost;
            sluice::producer<int> numbers{home, sluice::outlet_options{.buffer_size = 3, .buffer_keep = keep}, burst{}};
            numbers.on_discard([&](batch<int> events, sluice::discard_reason why) {
                invariant(why == sluice::discard_reason::buffer_full, "the reason");
                lost.insert(lost.end(), events.begin(), events.end());
            });
            sluice::consumer<int> listening{home, sluice::from(numbers, {.max_demand = 2, .min_demand = 0}),
                                            listener{&said, &got}};
            expect_text(run_all(home, numbers, listening), "normal", "the run");
            bool const first = keep == sluice::buffer_keep::first;
            expect_equal(got, first ? std::vector{0, 1, 2, 3, 4} : std::vector{0, 1, 7, 8, 9}, "what arrived");
            expect_equal(lost, first ? std::vector{5, 6, 7, 8, 9} : std::vector{2, 3, 4, 5, 6}, "what was dropped");
        });
    }
}

BOOST_AUTO_TEST_CASE(a_braced_list_is_an_emission) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer numbers{home, braces{}, sluice::demand_dispatcher<int>{}};
        sluice::consumer<int> some{home, sluice::from(numbers, {.max_demand = 1, .min_demand = 0}), leaves_after, 3u,
                                   std::ref(got)};
        expect_text(run_all(home, numbers, some), "normal", "the run");
        expect_equal(got, std::vector{1, 2, 3}, "the events");
    });
}

BOOST_AUTO_TEST_CASE(a_producer_hears_of_each_subscriber_and_of_each_that_leaves) {
    in_many_orders([](simulation& home) {
        journal said;
        std::vector<int> one, two;
        sluice::producer<int> numbers{home, sluice::outlet_options{.on_last_cancel = sluice::on_last_cancel::stop},
                                      ticker{&said}};
        sluice::consumer<int> first{home, sluice::from(numbers, {.max_demand = 5}), leaves_after, 5u, std::ref(one)};
        sluice::consumer<int> second{home, sluice::from(numbers, {.max_demand = 5}), leaves_after, 5u, std::ref(two)};
        expect_text(run_all(home, numbers, first, second), "normal", "the run");
        std::size_t subscribed = 0, left = 0;
        for (auto const& each : said) (each == "producer: subscribed" ? subscribed : left) += 1;
        expect_equal(subscribed, 2u, "subscribers");
        expect_equal(left, 2u, "that left");
    });
}

BOOST_AUTO_TEST_CASE(a_middle_is_told_on_which_side_a_subscription_begins_and_ends) {
    in_many_orders([](simulation& home) {
        journal said;
        std::vector<int> got;
        sluice::producer<int> numbers{home, ticker{.last = 10}};
        sluice::producer_consumer<int, int> passes{home, sluice::from(numbers), both_sides{&said}};
        sluice::consumer<int> last{home, sluice::from(passes), leaves_after, 5u, std::ref(got)};
        expect_text(run_all(home, numbers, passes, last), "normal", "the run");
        auto const times = [&](std::string const& what) { return std::ranges::count(said, what); };
        expect_equal(times("producer came"), 1, "subscriptions to a producer");
        expect_equal(times("consumer came"), 1, "subscriptions of consumers");
        invariant(times("producer left") <= 1 && times("consumer left") <= 1, "each ends once");
        invariant(times("producer left") + times("consumer left") >= 1, "it hears of what ends it");
    });
}

BOOST_AUTO_TEST_SUITE_END()
