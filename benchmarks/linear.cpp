// source of std::uint64_t -> two stages that add 1 -> sum. The functions are the same for all ways, and not inlined.

#include <memory>
#include <sluice/sluice.hpp>
#include <vector>

#include "bench.hpp"
#include "channel.hpp"

namespace sluice::benchmarks {

/// Named, because GCC warns of frames of coroutines in headers that hold types without a name for the linker.
struct linear_work {
    std::uint64_t last;
    std::size_t batch;
};

namespace {

using event = std::uint64_t;
using events = std::vector<event>;

// Between two neighbours, for stages and for channels.
constexpr std::size_t batches_under_way = 8;

template <class Batch>
[[gnu::noinline]] void fill(Batch& batch, event first, std::size_t n) {
    batch.reserve(n);
    for (event e = first; e < first + n; ++e) batch.push_back(e);
}
[[gnu::noinline]] void add_one(event* first, event* last) {
    for (; first != last; ++first) ++*first;
}
[[gnu::noinline]] auto sum(event const* first, event const* last) -> event {
    event result = 0;
    for (; first != last; ++first) result += *first;
    return result;
}

// --- The limit: a loop over fresh vectors ----------------------------------------------------------------------------

auto loop(linear_work const& w) -> event {
    event total = 0;
    for (event next = 0; next < w.last; next += w.batch) {
        events batch;
        fill(batch, next, w.batch);
        add_one(batch.data(), batch.data() + batch.size());
        add_one(batch.data(), batch.data() + batch.size());
        total += sum(batch.data(), batch.data() + batch.size());
    }
    return total;
}

// --- Sluice ----------------------------------------------------------------------------------------------------------

auto source(outlet<event>& out, linear_work w) -> asio::awaitable<void> {
    for (event next = 0; next < w.last; next += w.batch) {
        auto batch = out.make_batch();
        fill(batch, next, w.batch);
        co_await out.emit(std::move(batch));
    }
}
auto single_source(outlet<event>& out, linear_work w) -> asio::awaitable<void> {
    for (event next = 0; next < w.last; ++next) co_await out.emit(next);
}
auto adding(inlet<event>& in, outlet<event>& out) -> asio::awaitable<void> {
    while (auto batch = co_await in.receive()) {
        add_one(batch->begin(), batch->end());
        co_await out.emit(std::move(*batch));
    }
}
auto summing(inlet<event>& in, event& total) -> asio::awaitable<void> {
    while (auto batch = co_await in.receive()) total += sum(batch->begin(), batch->end());
}

auto stages(thread_pool& pool, linear_work const& w) -> event {
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

template <class T>
auto channel_source(channel<T>& out, linear_work w) -> asio::awaitable<void> {
    for (event next = 0; next < w.last; next += w.batch) {
        if constexpr (std::same_as<T, event>) {
            co_await out.send(next);
        } else {
            T batch;
            fill(batch, next, w.batch);
            co_await out.send(std::move(batch));
        }
    }
    co_await out.send_end();
}
auto first_of(event& e) -> event* { return &e; }
auto first_of(events& batch) -> event* { return batch.data(); }
auto last_of(event& e) -> event* { return &e + 1; }
auto last_of(events& batch) -> event* { return batch.data() + batch.size(); }

template <class T>
auto channel_adding(channel<T>& in, channel<T>& out) -> asio::awaitable<void> {
    while (auto batch = co_await in.receive()) {
        add_one(first_of(*batch), last_of(*batch));
        co_await out.send(std::move(*batch));
    }
    co_await out.send_end();
}
template <class T>
auto channel_summing(channel<T>& in) -> asio::awaitable<event> {
    event total = 0;
    while (auto batch = co_await in.receive()) total += sum(first_of(*batch), last_of(*batch));
    co_return total;
}

template <class T>
auto channels(asio::io_context& context, linear_work const& w) -> event {
    auto const on_strand = [&] { return asio::any_io_executor(asio::make_strand(context)); };
    auto const capacity = w.batch > 1 ? batches_under_way : std::size_t{1000};  // what the stages have under way
    std::array<asio::any_io_executor, 4> strands{on_strand(), on_strand(), on_strand(), on_strand()};
    channel<T> a(strands[1], capacity);
    channel<T> b(strands[2], capacity);
    channel<T> c(strands[3], capacity);
    auto one = asio::co_spawn(strands[0], channel_source<T>(a, w), asio::use_future);
    auto two = asio::co_spawn(strands[1], channel_adding<T>(a, b), asio::use_future);
    auto three = asio::co_spawn(strands[2], channel_adding<T>(b, c), asio::use_future);
    auto four = asio::co_spawn(strands[3], channel_summing<T>(c), asio::use_future);
    one.get();
    two.get();
    three.get();
    return four.get();
}

}  // namespace

auto linear_row(std::size_t events_a_batch) -> row {
    auto const batches = events_a_batch > 1 ? std::size_t{4'000} : std::size_t{100'000};
    linear_work const w{batches * events_a_batch, events_a_batch};
    auto const pool = std::make_shared<thread_pool>(2);
    row result;
    result.unit = "event";
    result.units = static_cast<double>(w.last);
    result.expected = w.last * (w.last - 1) / 2 + 2 * w.last;
    result.ways.push_back({way::part::ours, "sluice", [=] { return stages(*pool, w); }});
    result.ways.push_back({way::part::limit, "loop over fresh vectors", [=] { return loop(w); }});
    if (events_a_batch > 1) {
        result.wanted = {2.5, 4.0};
        result.ways.push_back(
            {way::part::channels, "concurrent_channel", [=] { return channels<events>(pool->context(), w); }});
    } else {
        result.wanted = {std::nullopt, 15.0};
        result.ways.push_back(
            {way::part::channels, "concurrent_channel", [=] { return channels<event>(pool->context(), w); }});
    }
    return result;
}

}  // namespace sluice::benchmarks
