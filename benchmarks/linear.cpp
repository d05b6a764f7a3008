// source of std::uint64_t -> two stages that add 1 -> sum.

#include <array>
#include <boost/lockfree/spsc_queue.hpp>
#include <memory>
#include <sluice/sluice.hpp>
#include <thread>
#include <vector>

#include "bench.hpp"
#include "channel.hpp"
#include "peers.hpp"
#include "stage_bodies.hpp"
#include "work.hpp"

namespace sluice::benchmarks {
namespace {

// --- The limit: a loop over fresh vectors ----------------------------------------------------------------------------

auto loop(amount const& w) -> event {
    event total = 0;
    for (event next = 0; next < w.last;) {
        events batch;
        make(batch, next, w.batch);
        add_one(batch);
        add_one(batch);
        total += sum(batch);
    }
    return total;
}

// --- A ring between two threads, each with half of the work ----------------------------------------------------------

auto ring_of_batches(amount const& w) -> event {
    boost::lockfree::spsc_queue<events*> ring(batches_under_way);
    std::thread first([&] {
        spinning wait;
        for (event next = 0; next < w.last;) {
            auto batch = std::make_unique<events>();
            make(*batch, next, w.batch);
            add_one(*batch);
            while (!ring.push(batch.get())) wait();
            static_cast<void>(batch.release());
        }
    });
    event total = 0;
    spinning wait;
    for (std::size_t i = 0; i < w.batches(); ++i) {
        events* got = nullptr;
        while (!ring.pop(got)) wait();
        std::unique_ptr<events> const batch(got);
        add_one(*batch);
        total += sum(*batch);
    }
    first.join();
    return total;
}

auto ring_of_events(amount const& w) -> event {
    boost::lockfree::spsc_queue<event> ring(events_under_way);
    std::thread first([&] {
        spinning wait;
        for (event next = 0; next < w.last;) {
            event one = 0;
            make(one, next, 1);
            add_one(one);
            while (!ring.push(one)) wait();
        }
    });
    event total = 0;
    spinning wait;
    for (event i = 0; i < w.last; ++i) {
        event one = 0;
        while (!ring.pop(one)) wait();
        add_one(one);
        total += sum(one);
    }
    first.join();
    return total;
}

// --- Sluice ----------------------------------------------------------------------------------------------------------

auto adding(inlet<event>& in, outlet<event>& out) -> asio::awaitable<void> {
    while (auto batch = co_await in.receive()) {
        add_one(batch->begin(), batch->end());
        co_await out.emit(std::move(*batch));
    }
}

auto stages(thread_pool& pool, amount const& w) -> event {
    subscribe_options demand;  // the default for single events
    if (w.batch > 1) demand.max_demand = batches_under_way * w.batch;
    event total = 0;
    producer<event> numbers(pool, w.batch > 1 ? source : single_source, w);
    producer_consumer<event, event> once(pool, from(numbers, demand), adding);
    producer_consumer<event, event> twice(pool, from(once, demand), adding);
    consumer<event> summed(pool, from(twice, demand), summing, std::ref(total));
    run(numbers, once, twice, summed);
    return total;
}

// --- Channels, each coroutine on a strand of its own -----------------------------------------------------------------

template <class T, manner How>
auto channel_source(channel<T, How>& out, amount w) -> asio::awaitable<void> {
    for (event next = 0; next < w.last;) {
        T message{};
        make(message, next, w.batch);
        bool const sent = out.offer(message);
        if (!sent) co_await out.send(std::move(message));
    }
    co_await out.send_end();
}
template <class T, manner How>
auto channel_adding(channel<T, How>& in, channel<T, How>& out) -> asio::awaitable<void> {
    for (;;) {
        auto got = in.poll();
        if (!got) got = co_await in.receive();
        auto& [error, message] = *got;
        if (error) break;
        add_one(message);
        bool const sent = out.offer(message);
        if (!sent) co_await out.send(std::move(message));
    }
    co_await out.send_end();
}
template <class T, manner How>
auto channel_summing(channel<T, How>& in) -> asio::awaitable<event> {
    event total = 0;
    for (;;) {
        auto got = in.poll();
        if (!got) got = co_await in.receive();
        auto& [error, message] = *got;
        if (error) break;
        total += sum(message);
    }
    co_return total;
}

template <class T, manner How>
auto channels(asio::io_context& context, amount const& w) -> event {
    auto const on_strand = [&] { return asio::any_io_executor(asio::make_strand(context)); };
    auto const capacity = w.batch > 1 ? batches_under_way : events_under_way;
    std::array<asio::any_io_executor, 4> strands{on_strand(), on_strand(), on_strand(), on_strand()};
    channel<T, How> a(strands[1], capacity);
    channel<T, How> b(strands[2], capacity);
    channel<T, How> c(strands[3], capacity);
    auto one = asio::co_spawn(strands[0], channel_source<T, How>(a, w), asio::use_future);
    auto two = asio::co_spawn(strands[1], channel_adding<T, How>(a, b), asio::use_future);
    auto three = asio::co_spawn(strands[2], channel_adding<T, How>(b, c), asio::use_future);
    auto four = asio::co_spawn(strands[3], channel_summing<T, How>(c), asio::use_future);
    one.get();
    two.get();
    three.get();
    return four.get();
}

}  // namespace

auto linear_row(std::size_t events_a_batch) -> row {
    auto const many = events_a_batch > 1;
    amount const w{(many ? 4'000 : 100'000) * events_a_batch, events_a_batch};
    auto const threads = std::make_shared<two_threads>();
    auto const by_channels = [=]<manner How> {
        return [=] {
            return many ? channels<events, How>(threads->context(), w) : channels<event, How>(threads->context(), w);
        };
    };
    row result;
    result.unit = "event";
    result.units = static_cast<double>(w.last);
    result.expected = w.last * (w.last - 1) / 2 + 2 * w.last;
    result.ways = {
        {way::part::ours, "sluice", [=] { return stages(threads->pool(), w); }},
        {way::part::limit, "loop over fresh vectors", [=] { return loop(w); }},
        {way::part::ring, "ring between two threads", [=] { return many ? ring_of_batches(w) : ring_of_events(w); }},
        {way::part::channels, channels_documented, by_channels.operator()<manner::documented>()},
        {way::part::channels, channels_try_first, by_channels.operator()<manner::try_first>()},
    };
    if (many) {
        result.wanted.at_most_limits = 1.25;
    } else {
        result.wanted.at_most_ns = 40;
    }
    add_linear_peers(result, w);
    return result;
}

}  // namespace sluice::benchmarks
