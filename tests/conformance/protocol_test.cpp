#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <exception>
#include <functional>
#include <sluice/sluice.hpp>
#include <span>
#include <utility>
#include <vector>

#include "unit/stages/support.hpp"

using namespace stages;

// Sentences of docs/protocol.md that no other test is about.
BOOST_AUTO_TEST_SUITE(protocol)

namespace {

constexpr sluice::subscribe_options by_hand{.demand_mode = sluice::demand_mode::manual};

/// Counts the calls that reach it, and keeps its subscription where the test can use it.
struct witness {
    sluice::subscription* kept;
    int* calls;

    void handle_subscribe(sluice::subscription const& s) { *kept = s; }
    void handle_events(batch<int> const&) { ++*calls; }
    void handle_cancel(sluice::end_reason const&, sluice::subscription const&) { ++*calls; }
};

struct counting_source {
    int* calls;

    auto handle_demand(std::size_t wanted) -> sluice::emission<int> {
        ++*calls;
        batch<int> events;
        while (events.size() < wanted) events.push_back(0);
        return events;
    }
    void handle_cancel(sluice::end_reason const&, sluice::subscription const&) { ++*calls; }
};

/// Does in its hooks all that one might think of doing there.
struct meddler {
    sluice::subscription first;
    int* ends;

    void handle_subscribe(sluice::subscription const& s) {
        first = s;
        s.ask(2);
        s.ask(1);
    }
    void handle_events(batch<int> const&) {
        first.ask(1);
        first.cancel();
        first.ask(1);
        first.cancel(sluice::end_reason::cancelled());
    }
    void handle_cancel(sluice::end_reason const& reason, sluice::subscription const& s) {
        ++*ends;
        invariant(reason.is_normal(), "the first cancel counts");
        s.ask(1);
        s.cancel();
    }
};

/// Gives every event to its first subscriber, asked for or not.
struct broken_dispatcher {
    auto subscribe(sluice::subscriber_id, sluice::subscriber<int> const&) -> std::size_t { return 0; }
    auto cancel(sluice::subscriber_id) -> std::size_t { return 0; }
    auto ask(sluice::subscriber_id, std::size_t n, std::size_t) -> std::size_t { return n; }
    template <class Deliver>
    auto dispatch(std::span<int> events, Deliver&& deliver) -> std::span<int> {
        deliver(0, events);
        return {};
    }
    auto total_demand() const -> std::size_t { return 1000; }
};

struct generous_source {
    auto handle_demand(std::size_t wanted) -> sluice::emission<int> {
        batch<int> events;
        while (events.size() < wanted + 2) events.push_back(0);
        return events;
    }
};

auto emit_until(outlet<int>& out, bool const& enough, int& emitted) -> asio::awaitable<void> {
    while (!enough && emitted < 1'000'000) {
        const bool taken = co_await out.emit(emitted++);
        if (!taken) co_return;
    }
}

auto receive_all(inlet<int>& in) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) events->clear();
}

}  // namespace

BOOST_AUTO_TEST_CASE(asking_and_cancelling_run_no_user_code_inside_the_call) {
    in_many_orders([](simulation& home) {
        sluice::subscription kept;
        int received = 0;
        int asked = 0;
        sluice::producer numbers{home, counting_source{&asked}};
        sluice::consumer<int> watched{home, sluice::from(numbers, by_hand), witness{&kept, &received}};
        outcome told;
        start(told, numbers, watched);
        home.run();
        kept.ask(3);
        expect_equal(received + asked, 0, "calls inside ask");
        home.run();
        expect_equal(received, 1, "batches after it");
        auto const before = received + asked;
        kept.cancel();
        expect_equal(received + asked, before, "calls inside cancel");
        home.run();
        expect_equal(received, 2, "calls of the consumer, the end among them");
        expect_text(told.text(), "normal", "the run");
    });
}

BOOST_AUTO_TEST_CASE(asks_after_a_cancel_are_nothing) {
    in_many_orders([](simulation& home) {
        sluice::subscription kept;
        int received = 0;
        int asked = 0;
        sluice::producer numbers{home, counting_source{&asked}};
        sluice::consumer<int> watched{home, sluice::from(numbers, by_hand), witness{&kept, &received}};
        outcome told;
        start(told, numbers, watched);
        home.run();
        kept.cancel();
        invariant(!kept.ask(5), "no error");
        home.run();
        invariant(!kept.ask(5), "no error after the end either");
        home.run();
        expect_equal(received, 1, "the end and no events");
        expect_equal(asked, 1, "the producer hears of the cancel and of no demand");
        expect_text(told.text(), "normal", "the run");
    });
}

BOOST_AUTO_TEST_CASE(more_than_was_asked_for_is_delivered_and_ends_the_subscription) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer numbers{home, generous_source{}, broken_dispatcher{}};
        sluice::consumer<int> flooded{home, sluice::from(numbers, {.max_demand = 1}), collector, std::ref(got)};
        outcome up, down;
        start(up, numbers);
        start(down, flooded);
        home.run();
        invariant(got.size() >= 3, "what did arrive");
        expect_text(down.text(), make_error_code(sluice::errc::excess_events).message(), "the consumer's run");
        expect_text(up.text(), "normal", "the producer's run");
    });
}

BOOST_AUTO_TEST_CASE(a_hook_may_ask_and_cancel_as_it_likes) {
    in_many_orders([](simulation& home) {
        int ends = 0;
        sluice::producer<int> numbers{home, naturals};
        sluice::consumer<int> meddling{home, sluice::from(numbers, by_hand), meddler{{}, &ends}};
        expect_text(run_all(home, numbers, meddling), "normal", "the run");
        expect_equal(ends, 1, "ends");
    });
}

BOOST_AUTO_TEST_CASE(a_body_that_never_has_to_wait_still_lets_others_run) {
    asio::io_context context;
    bool others_ran = false;
    int emitted = 0;
    std::exception_ptr failure;
    sluice::producer<int> busy{context, emit_until, std::cref(others_ran), std::ref(emitted)};
    sluice::consumer<int> idle{context, sluice::from(busy, {.max_demand = 2'000'000, .min_demand = 0}), receive_all};
    sluice::async_run(busy, idle, [&](std::exception_ptr error) { failure = std::move(error); });
    for (int i = 0; i < 10; ++i) context.run_one();  // it is at work now
    BOOST_TEST(emitted > 0);
    asio::post(context, [&] { others_ran = true; });
    context.run();
    BOOST_TEST(!failure);
    BOOST_TEST(others_ran);
    BOOST_TEST(emitted < 500'000);
}

BOOST_AUTO_TEST_SUITE_END()
