// How long an event takes through four stages, at some shares of what they are able to do.
//
// Events come at moments fixed beforehand, whatever the pipeline does; an event's latency counts from its moment, not
// from when it could be handed over. So an event that had to wait to be emitted, because the pipeline was late, counts
// as late too.
#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdint>
#include <sluice/sluice.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "curves.hpp"

namespace sluice::benchmarks {

/// When events come: `count` of them, the first at `began`, then one each `interval` ns. Named, because GCC warns of
/// frames that hold types without a name for the linker.
struct schedule {
    std::uint64_t count = 0;
    double interval = 0;  ///< 0: all at once
    std::uint64_t began = 0;

    [[nodiscard]] auto moment(std::uint64_t i) const -> std::uint64_t {
        return began + static_cast<std::uint64_t>(static_cast<double>(i) * interval);
    }
    /// How many have come by now.
    [[nodiscard]] auto due() const -> std::uint64_t {
        if (interval == 0) return count;
        return std::min(count, static_cast<std::uint64_t>(static_cast<double>(now_ns() - began) / interval) + 1);
    }
};

/// Counts of latencies, exact to a thirty-second part.
class histogram {
public:
    void add(std::uint64_t ns) {
        ++counts_[index(ns)];
        ++all_;
    }
    [[nodiscard]] auto count() const -> std::uint64_t { return all_; }
    [[nodiscard]] auto quantile(double share) const -> double {
        auto left = static_cast<std::uint64_t>(share * static_cast<double>(all_));
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            if (counts_[i] > left) return value(i);
            left -= counts_[i];
        }
        return value(counts_.size() - 1);
    }

private:
    static constexpr unsigned parts = 5;  // a power of two
    static auto index(std::uint64_t ns) -> std::size_t {
        if (ns < (2U << parts)) return ns;
        auto const shift = static_cast<unsigned>(std::bit_width(ns)) - parts - 1;
        return (shift << parts) + (ns >> shift);
    }
    static auto value(std::size_t i) -> double {
        if (i < (2U << parts)) return static_cast<double>(i);
        auto const shift = (i >> parts) - 1;
        return static_cast<double>(((i & ((1U << parts) - 1)) + (1U << parts)) << shift);
    }

    std::array<std::uint64_t, 64 << parts> counts_{};
    std::uint64_t all_ = 0;
};

namespace {

using moment = std::uint64_t;

auto paced(outlet<moment>& out, schedule when) -> asio::awaitable<void> {
    auto const here = co_await asio::this_coro::executor;
    when.began = now_ns();
    for (std::uint64_t i = 0; i < when.count;) {
        auto const due = when.due();
        if (i >= due) co_await asio::post(here, asio::use_awaitable);  // lets others run
        for (; i < due; ++i) co_await out.emit(when.moment(i));
    }
}
auto passing(inlet<moment>& in, outlet<moment>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) co_await out.emit(std::move(*events));
}
auto noting(inlet<moment>& in, histogram& latencies) -> asio::awaitable<void> {
    while (auto const events = co_await in.receive()) {
        auto const now = now_ns();
        for (auto const each : *events) latencies.add(now - std::min(now, each));
    }
}

/// Events that come from within: the source looks at the clock, and lets others run while nothing is due. Answers
/// events a second.
auto from_source(thread_pool& pool, schedule const& when, histogram& latencies) -> double {
    auto const began = now_ns();
    producer<moment> source{pool, paced, when};
    producer_consumer<moment, moment> one{pool, from(source), passing};
    producer_consumer<moment, moment> two{pool, from(one), passing};
    consumer<moment> sink{pool, from(two), noting, std::ref(latencies)};
    run(source, one, two, sink);
    return static_cast<double>(when.count) * 1e9 / static_cast<double>(now_ns() - began);
}

/// Events that come from outside, by an intake: this thread looks at the clock.
auto from_outside(thread_pool& pool, schedule when, histogram& latencies) -> double {
    constexpr std::uint64_t most_under_way = 1000;  // where all come at once
    auto const began = now_ns();
    intake<moment> source{pool};
    producer_consumer<moment, moment> one{pool, from(source), passing};
    producer_consumer<moment, moment> two{pool, from(one), passing};
    consumer<moment> sink{pool, from(two), noting, std::ref(latencies)};
    auto ended = async_run(one, two, sink, asio::use_future);
    std::atomic<std::uint64_t> taken{0};
    when.began = now_ns();
    for (std::uint64_t i = 0; i < when.count;) {
        auto const due = when.interval == 0 ? std::min(when.count, taken + most_under_way) : when.due();
        for (; i < due; ++i) {
            source.async_emit(when.moment(i), [&taken](std::exception_ptr const&, bool) {
                taken.fetch_add(1, std::memory_order_relaxed);
            });
        }
    }
    source.close();
    ended.get();
    while (taken < when.count) std::this_thread::yield();
    return static_cast<double>(when.count) * 1e9 / static_cast<double>(now_ns() - began);
}

using way = double (*)(thread_pool&, schedule const&, histogram&);

constexpr double seconds = 0.25;  // of events, each time

auto checked(way run, thread_pool& pool, schedule const& when, histogram& latencies) -> double {
    auto const rate = run(pool, when, latencies);
    if (latencies.count() != when.count) throw std::runtime_error("events were lost");
    // Two threads that never sleep are not to keep others from the cores for good, whatever their priority.
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return rate;
}

auto capacity_of(way run, thread_pool& pool, std::uint64_t events) -> double {
    std::vector<double> rates;
    for (int i = 0; i < 3; ++i) {
        histogram ignored;
        rates.push_back(checked(run, pool, {events, 0, 0}, ignored));
    }
    return median(rates);
}

void measure_latency(figures& all, std::string const& name, std::size_t threads, std::uint64_t events, way run) {
    thread_pool pool(threads);
    auto const capacity = capacity_of(run, pool, events);
    curve_figures curve;
    curve.name = name;
    curve.x = "% of capacity";
    curve.y = "µs through four stages, from the moment at which the event was due";
    curve.y_log = true;
    for (auto const* line : {"p50", "p99", "p99.9"}) {
        curve.all.push_back({line, {}});
        for (double const share : {10, 50, 90}) curve.all.back().points.push_back({share, {}});
    }
    for (std::size_t repetition = 0; repetition < all.options().repetitions; ++repetition) {
        for (std::size_t i = 0; i < curve.all.front().points.size(); ++i) {
            auto const rate = capacity * curve.all.front().points[i].x / 100;
            histogram latencies;
            checked(run, pool, {static_cast<std::uint64_t>(rate * seconds), 1e9 / rate, 0}, latencies);
            auto const quantiles = {0.5, 0.99, 0.999};
            for (std::size_t q = 0; q < quantiles.size(); ++q) {
                curve.all[q].points[i].y.push_back(latencies.quantile(quantiles.begin()[q]) / 1000);
            }
        }
    }
    all.add(std::move(curve));
    all.add(fact_figures{name + ": capacity", "events a second", {capacity}, {}, {}});
}

}  // namespace

void measure_latencies(figures& all) {
    auto const if_wanted = [&all](std::string const& name, std::size_t threads, std::uint64_t events, way run) {
        if (all.wanted(name)) all.when_quiet([&] { measure_latency(all, name, threads, events, run); });
    };
    if_wanted("latency, the source within", 2, 5'000'000, from_source);
    if_wanted("latency, fed from another thread", 1, 200'000,
              [](thread_pool& pool, schedule const& when, histogram& into) { return from_outside(pool, when, into); });
}

}  // namespace sluice::benchmarks

auto main(int argc, char** argv) -> int {
    using namespace sluice::benchmarks;
    return run_program("latency", argc, argv, 3, measure_latencies);
}
