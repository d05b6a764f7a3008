#include <string>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(failing)

using namespace stages;
using sluice::testing::throwing_counted;

namespace {

using event = throwing_counted<int>;

auto throws_before_the_first_await(outlet<int>&) -> asio::awaitable<void> {
    throw std::runtime_error("before");
    co_return;
}
auto throws_when_called(outlet<int>&) -> asio::awaitable<void> { throw std::runtime_error("not even a coroutine"); }
auto throws_an_int(inlet<int>& in) -> asio::awaitable<void> {
    co_await in.receive();
    throw 42;
}
auto throws_after(inlet<int>& in, outlet<int>&, int n) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        n -= static_cast<int>(events->size());
        if (n <= 0) throw std::runtime_error("after");
    }
}
auto emit_events(outlet<event>& out, sluice::testing::census& events, int last, int at_once) -> asio::awaitable<void> {
    for (int i = 0; i < last;) {
        auto some = out.make_batch();
        some.reserve(static_cast<std::size_t>(at_once));
        for (int n = 0; n < at_once && i < last; ++n, ++i) some.emplace_back(events, i);
        const bool taken = co_await out.emit(std::move(some));
        if (!taken) co_return;
    }
}
auto emit_single(outlet<event>& out, sluice::testing::census& events, int last) -> asio::awaitable<void> {
    for (int i = 0; i < last; ++i) {
        event one{events, i};
        const bool taken = co_await out.emit(std::move(one));
        if (!taken) co_return;
    }
}
/// Carries on whatever happens.
auto emit_stubbornly(outlet<event>& out, sluice::testing::census& events, int last) -> asio::awaitable<void> {
    for (int i = 0; i < last; ++i) {
        try {
            event one{events, i};
            co_await out.emit(std::move(one));
        } catch (sluice::testing::event_failure const&) {}
    }
}
/// Emits far more than is asked for, three times.
struct generous_source {
    sluice::testing::census* events;
    int made = 0;

    auto handle_demand(std::size_t) -> sluice::emission<event> {
        batch<event> some;
        some.reserve(9);
        for (int i = 0; i < 9; ++i) some.emplace_back(*events, made++);
        return made >= 27 ? sluice::emission<event>::last(std::move(some)) : sluice::emission<event>(std::move(some));
    }
};
auto pass_on(inlet<event>& in, outlet<event>& out) -> asio::awaitable<void> {
    while (auto some = co_await in.receive()) co_await out.emit(std::move(*some));
}
auto check_order(inlet<event>& in, std::vector<int>& got) -> asio::awaitable<void> {
    while (auto some = co_await in.receive()) {
        for (auto const& each : *some) got.push_back(each.value());
    }
}

struct throwing_producer {
    int calls_left;
    bool subscribed_too = false;
    auto handle_demand(std::size_t) -> sluice::emission<int> {
        if (calls_left-- == 0) throw std::runtime_error("handle_demand");
        return {1};
    }
    void handle_subscribe(sluice::subscription const&) {
        if (subscribed_too) throw std::runtime_error("handle_subscribe");
    }
};
enum class where { subscribe, events, cancel };
struct throwing_consumer {
    where at;
    void handle_subscribe(sluice::subscription const&) const {
        if (at == where::subscribe) throw std::runtime_error("here");
    }
    void handle_events(batch<int>) const {
        if (at == where::events) throw std::runtime_error("here");
    }
    void handle_cancel(sluice::end_reason const&, sluice::subscription const&) const {
        if (at == where::cancel) throw std::runtime_error("here");
    }
};
struct throwing_middle {
    auto handle_events(batch<int> events) -> sluice::emission<int> {
        if (events.front() > 10) throw std::runtime_error("middle");
        return events;
    }
};
struct floods {
    bool done = false;
    auto handle_demand(std::size_t) -> sluice::emission<int> {
        if (std::exchange(done, true)) return {};
        return iota(0, 100);
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_body_that_throws_before_its_first_await_fails_the_run) {
    for (auto* body : {&throws_before_the_first_await, &throws_when_called}) {
        in_many_orders([body](simulation& home) {
            std::vector<int> got;
            sluice::producer<int> bad{home, body};
            sluice::consumer<int> collected{home, sluice::from(bad), collector, std::ref(got)};
            auto const told = run_all(home, bad, collected);
            invariant(told == "before" || told == "not even a coroutine", "the run tells the cause: " + told);
        });
    }
}

BOOST_AUTO_TEST_CASE(an_exception_that_is_not_a_std_exception_is_passed_on_as_it_is) {
    in_many_orders([](simulation& home) {
        sluice::producer<int> numbers{home, naturals};
        sluice::consumer<int> bad{home, sluice::from(numbers), throws_an_int};
        outcome told;
        start(told, numbers, bad);
        home.run();
        int caught = 0;
        try {
            if (told.error) std::rethrow_exception(told.error);
        } catch (int value) {
            caught = value;
        }
        expect_equal(caught, 42, "what was thrown");
    });
}

BOOST_AUTO_TEST_CASE(a_middle_that_throws_ends_both_its_neighbours) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<int> numbers{home, naturals};
        sluice::producer_consumer<int, int> bad{home, sluice::from(numbers, {.max_demand = 10}), throws_after, 100};
        sluice::consumer<int> collected{home, sluice::from(bad), collector, std::ref(got)};
        outcome up, middle, down;
        start(up, numbers);
        start(middle, bad);
        start(down, collected);
        home.run();
        expect_text(middle.text(), "after", "the middle");
        expect_text(down.text(), "after", "its consumer");
        expect_text(up.text(), "normal", "its producer, whose last consumer has left");
    });
}

BOOST_AUTO_TEST_CASE(a_handler_that_throws_at_any_call_fails_its_stage) {
    for (int calls = 0; calls < 4; ++calls) {
        in_many_orders(
            [calls](simulation& home) {
                std::vector<int> got;
                sluice::producer bad{home, throwing_producer{calls}};
                sluice::consumer<int> collected{home, sluice::from(bad, {.max_demand = 1}), collector, std::ref(got)};
                expect_text(run_all(home, bad, collected), "handle_demand", "the run");
                expect_equal(got.size(), static_cast<std::size_t>(calls), "what was emitted before is delivered");
            },
            20);
    }
    in_many_orders(
        [](simulation& home) {
            std::vector<int> got;
            sluice::producer bad{home, throwing_producer{0, true}};
            sluice::consumer<int> collected{home, sluice::from(bad), collector, std::ref(got)};
            expect_text(run_all(home, bad, collected), "handle_subscribe", "the run");
        },
        20);
    for (auto at : {where::subscribe, where::events, where::cancel}) {
        in_many_orders(
            [at](simulation& home) {
                sluice::producer<int> numbers{home, counter, 0, 100};
                sluice::consumer<int> bad{home, sluice::from(numbers, {.max_demand = 10}), throwing_consumer{at}};
                expect_text(run_all(home, numbers, bad), "here", "the run");
            },
            20);
    }
    in_many_orders(
        [](simulation& home) {
            std::vector<int> got;
            sluice::producer<int> numbers{home, naturals};
            sluice::producer_consumer<int, int> bad{home, sluice::from(numbers, {.max_demand = 1}), throwing_middle{}};
            sluice::consumer<int> collected{home, sluice::from(bad), collector, std::ref(got)};
            expect_text(run_all(home, numbers, bad, collected), "middle", "the run");
            expect_equal(got, iota(0, static_cast<int>(got.size())), "what arrived before");
        },
        20);
}

BOOST_AUTO_TEST_CASE(a_discard_hook_that_throws_fails_its_stage) {
    in_many_orders([](simulation& home) {
        sluice::producer<int> numbers{home, sluice::outlet_options{.buffer_size = 1}, floods{}};
        numbers.on_discard([](batch<int>, sluice::discard_reason) { throw std::runtime_error("hook"); });
        std::vector<int> got;
        sluice::consumer<int> collected{home, sluice::from(numbers, {.max_demand = 5}), collector, std::ref(got)};
        expect_text(run_all(home, numbers, collected), "hook", "the run");
    });
}

BOOST_AUTO_TEST_CASE(a_discard_hook_that_throws_while_its_stage_ends_is_heard_too) {
    in_many_orders([](simulation& home) {
        auto returns_at_once = [](inlet<int>& in) -> asio::awaitable<void> { co_await in.receive(); };
        sluice::producer<int> numbers{home, counter, 0, 100};
        sluice::consumer<int> early{home, sluice::from(numbers, {.max_demand = 10, .min_demand = 9}), returns_at_once};
        int hooks = 0;
        early.on_discard([&](batch<int>, sluice::discard_reason why) {
            invariant(why == sluice::discard_reason::stage_ended, "the reason");
            ++hooks;
            throw std::runtime_error("hook");
        });
        auto const told = run_all(home, numbers, early);
        expect_text(told, hooks > 0 ? "hook" : "normal", "the run");
        invariant(hooks > 0, "there were events left");
    });
}

BOOST_AUTO_TEST_CASE(an_event_that_throws_when_it_is_moved_ends_the_run_in_order_whichever_move_it_is) {
    for (std::uint64_t k = 1; k <= 60; ++k) {
        in_many_orders(
            [k](simulation& home) {
                auto& events = home.events();
                std::vector<int> got;
                sluice::producer<event> made{home, emit_events, std::ref(events), 40, 5};
                sluice::producer_consumer<event, event> passed{home, sluice::from(made, {.max_demand = 7}), pass_on};
                sluice::consumer<event> checked{home, sluice::from(passed, {.max_demand = 3}), check_order,
                                                std::ref(got)};
                events.throw_on_move(k);
                auto const told = run_all(home, made, passed, checked);
                invariant(told == "the move of an event failed, as the test asked" || told == "normal",
                          "the run: " + told);
                if (told == "normal") invariant(got == iota(0, 40) && events.moves() < k, "then none has thrown");
                for (std::size_t i = 1; i < got.size(); ++i) invariant(got[i] > got[i - 1], "in order, none twice");
            },
            3);
    }
}

BOOST_AUTO_TEST_CASE(single_events_that_throw_when_they_are_moved_end_the_run_too) {
    for (std::uint64_t k = 1; k <= 40; ++k) {
        in_many_orders(
            [k](simulation& home) {
                auto& events = home.events();
                std::vector<int> got;
                sluice::producer<event> made{home, emit_single, std::ref(events), 20};
                sluice::consumer<event> checked{home, sluice::from(made, {.max_demand = 3}), check_order,
                                                std::ref(got)};
                events.throw_on_move(k);
                auto const told = run_all(home, made, checked);
                invariant(told == "the move of an event failed, as the test asked" || told == "normal",
                          "the run: " + told);
                for (std::size_t i = 1; i < got.size(); ++i) invariant(got[i] > got[i - 1], "in order, none twice");
            },
            3);
    }
}

BOOST_AUTO_TEST_CASE(a_body_that_swallows_the_failure_of_a_move_does_not_leave_its_consumer_waiting) {
    for (std::uint64_t k = 1; k <= 40; ++k) {
        in_many_orders(
            [k](simulation& home) {
                auto& events = home.events();
                std::vector<int> got;
                sluice::producer<event> made{home, emit_stubbornly, std::ref(events), 20};
                sluice::consumer<event> checked{home, sluice::from(made, {.max_demand = 1}), check_order,
                                                std::ref(got)};
                events.throw_on_move(k);
                auto const told = run_all(home, made, checked);
                invariant(told == "the move of an event failed, as the test asked" || told == "normal",
                          "the run: " + told);
            },
            3);
    }
}

BOOST_AUTO_TEST_CASE(a_temporary_consumer_survives_the_failure_of_its_producer_and_keeps_what_came_before) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        auto fails = [](outlet<int>& out) -> asio::awaitable<void> {
            auto first = batch_of(iota(0, 10));
            co_await out.emit(std::move(first));
            throw std::runtime_error("oops");
        };
        sluice::producer<int> bad{home, fails};
        sluice::consumer<int> survives{home, sluice::from(bad, {.cancel = sluice::cancel_mode::temporary}), collector,
                                       std::ref(got)};
        outcome up, down;
        start(up, bad);
        start(down, survives);
        home.run();
        expect_text(up.text(), "oops", "the producer");
        expect_text(down.text(), "normal", "the consumer");
        expect_equal(got, iota(0, 10), "what was emitted before the failure");
    });
}

BOOST_AUTO_TEST_CASE(every_event_is_delivered_or_counted_wherever_a_move_throws) {
    for (std::uint64_t k = 1; k <= 60; ++k) {
        in_many_orders(
            [k](simulation& home) {
                std::vector<int> got;
                sluice::producer<event> generous{home, sluice::outlet_options{.buffer_size = 6},
                                                 generous_source{&home.events()}};
                sluice::consumer<event> checked{home, sluice::from(generous, {.max_demand = 3}), check_order,
                                                std::ref(got)};
                outcome told;
                start(told, generous, checked);
                home.events().throw_on_move(k);
                home.run();
                auto const accounted = got.size() + generous.stats().discarded + checked.stats().discarded;
                expect_equal(accounted, generous.stats().events_out, "accounted for");
                invariant(std::ranges::is_sorted(got), "in order");
            },
            3);
    }
}

BOOST_AUTO_TEST_SUITE_END()
