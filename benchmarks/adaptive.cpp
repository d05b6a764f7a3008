// What a fixed max_demand costs where it does not fit, and what adaptive demand makes of the same: latency against
// throughput, for consumers that work more and less on an event, with a producer beside them and with one far away.
#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <cstdint>
#include <sluice/sluice.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "curves.hpp"

namespace {

namespace asio = boost::asio;
using namespace sluice::benchmarks;
using namespace std::chrono_literals;

constexpr auto run_time = 220ms;
constexpr std::uint64_t warm_up_ns = 100'000'000;

/// A consumer, and how far away its producer is.
struct place {
    std::string name;
    std::chrono::nanoseconds trip;  // from the ask until the producer makes the events
};

/// What one run gave.
struct finding {
    double events_a_second = 0;
    double p99 = 0;     // us from emit until processed
    double window = 0;  // in the end
};

/// What the consumer notes after its warm-up.
struct notes {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint64_t events = 0;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> latencies = {};  // ns, of how many events
};

/// Events that know when they were made.
auto produce(sluice::outlet<std::uint64_t>& out, std::chrono::nanoseconds trip) -> asio::awaitable<void> {
    auto const here = co_await asio::this_coro::executor;
    asio::steady_timer timer(here);
    while (auto wanted = co_await out.demand()) {
        if (trip > 0ns) {
            timer.expires_after(trip);
            co_await timer.async_wait(asio::use_awaitable);
        }
        auto events = out.make_batch();
        events.reserve(*wanted);
        auto const now = now_ns();
        for (std::size_t i = 0; i < *wanted; ++i) events.push_back(now);
        co_await out.emit(std::move(events));
    }
}

void work_until(std::uint64_t end) {
    while (now_ns() < end) {}
}

auto consume(sluice::inlet<std::uint64_t>& in, notes& all, double an_event) -> asio::awaitable<void> {
    auto const begin = now_ns() + warm_up_ns;
    while (auto events = co_await in.receive()) {
        auto const now = now_ns();
        work_until(now + static_cast<std::uint64_t>(an_event * static_cast<double>(events->size())));
        auto const end = now_ns();
        if (end < begin) continue;
        if (all.begin == 0) {
            all.begin = end;
            continue;
        }
        all.end = end;
        all.events += events->size();
        all.latencies.emplace_back(end - events->front(), events->size());
    }
}

auto percentile(std::vector<std::pair<std::uint64_t, std::uint64_t>> all, double part) -> double {
    std::ranges::sort(all);
    std::uint64_t count = 0;
    for (auto const& each : all) count += each.second;
    auto left = static_cast<double>(count) * part;
    for (auto const& [ns, events] : all) {
        left -= static_cast<double>(events);
        if (left <= 0) return static_cast<double>(ns);
    }
    return 0;
}

auto run(sluice::thread_pool& pool, place const& where, double an_event, sluice::subscribe_options const& terms)
    -> finding {
    notes all;
    sluice::producer<std::uint64_t> source(pool, produce, where.trip);
    sluice::consumer<std::uint64_t> sink(pool, sluice::from(source, terms), consume, std::ref(all), an_event);
    asio::cancellation_signal stop;
    auto ended = sluice::async_run(source, sink, asio::bind_cancellation_slot(stop.slot(), asio::use_future));
    std::this_thread::sleep_for(run_time);
    auto const subscriptions = sink.stats().subscriptions;
    stop.emit(asio::cancellation_type::terminal);
    try {
        ended.get();
    } catch (boost::system::system_error const& error) {
        if (error.code() != asio::error::operation_aborted) throw;
    }
    if (all.end <= all.begin || subscriptions.empty()) throw std::runtime_error("nothing came in time");
    return {static_cast<double>(all.events) * 1e9 / static_cast<double>(all.end - all.begin),
            percentile(all.latencies, 0.99) / 1000, static_cast<double>(subscriptions.front().max_demand)};
}

struct choice {
    std::string name;
    sluice::subscribe_options terms;
};

void compare(figures& all, sluice::thread_pool& pool, place const& where, std::vector<choice> const& choices) {
    curve_figures curve;
    curve.name = "latency against throughput, " + where.name;
    curve.x = "events a second";
    curve.y = "us from emit until processed, 99th percentile";
    curve.x_log = curve.y_log = true;
    std::vector<double> const works{100, 1000, 10'000, 100'000};
    std::vector<fact_figures> facts;
    for (auto const& each : choices) curve.all.push_back({each.name, {}});
    for (double const work : works) {
        std::vector<std::vector<finding>> found(choices.size());
        for (std::size_t i = 0; i < all.options().repetitions; ++i) {
            for (std::size_t c = 0; c < choices.size(); ++c) {
                found[c].push_back(run(pool, where, work, choices[c].terms));
            }
        }
        for (std::size_t c = 0; c < choices.size(); ++c) {
            auto const name =
                where.name + ", " + std::to_string(static_cast<int>(work)) + " ns an event, " + choices[c].name;
            fact_figures rate{name + ": throughput", "events a second", {}, {}, {}};
            fact_figures wait{name + ": 99th percentile of latency", "us", {}, {}, {}};
            fact_figures window{name + ": max_demand in the end", "events", {}, {}, {}};
            for (auto const& each : found[c]) {
                rate.values.push_back(each.events_a_second);
                wait.values.push_back(each.p99);
                window.values.push_back(each.window);
            }
            curve.all[c].points.push_back({median(rate.values), wait.values});
            facts.push_back(std::move(rate));
            facts.push_back(std::move(wait));
            if (choices[c].terms.is_adaptive()) facts.push_back(std::move(window));
        }
    }
    for (auto& each : curve.all) std::ranges::sort(each.points, {}, &curve_figures::point::x);
    all.add(std::move(curve));
    for (auto& each : facts) all.add(std::move(each));
}

}  // namespace

auto main(int argc, char** argv) -> int {
    return run_program("adaptive", argc, argv, 3, [](figures& all) {
        sluice::thread_pool pool(2);
        std::vector<choice> const choices{
            {"max_demand 10", {.max_demand = 10}},
            {"max_demand 100", {.max_demand = 100}},
            {"max_demand 1000", {.max_demand = 1000}},
            {"adaptive, target 1 ms", {.max_demand = 100'000, .adaptive = {.target_latency = 1ms}}}};
        for (place const& where : {place{"producer beside it", 0ns}, place{"producer 1 ms away", 1ms}}) {
            if (!all.wanted("latency against throughput, " + where.name)) continue;
            all.when_quiet([&] { compare(all, pool, where, choices); });
        }
    });
}
