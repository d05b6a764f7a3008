// What it costs to subscribe many idle consumers to one producer, for each dispatcher: twice as many must not take more
// than two and a half times as long.
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <sluice/sluice.hpp>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;
using clock_type = std::chrono::steady_clock;

struct silent {
    auto handle_demand(std::size_t) -> sluice::emission<int> { return {}; }
};
struct idle {
    void handle_events(sluice::batch<int>) {}
};

// Seconds from the first consumer's construction until the producer has served every subscription and every ask.
template <class Dispatcher>
auto seconds_for(std::size_t consumers, Dispatcher dispatcher) -> double {
    asio::io_context context{1};
    sluice::producer source{context, silent{}, std::move(dispatcher)};
    sluice::async_run(source, asio::detached);
    std::deque<sluice::consumer<int>> all;
    auto const began = clock_type::now();
    for (std::size_t i = 0; i < consumers; ++i) {
        all.emplace_back(context, sluice::from(source, {.partition = i % 1000}), idle{});
        sluice::async_run(all.back(), asio::detached);
    }
    context.poll();
    auto const took = std::chrono::duration<double>(clock_type::now() - began).count();
    if (source.output().live() != consumers) {
        std::fprintf(stderr, "subscribing: not all consumers are subscribed\n");
        std::exit(EXIT_FAILURE);
    }
    return took;
}

template <class Make>
void report(char const* name, std::size_t fewer, Make make) {
    auto best = [&](std::size_t n) {
        auto least = seconds_for(n, make());
        for (int again = 0; again < 2; ++again) least = std::min(least, seconds_for(n, make()));
        return least;
    };
    auto const some = best(fewer);
    auto const twice = best(2 * fewer);
    auto const ratio = twice / some;
    std::printf("%-14s %8zu in %6.3f s   %8zu in %6.3f s   %4.2f times as long, at most 2.5: %s\n", name, fewer, some,
                2 * fewer, twice, ratio, ratio <= 2.5 ? "met" : "MISSED");
}

}  // namespace

int main(int argc, char** argv) {
    auto const fewer = argc > 1 ? static_cast<std::size_t>(std::stoul(argv[1])) : std::size_t{100'000};
    report("demand", fewer, [] { return sluice::demand_dispatcher<int>{}; });
    report("broadcast", fewer, [] { return sluice::broadcast_dispatcher<int>{}; });
    report("partition", fewer, [] { return sluice::partition_dispatcher<int>(1000); });
    report("weighted", fewer, [] { return sluice::weighted_dispatcher<int>{}; });
    report("round robin", fewer, [] { return sluice::round_robin_dispatcher<int>{}; });
}
