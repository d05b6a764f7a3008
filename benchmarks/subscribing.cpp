// What consumers of one producer cost: to subscribe, to ask and to cancel, for each dispatcher, by how many there are;
// and whether twice as many take more than two and a half times as long.
//   subscribing [OPTIONS] [CONSUMERS]
#include <malloc.h>

#include <algorithm>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <limits>
#include <sluice/sluice.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "curves.hpp"

namespace {

namespace asio = boost::asio;
using namespace sluice::benchmarks;

struct silent {
    auto handle_demand(std::size_t) -> sluice::emission<int> { return {}; }
};
struct idle {
    void handle_events(sluice::batch<int>) {}
};
/// Idle too, and keeps its subscription.
struct keeping {
    sluice::subscription* mine;
    void handle_events(sluice::batch<int>) {}
    void handle_subscribe(sluice::subscription s) { *mine = std::move(s); }
};

/// ns for each consumer.
struct cost {
    double subscribe = 0;
    double ask = 0;
    double cancel = 0;
};

void expect(std::size_t got, std::size_t wanted) {
    if (got != wanted)
        throw std::runtime_error(std::to_string(got) + " live consumers instead of " + std::to_string(wanted));
}

// Subscribe: from the construction of the first consumer until the producer has served every subscription and every
// ask. Ask: every consumer asks for one more event, by hand. Cancel: every consumer gives its subscription up, and
// hears that it has ended; the stage lives on.
template <class Dispatcher>
auto cost_of(std::size_t consumers, std::size_t rounds_of_asks, Dispatcher dispatcher) -> cost {
    asio::io_context context{1};
    sluice::producer source{context, sluice::outlet_options{.on_last_cancel = sluice::on_last_cancel::stay_open},
                            silent{}, std::move(dispatcher)};
    sluice::async_run(source, asio::detached);
    std::vector<sluice::subscription> subscriptions(consumers);
    std::deque<sluice::consumer<int>> all;
    cost result;
    auto const per = static_cast<double>(consumers);
    auto began = now_ns();
    for (std::size_t i = 0; i < consumers; ++i) {
        sluice::subscribe_options const terms{.partition = i % 1000, .demand_mode = sluice::demand_mode::manual};
        all.emplace_back(context, sluice::from(source, terms), sluice::inlet_options{.stay_open = true},
                         keeping{&subscriptions[i]});
        sluice::async_run(all.back(), asio::detached);
    }
    context.poll();
    for (auto const& each : subscriptions) each.ask(1);
    context.poll();
    result.subscribe = static_cast<double>(now_ns() - began) / per;
    expect(source.stats().consumers, consumers);
    began = now_ns();
    for (std::size_t i = 0; i < rounds_of_asks; ++i) {
        for (auto const& each : subscriptions) each.ask(1);
        context.poll();
    }
    result.ask = static_cast<double>(now_ns() - began) / per / static_cast<double>(rounds_of_asks);
    began = now_ns();
    for (auto const& each : subscriptions) each.cancel();
    context.poll();
    result.cancel = static_cast<double>(now_ns() - began) / per;
    expect(source.stats().consumers, 0);
    return result;
}

// The same with demand that is asked for automatically: seconds.
template <class Dispatcher>
auto seconds_for(std::size_t consumers, Dispatcher dispatcher) -> double {
    asio::io_context context{1};
    sluice::producer source{context, silent{}, std::move(dispatcher)};
    sluice::async_run(source, asio::detached);
    std::deque<sluice::consumer<int>> all;
    auto const began = now_ns();
    for (std::size_t i = 0; i < consumers; ++i) {
        all.emplace_back(context, sluice::from(source, {.partition = i % 1000}), idle{});
        sluice::async_run(all.back(), asio::detached);
    }
    context.poll();
    auto const took = static_cast<double>(now_ns() - began) * 1e-9;
    expect(source.stats().consumers, consumers);
    return took;
}

/// Where the costs of all dispatchers are gathered.
struct curves {
    curve_figures subscribe;
    curve_figures ask;
    curve_figures cancel;
};
auto head(std::string name, std::string y) -> curve_figures {
    curve_figures result;
    result.name = std::move(name);
    result.x = "consumers of one producer";
    result.y = std::move(y);
    result.x_log = true;
    result.y_log = true;
    return result;
}

constexpr std::size_t counts[] = {10, 1000, 100'000};

template <class Make>
void measure(figures& all, std::string const& name, std::size_t fewer, curves& into, Make make) {
    if (!all.wanted(name)) return;
    for (auto* curve : {&into.subscribe, &into.ask, &into.cancel}) {
        curve->all.push_back({name, {}});
        for (auto const n : counts) curve->all.back().points.push_back({static_cast<double>(n), {}});
    }
    fact_figures growth{"twice " + std::to_string(fewer) + " consumers, " + name, "times as long", {}, {}, {}};
    growth.target.at_most = 2.5;
    for (std::size_t repetition = 0; repetition < all.options().repetitions; ++repetition) {
        for (std::size_t i = 0; i < std::size(counts); ++i) {
            auto const times = std::max<std::size_t>(1, 2000 / counts[i]);  // few are over too soon for the clock
            cost sum;
            for (std::size_t n = 0; n < times; ++n) {
                auto const one = cost_of(counts[i], std::max<std::size_t>(2, 2000 / counts[i]), make());
                sum.subscribe += one.subscribe;
                sum.ask += one.ask;
                sum.cancel += one.cancel;
            }
            auto const divisor = static_cast<double>(times);
            into.subscribe.all.back().points[i].y.push_back(sum.subscribe / divisor);
            into.ask.all.back().points[i].y.push_back(sum.ask / divisor);
            into.cancel.all.back().points[i].y.push_back(sum.cancel / divisor);
        }
        // The better of two: pages that are touched for the first time are no matter of how many consumers there are.
        auto const better_of_two = [&](std::size_t n) {
            return std::min(seconds_for(n, make()), seconds_for(n, make()));
        };
        auto const twice = better_of_two(2 * fewer);
        growth.values.push_back(twice / better_of_two(fewer));
    }
    all.add(std::move(growth));
}

void measure_all(figures& all) {
    auto const& rest = all.options().rest;
    auto const fewer = rest.empty() ? std::size_t{50'000} : static_cast<std::size_t>(std::stoul(rest.front()));
    curves into{head("cost of subscribing", "ns a consumer, its stage's construction and start included"),
                head("cost of asking", "ns an ask"), head("cost of cancelling", "ns a subscription")};
    measure(all, "demand", fewer, into, [] { return sluice::demand_dispatcher<int>{}; });
    measure(all, "broadcast", fewer, into, [] { return sluice::broadcast_dispatcher<int>{}; });
    measure(all, "partition", fewer, into, [] { return sluice::partition_dispatcher<int>(1000); });
    measure(all, "weighted", fewer, into, [] { return sluice::weighted_dispatcher<int>{}; });
    measure(all, "round robin", fewer, into, [] { return sluice::round_robin_dispatcher<int>{}; });
    all.add(std::move(into.subscribe));
    all.add(std::move(into.ask));
    all.add(std::move(into.cancel));
}

}  // namespace

auto main(int argc, char** argv) -> int {
    ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());  // nor pages that had been given back
    return run_program("subscribing", argc, argv, 2, [](figures& all) { all.when_quiet([&] { measure_all(all); }); });
}
