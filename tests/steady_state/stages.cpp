// Stages. The functions that do the work are those of benchmarks/linear.cpp, and not inlined.
#include <array>
#include <functional>
#include <sluice/sluice.hpp>
#include <utility>

#include "steady_state/scenarios.hpp"

namespace steady_state {
namespace {

using sluice::batch;
using sluice::from;
using sluice::inlet;
using sluice::outlet;

constexpr number large = 512;
constexpr sluice::subscribe_options eight_batches{.max_demand = 8 * large};

[[gnu::noinline]] void fill(batch<number>& events, number first, number n) {
    events.reserve(n);
    for (number e = first; e < first + n; ++e) events.push_back(e);
}
[[gnu::noinline]] void add_one(number* first, number* last) {
    for (; first != last; ++first) ++*first;
}
[[gnu::noinline]] auto sum(number const* first, number const* last) -> number {
    number result = 0;
    for (; first != last; ++first) result += *first;
    return result;
}
auto sum_below(number last) -> number { return last * (last - 1) / 2; }

auto emit_batches(outlet<number>& out, number last, number at_once) -> asio::awaitable<void> {
    for (number next = 0; next < last; next += at_once) {
        auto events = out.make_batch();
        fill(events, next, at_once);
        co_await out.emit(std::move(events));
    }
}
auto emit_singly(outlet<number>& out, number last, number) -> asio::awaitable<void> {
    for (number next = 0; next < last; ++next) co_await out.emit(next);
}
auto adding(inlet<number>& in, outlet<number>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        add_one(events->begin(), events->end());
        co_await out.emit(std::move(*events));
    }
}
auto summing(inlet<number>& in, number& total) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) total += sum(events->begin(), events->end());
}

/// The same as handler objects.
struct adder {
    auto handle_events(batch<number> events) -> sluice::emission<number> {
        add_one(events.begin(), events.end());
        return events;
    }
};
struct summer {
    number* total;
    void handle_events(std::span<number> events) { *total += sum(events.data(), events.data() + events.size()); }
};

void four_stages(place& where, number events, number at_once) {
    auto const terms = at_once > 1 ? eight_batches : sluice::subscribe_options{};
    number total = 0;
    sluice::producer<number> numbers(where.context(), at_once > 1 ? emit_batches : emit_singly, events, at_once);
    sluice::producer_consumer<number, number> once(where.context(), from(numbers, terms), adding);
    sluice::producer_consumer<number, number> twice(where.context(), from(once, terms), adding);
    sluice::consumer<number> summed(where.context(), from(twice, terms), summing, std::ref(total));
    sluice::async_run(numbers, once, twice, summed, where.ending());
    where.work();
    expect(total, sum_below(events) + 2 * events);
}
void linear_512(place& where, number events) { four_stages(where, events, large); }
void linear_single(place& where, number events) { four_stages(where, events, 1); }

void handlers_512(place& where, number events) {
    number total = 0;
    sluice::producer<number> numbers(where.context(), emit_batches, events, large);
    sluice::producer_consumer<number, number> once(where.context(), from(numbers, eight_batches), adder{});
    sluice::producer_consumer<number, number> twice(where.context(), from(once, eight_batches), adder{});
    sluice::consumer<number> summed(where.context(), from(twice, eight_batches), summer{&total});
    sluice::async_run(numbers, once, twice, summed, where.ending());
    where.work();
    expect(total, sum_below(events) + 2 * events);
}

void batches_of_1(place& where, number events) {
    number total = 0;
    sluice::producer<number> numbers(where.context(), emit_batches, events, number{1});
    sluice::consumer<number> summed(where.context(), from(numbers), summing, std::ref(total));
    sluice::async_run(numbers, summed, where.ending());
    where.work();
    expect(total, sum_below(events));
}

/// One producer, four consumers. What they have got in all.
template <class Dispatcher>
auto to_four(place& where, number events, number at_once, Dispatcher dispatcher) -> number {
    std::array<number, 4> totals{};
    auto const with = [&](std::size_t i) {
        auto terms = at_once > 1 ? eight_batches : sluice::subscribe_options{};
        if constexpr (!std::is_same_v<Dispatcher, sluice::broadcast_dispatcher<number>>) terms.partition = i;
        return terms;
    };
    sluice::producer<number> numbers(where.context(), std::move(dispatcher), at_once > 1 ? emit_batches : emit_singly,
                                     events, at_once);
    sluice::consumer<number> a(where.context(), from(numbers, with(0)), summing, std::ref(totals[0]));
    sluice::consumer<number> b(where.context(), from(numbers, with(1)), summing, std::ref(totals[1]));
    sluice::consumer<number> c(where.context(), from(numbers, with(2)), summing, std::ref(totals[2]));
    sluice::consumer<number> d(where.context(), from(numbers, with(3)), summing, std::ref(totals[3]));
    sluice::async_run(numbers, a, b, c, d, where.ending());
    where.work();
    return totals[0] + totals[1] + totals[2] + totals[3];
}
void broadcast(place& where, number events, number at_once) {
    expect(to_four(where, events, at_once, sluice::broadcast_dispatcher<number>{}), 4 * sum_below(events));
}
void partition(place& where, number events, number at_once) {
    expect(to_four(where, events, at_once, sluice::partition_dispatcher<number>(4)), sum_below(events));
}
void broadcast_512(place& where, number events) { broadcast(where, events, large); }
void broadcast_single(place& where, number events) { broadcast(where, events, 1); }
void partition_512(place& where, number events) { partition(where, events, large); }
void partition_single(place& where, number events) { partition(where, events, 1); }

constexpr scenario all[] = {
    {"linear_512", "a source, two stages that add 1, a sum; coroutines", large, linear_512},
    {"linear_single", "the same, emitted one event at a time", 0, linear_single},
    {"handlers_512", "the same, handler objects behind the source", large, handlers_512},
    {"batches_of_1", "a source that makes and emits batches of one event, a sum", 1, batches_of_1},
    {"broadcast_512", "a source, four sums of all", large, broadcast_512},
    {"broadcast_single", "the same, emitted one event at a time", 0, broadcast_single},
    {"partition_512", "a source, four sums of a part each, by hash", large, partition_512},
    {"partition_single", "the same, emitted one event at a time", 0, partition_single},
};

}  // namespace

auto of_stages() -> std::span<scenario const> { return all; }

}  // namespace steady_state
