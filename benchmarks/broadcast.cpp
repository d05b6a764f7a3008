// source of std::uint64_t -> each of four consumers, who sum all of it.

#include <array>
#include <functional>
#include <memory>
#include <sluice/sluice.hpp>

#include "bench.hpp"
#include "channels_to_all.hpp"
#include "peers.hpp"
#include "stage_bodies.hpp"
#include "work.hpp"

namespace sluice::benchmarks {
namespace {

// --- The limit: a loop over fresh vectors, at which all look ---------------------------------------------------------

auto loop(amount const& w) -> event {
    sums totals;
    for (event next = 0; next < w.last;) {
        events batch;
        make(batch, next, w.batch);
        for (std::size_t i = 0; i < consumers; ++i) totals[i] += sum(batch);
    }
    return totals.weighted();
}

// The same, with a copy for each, as one needs who wants to change what he gets.
auto loop_with_copies(amount const& w) -> event {
    sums totals;
    for (event next = 0; next < w.last;) {
        events batch;
        make(batch, next, w.batch);
        for (std::size_t i = 0; i + 1 < consumers; ++i) {
            events const copy = batch;
            totals[i] += sum(copy);
        }
        totals[consumers - 1] += sum(batch);
    }
    return totals.weighted();
}

// --- Sluice ----------------------------------------------------------------------------------------------------------

[[gnu::noinline]] auto sum_shared(shared_batch<event> const& batch) -> event {
    event result = 0;
    for (event const e : batch) result += e;
    return result;
}

// Looks at what all share: nothing is copied, but the events may lie in several pieces.
auto summing_shared(inlet<event>& in, event& total) -> asio::awaitable<void> {
    while (auto batch = co_await in.receive_shared()) total += sum_shared(*batch);
}

using summing_body = asio::awaitable<void> (*)(inlet<event>&, event&);

auto stages(thread_pool& pool, amount const& w, summing_body body) -> event {
    subscribe_options demand;  // the default for single events
    if (w.batch > 1) demand.max_demand = batches_under_way * w.batch;
    sums totals;
    producer<event> numbers(pool, broadcast_dispatcher<event>(), w.batch > 1 ? source : single_source, w);
    consumer<event> a(pool, from(numbers, demand), body, std::ref(totals[0]));
    consumer<event> b(pool, from(numbers, demand), body, std::ref(totals[1]));
    consumer<event> c(pool, from(numbers, demand), body, std::ref(totals[2]));
    consumer<event> d(pool, from(numbers, demand), body, std::ref(totals[3]));
    run(numbers, a, b, c, d);
    return totals.weighted();
}

// --- Channels, one to each consumer; a batch goes by a pointer to what all share -------------------------------------

auto made(event& message, event& next, std::size_t) { make(message, next, 1); }
auto made(shared_batch_of_events& message, event& next, std::size_t n) {
    auto batch = std::make_shared<events>();
    make(*batch, next, n);
    message = std::move(batch);
}

template <class T, manner How>
auto channel_source(channels_to_all<T, How>& out, amount w) -> asio::awaitable<void> {
    for (event next = 0; next < w.last;) {
        T message{};
        made(message, next, w.batch);
        for (auto& each : out) {
            T copy = message;
            bool const sent = each.offer(copy);
            if (!sent) co_await each.send(std::move(copy));
        }
    }
    for (auto& each : out) co_await each.send_end();
}
template <class T, manner How>
auto channels(asio::io_context& context, amount const& w) -> event {
    return sum_up_by_channels<T, How>(context, w, channel_source<T, How>);
}

}  // namespace

auto broadcast_row(std::size_t events_a_batch) -> row {
    auto const many = events_a_batch > 1;
    amount const w{(many ? 4'000 : 50'000) * events_a_batch, events_a_batch};
    auto const threads = std::make_shared<two_threads>();
    auto const by_channels = [=]<manner How> {
        return [=] {
            return many ? channels<shared_batch_of_events, How>(threads->context(), w)
                        : channels<event, How>(threads->context(), w);
        };
    };
    row result;
    result.unit = "event";
    result.units = static_cast<double>(w.last);
    result.expected = 10 * (w.last * (w.last - 1) / 2);
    result.wanted.at_most_ns = many ? 2.0 : 60.0;
    result.ways = {
        {way::part::ours, "sluice", [=] { return stages(threads->pool(), w, summing); }},
        {way::part::note, "sluice, receive_shared", [=] { return stages(threads->pool(), w, summing_shared); }},
        {way::part::limit, "loop over fresh vectors", [=] { return loop(w); }},
        {way::part::note, "loop over fresh vectors, copied", [=] { return loop_with_copies(w); }},
        {way::part::channels, channels_documented, by_channels.operator()<manner::documented>()},
        {way::part::channels, channels_try_first, by_channels.operator()<manner::try_first>()},
    };
    add_broadcast_peers(result, w);
    return result;
}

}  // namespace sluice::benchmarks
