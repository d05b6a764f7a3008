// source of std::uint64_t -> each event to one of four consumers, by its hash; each sums what it gets.

#include <array>
#include <boost/lockfree/spsc_queue.hpp>
#include <functional>
#include <future>
#include <memory>
#include <sluice/sluice.hpp>
#include <thread>

#include "bench.hpp"
#include "channel.hpp"
#include "partition.hpp"
#include "peers.hpp"
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

auto source(outlet<event>& out, amount w) -> asio::awaitable<void> {
    for (event next = 0; next < w.last; next += w.batch) {
        auto batch = out.make_batch();
        fill(batch, next, w.batch);
        co_await out.emit(std::move(batch));
    }
}
auto single_source(outlet<event>& out, amount w) -> asio::awaitable<void> {
    for (event next = 0; next < w.last; ++next) co_await out.emit(next);
}
auto summing(inlet<event>& in, event& total) -> asio::awaitable<void> {
    while (auto batch = co_await in.receive()) total += sum(batch->begin(), batch->end());
}

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

template <class Message, manner How>
using channels_to_all = std::array<channel<Message, How>, consumers>;

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
auto channel_summing(channel<T, How>& in, event& total) -> asio::awaitable<void> {
    for (;;) {
        auto got = in.poll();
        if (!got) got = co_await in.receive();
        auto& [error, message] = *got;
        if (error) break;
        total += sum(message);
    }
}

template <class T, manner How>
auto channels(asio::io_context& context, amount const& w) -> event {
    auto const on_strand = [&] { return asio::any_io_executor(asio::make_strand(context)); };
    auto const capacity = w.batch > 1 ? batches_under_way : events_under_way;
    std::array<asio::any_io_executor, consumers> strands{on_strand(), on_strand(), on_strand(), on_strand()};
    using one = channel<T, How>;
    channels_to_all<T, How> all{one(strands[0], capacity), one(strands[1], capacity), one(strands[2], capacity),
                                one(strands[3], capacity)};
    sums totals;
    std::vector<std::future<void>> ended;
    for (std::size_t i = 0; i < consumers; ++i)
        ended.push_back(asio::co_spawn(strands[i], channel_summing<T, How>(all[i], totals[i]), asio::use_future));
    ended.push_back(asio::co_spawn(on_strand(), channel_source<T, How>(all, w), asio::use_future));
    for (auto& each : ended) each.get();
    return totals.weighted();
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
