// source of std::uint64_t -> each event to one of four consumers, by its hash; each sums what it gets.

#include <array>
#include <boost/lockfree/spsc_queue.hpp>
#include <functional>
#include <memory>
#include <sluice/sluice.hpp>
#include <thread>

#include "bench.hpp"
#include "channels_to_all.hpp"
#include "partition.hpp"
#include "peers.hpp"
#include "stage_bodies.hpp"
#include "work.hpp"

namespace sluice::benchmarks {
namespace {

// --- The limit: a loop over fresh vectors ----------------------------------------------------------------------------

auto loop(amount const& w) -> event {
    sums totals;
    for (event next = 0; next < w.last;) {
        events batch;
        make(batch, next, w.batch);
        auto const parts = split(batch);
        for (std::size_t i = 0; i < consumers; ++i) totals[i] += sum(parts[i]);
    }
    return totals.weighted();
}
auto loop_over_single(amount const& w) -> event {
    sums totals;
    for (event next = 0; next < w.last;) {
        events one;
        make(one, next, 1);
        totals[partition_of(one.front())] += sum(one);
    }
    return totals.weighted();
}

// --- Two threads, and a ring to each consumer; the second thread is all of them --------------------------------------

using rings_of_batches =
    std::array<boost::lockfree::spsc_queue<events*, boost::lockfree::capacity<batches_under_way>>, consumers>;
using rings_of_events =
    std::array<boost::lockfree::spsc_queue<event, boost::lockfree::capacity<events_under_way>>, consumers>;

auto ring(amount const& w) -> event {
    rings_of_batches rings;
    std::thread first([&] {
        spinning wait;
        for (event next = 0; next < w.last;) {
            events batch;
            make(batch, next, w.batch);
            auto parts = split(batch);
            for (std::size_t i = 0; i < consumers; ++i) {
                auto part = std::make_unique<events>(std::move(parts[i]));
                while (!rings[i].push(part.get())) wait();
                static_cast<void>(part.release());
            }
        }
    });
    sums totals;
    spinning wait;
    for (std::size_t b = 0; b < w.batches(); ++b) {
        for (std::size_t i = 0; i < consumers; ++i) {
            events* got = nullptr;
            while (!rings[i].pop(got)) wait();
            std::unique_ptr<events> const part(got);
            totals[i] += sum(*part);
        }
    }
    first.join();
    return totals.weighted();
}

auto ring_of_single(amount const& w) -> event {
    rings_of_events rings;
    std::thread first([&] {
        spinning wait;
        for (event next = 0; next < w.last;) {
            event one = 0;
            make(one, next, 1);
            auto& to = rings[partition_of(one)];
            while (!to.push(one)) wait();
        }
    });
    sums totals;
    spinning wait;
    for (event left = w.last; left > 0;) {
        auto const before = left;
        for (std::size_t i = 0; i < consumers; ++i) {
            event one = 0;
            if (!rings[i].pop(one)) continue;
            totals[i] += sum(one);
            --left;
        }
        if (left == before) wait();
    }
    first.join();
    return totals.weighted();
}

// --- Sluice ----------------------------------------------------------------------------------------------------------

auto stages(thread_pool& pool, amount const& w) -> event {
    std::array<subscribe_options, consumers> demand;  // the default for single events
    for (std::size_t i = 0; i < consumers; ++i) {
        demand[i].partition = i;
        if (w.batch > 1) demand[i].max_demand = batches_under_way * w.batch;
    }
    sums totals;
    producer<event> numbers(pool, partition_dispatcher<event>(consumers, partition_of),
                            w.batch > 1 ? source : single_source, w);
    consumer<event> a(pool, from(numbers, demand[0]), summing, std::ref(totals[0]));
    consumer<event> b(pool, from(numbers, demand[1]), summing, std::ref(totals[1]));
    consumer<event> c(pool, from(numbers, demand[2]), summing, std::ref(totals[2]));
    consumer<event> d(pool, from(numbers, demand[3]), summing, std::ref(totals[3]));
    run(numbers, a, b, c, d);
    return totals.weighted();
}

// --- Channels, one to each consumer ----------------------------------------------------------------------------------

template <class T, manner How>
auto channel_source(channels_to_all<T, How>& out, amount w) -> asio::awaitable<void> {
    for (event next = 0; next < w.last;) {
        T message{};
        make(message, next, w.batch);
        if constexpr (std::is_same_v<T, event>) {
            auto& to = out[partition_of(message)];
            bool const sent = to.offer(message);
            if (!sent) co_await to.send(message);
        } else {
            auto parts = split(message);
            for (std::size_t i = 0; i < consumers; ++i) {
                bool const sent = out[i].offer(parts[i]);
                if (!sent) co_await out[i].send(std::move(parts[i]));
            }
        }
    }
    for (auto& each : out) co_await each.send_end();
}
template <class T, manner How>
auto channels(asio::io_context& context, amount const& w) -> event {
    return sum_up_by_channels<T, How>(context, w, channel_source<T, How>);
}

}  // namespace

auto partition_row(std::size_t events_a_batch) -> row {
    auto const many = events_a_batch > 1;
    amount const w{(many ? 2'000 : 100'000) * events_a_batch, events_a_batch};
    auto const threads = std::make_shared<two_threads>();
    auto const by_channels = [=]<manner How> {
        return [=] {
            return many ? channels<events, How>(threads->context(), w) : channels<event, How>(threads->context(), w);
        };
    };
    row result;
    result.unit = "event";
    result.units = static_cast<double>(w.last);
    result.expected = loop_over_single(w);
    result.wanted.at_most_ns = many ? 5.5 : 20.0;
    result.ways = {
        {way::part::ours, "sluice", [=] { return stages(threads->pool(), w); }},
        {way::part::limit, "loop over fresh vectors", [=] { return many ? loop(w) : loop_over_single(w); }},
        {way::part::ring, "rings between two threads", [=] { return many ? ring(w) : ring_of_single(w); }},
        {way::part::channels, channels_documented, by_channels.operator()<manner::documented>()},
        {way::part::channels, channels_try_first, by_channels.operator()<manner::try_first>()},
    };
    add_partition_peers(result, w);
    return result;
}

}  // namespace sluice::benchmarks
