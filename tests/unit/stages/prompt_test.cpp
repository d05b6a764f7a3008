#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(awaiting_receive_and_emit)

using namespace stages;

namespace {

/// Larger than what travels in the awaitable itself.
struct large {
    int value = 0;
    char rest[200] = {};
};
/// Its moves might throw.
struct wary {
    wary() = default;
    explicit wary(int v) : value(v) {}
    wary(wary&& other) noexcept(false) : value(other.value) {}
    wary(wary const&) = default;
    auto operator=(wary const&) -> wary& = default;
    int value = 0;
};

auto value_of(int event) -> int { return event; }
auto value_of(large const& event) -> int { return event.value; }
auto value_of(wary const& event) -> int { return event.value; }

template <class T>
auto make(int value) -> T {
    if constexpr (std::is_same_v<T, large>) {
        large made;
        made.value = value;
        return made;
    } else {
        return T(value);
    }
}

template <class T>
auto emit_ten(outlet<T>& out) -> asio::awaitable<void> {
    for (int i = 0; i < 10; ++i) {
        const bool taken = co_await out.emit(make<T>(i));
        invariant(taken, "the consumer stays until the end");
    }
}
template <class T>
auto take_all(inlet<T>& in, std::vector<int>& seen) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (auto const& event : *events) seen.push_back(value_of(event));
    }
}

template <class T>
void ten_arrive(std::string const& claim) {
    in_many_orders([&](simulation& home) {
        std::vector<int> seen;
        sluice::producer<T> source(home, emit_ten<T>);
        sluice::consumer<T> sink(home, from(source, {.max_demand = 3}), take_all<T>, std::ref(seen));
        expect_text(run_all(home, source, sink), "normal", "it runs");
        expect_equal(seen, iota(0, 10), claim);
    });
}

auto emit_ten_ints(outlet<int>& out) -> asio::awaitable<void> {
    auto events = batch_of(iota(0, 10));
    co_await out.emit(std::move(events));
}

/// Begins operations in every way that does not await them, then counts what comes.
auto begin_and_drop(inlet<int>& in, int& received) -> asio::awaitable<void> {
    { [[maybe_unused]] auto const dropped = in.receive(); }
    auto first = in.receive();
    auto second = std::move(first);
    invariant(!first.valid() && second.valid(), "moving an awaitable empties it");
    first = std::move(second);
    invariant(first.valid() && !second.valid(), "so does assigning it");
    auto events = co_await std::move(first);
    received += static_cast<int>(events->size());
    { [[maybe_unused]] auto const dropped = in.receive(); }
    while (auto more = co_await in.receive()) received += static_cast<int>(more->size());
}
auto emit_and_drop(outlet<int>& out) -> asio::awaitable<void> {
    { [[maybe_unused]] auto const dropped = out.emit(7); }
    {
        auto nothing = batch_of(iota(0, 10));
        [[maybe_unused]] auto const dropped = out.emit(std::move(nothing));
    }
    auto one = out.emit(1);
    auto moved = std::move(one);
    invariant(!one.valid() && moved.valid(), "moving an awaitable empties it");
    const bool taken = co_await std::move(moved);
    invariant(taken, "it was emitted");
}

auto take_plain(inlet<int>& in) -> asio::awaitable<std::optional<batch<int>>> { return in.receive(); }
auto take_int(inlet<int>& in) -> asio::awaitable<std::optional<batch<int>>> { co_return co_await in.receive(); }
auto take_received(inlet<int>& in) -> asio::awaitable<sluice::receive_result<batch<int>>> {
    co_return co_await in.receive();
}

/// A receive from a coroutine of its own, as an operand, spawned, and as the result of coroutines.
auto receive_everywhere(inlet<int>& in, simulation& home, std::vector<int>& seen) -> asio::awaitable<void> {
    using namespace asio::experimental::awaitable_operators;
    auto note = [&seen](auto const& events) {
        invariant(events.has_value(), "there is another one");
        seen.insert(seen.end(), events->begin(), events->end());
    };
    auto plain = take_plain(in);
    note(co_await std::move(plain));
    auto as_optional = take_int(in);
    note(co_await std::move(as_optional));
    auto as_received = take_received(in);
    note(co_await std::move(as_received));

    auto late = home.async_wait(std::chrono::hours(1));
    auto either = in.receive() || std::move(late);
    auto first = co_await std::move(either);
    note(std::get<0>(first));

    auto const executor = co_await asio::this_coro::executor;
    auto waiting = in.receive();
    auto spawned = asio::co_spawn(executor, std::move(waiting), asio::use_awaitable);
    note(co_await std::move(spawned));

    while (auto events = co_await in.receive()) note(events);
}

auto emit_to_nobody(outlet<int>& out, bool& refused) -> asio::awaitable<void> {
    for (int i = 0;; ++i) {
        invariant(i < 1000, "an emit to nobody answers false");
        const bool taken = co_await out.emit(i);
        if (!taken) break;
    }
    auto some = batch_of(iota(0, 3));
    const bool several = co_await out.emit(std::move(some));
    const bool none = co_await out.emit(batch<int>());
    const bool one = co_await out.emit(1);
    refused = !several && !none && !one;
}
/// Two events are pushed; then ten are emitted, unless a timer is first.
auto emit_or_time(outlet<int>& out, simulation& home, std::optional<sluice::producer<int>>& self)
    -> asio::awaitable<void> {
    using namespace asio::experimental::awaitable_operators;
    auto pushed = batch_of(iota(0, 2));
    out.push(std::move(pushed));
    auto many = batch_of(iota(2, 12));
    auto emitted = out.emit(std::move(many));
    auto time = home.async_wait(std::chrono::milliseconds(home.get_chooser().choose(6)));
    auto either = std::move(emitted) || std::move(time);
    auto const first = co_await std::move(either);
    if (first.index() == 1) invariant(self->buffered_count() <= 2, "of an emit that was given up nothing stays behind");
    const bool taken = co_await out.emit(100);
    invariant(taken, "and the next one may begin");
}
auto take_slowly(inlet<int>& in, simulation& home, std::vector<int>& seen) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        seen.insert(seen.end(), events->begin(), events->end());
        co_await home.async_wait(std::chrono::milliseconds(1));
    }
}
auto emit_hundred(outlet<int>& out, bool singly) -> asio::awaitable<void> {
    for (int i = 0; i < 100; ++i) {
        if (singly) {
            co_await out.emit(i);
        } else {
            auto one = out.make_batch();
            one.push_back(i);
            co_await out.emit(std::move(one));
        }
    }
}
/// What it derives from can hand batches over whole; this one counts each event.
struct counting_dispatcher : sluice::demand_dispatcher<int> {
    std::size_t* events;
    explicit counting_dispatcher(std::size_t& into) : events(&into) {}

    template <class Deliver>
    auto dispatch(std::span<int> all, Deliver&& deliver) -> std::span<int> {
        auto const rest = sluice::demand_dispatcher<int>::dispatch(all, deliver);
        *events += all.size() - rest.size();
        return rest;
    }
};
auto leave_at_once(inlet<int>&) -> asio::awaitable<void> { co_return; }

static_assert(std::is_convertible_v<sluice::receive_result<batch<int>>, std::optional<batch<int>>>);
static_assert(std::is_convertible_v<sluice::emit_result<int, int>, bool>);
static_assert(std::is_same_v<asio::awaitable<sluice::receive_result<batch<int>>>::value_type,
                             sluice::receive_result<batch<int>>>);

}  // namespace

BOOST_AUTO_TEST_CASE(events_arrive_whichever_way_they_travel) {
    ten_arrive<int>("small events, in the awaitable");
    ten_arrive<large>("large events, in a coroutine's frame");
    ten_arrive<wary>("events whose moves may throw, in a coroutine's frame");
}

BOOST_AUTO_TEST_CASE(what_is_not_awaited_does_nothing) {
    in_many_orders([](simulation& home) {
        int received = 0;
        sluice::producer<int> source(home, emit_ten_ints);
        sluice::consumer<int> sink(home, from(source, {.max_demand = 4}), begin_and_drop, std::ref(received));
        expect_text(run_all(home, source, sink), "normal", "it runs");
        expect_equal(received, 10, "a receive that was dropped has taken nothing");
    });
    in_many_orders([](simulation& home) {
        std::vector<int> seen;
        sluice::producer<int> source(home, emit_and_drop);
        sluice::consumer<int> sink(home, from(source), take_all<int>, std::ref(seen));
        expect_text(run_all(home, source, sink), "normal", "it runs");
        expect_equal(seen, std::vector{1}, "an emit that was dropped has emitted nothing");
    });
}

BOOST_AUTO_TEST_CASE(a_receive_is_awaited_in_every_way_there_is) {
    in_many_orders(
        [](simulation& home) {
            std::vector<int> seen;
            sluice::producer<int> source(home, emit_ten<int>);
            sluice::consumer<int> sink(home, from(source, {.max_demand = 2, .min_demand = 1}), receive_everywhere,
                                       std::ref(home), std::ref(seen));
            expect_text(run_all(home, source, sink), "normal", "it runs");
            expect_equal(seen, iota(0, 10), "each event once, in order");
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(an_emit_answers_false_when_all_have_left) {
    in_many_orders([](simulation& home) {
        bool refused = false;
        sluice::producer<int> source(home, emit_to_nobody, std::ref(refused));
        sluice::consumer<int> sink(home, from(source), leave_at_once);
        expect_text(run_all(home, source, sink), "normal", "it runs");
        invariant(refused, "one event, several and none alike");
    });
}

BOOST_AUTO_TEST_CASE(an_emit_that_is_given_up_leaves_nothing_in_the_outlet) {
    in_many_orders(
        [](simulation& home) {
            std::vector<int> seen, lost;
            std::optional<sluice::producer<int>> source;
            source.emplace(home, emit_or_time, std::ref(home), std::ref(source));
            source->on_discard([&lost](batch<int> events, sluice::discard_reason) {
                lost.insert(lost.end(), events.begin(), events.end());
            });
            sluice::consumer<int> sink(home, from(*source, {.max_demand = 3, .min_demand = 0}), take_slowly,
                                       std::ref(home), std::ref(seen));
            expect_text(run_all(home, *source, sink), "normal", "it runs");
            seen.insert(seen.end(), lost.begin(), lost.end());
            std::ranges::sort(seen);
            auto expected = iota(0, 12);
            expected.push_back(100);
            expect_equal(seen, expected, "each event was delivered or reported, once");
        },
        1000);
}

BOOST_AUTO_TEST_CASE(a_dispatcher_that_is_derived_from_another_sees_every_event) {
    for (bool const singly : {true, false}) {
        in_many_orders([singly](simulation& home) {
            std::size_t counted = 0;
            std::vector<int> seen;
            sluice::producer<int> source(home, counting_dispatcher(counted), emit_hundred, singly);
            sluice::consumer<int> sink(home, from(source, {.max_demand = 7}), take_all<int>, std::ref(seen));
            expect_text(run_all(home, source, sink), "normal", "it runs");
            expect_equal(seen, iota(0, 100), "they arrive");
            expect_equal(counted, 100u, "and went through its own dispatch");
        });
    }
}

BOOST_AUTO_TEST_SUITE_END()
