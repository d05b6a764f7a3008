// What a stage and a subscription take in memory while nothing happens: bytes that malloc has given out, with its own
// overhead, and resident bytes.
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <sluice/sluice.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "curves.hpp"

namespace {

namespace asio = boost::asio;
using namespace sluice::benchmarks;

constexpr std::size_t how_many = 100'000;

struct silent {
    auto handle_demand(std::size_t) -> sluice::emission<int> { return {}; }
};
struct idle {
    void handle_events(sluice::batch<int>) {}
};
auto receiving(sluice::inlet<int>& in) -> asio::awaitable<void> {
    while (auto const events = co_await in.receive()) {}
}
auto demanding(sluice::outlet<int>& out) -> asio::awaitable<void> {
    while (auto const wanted = co_await out.demand()) {}
}
auto passing(sluice::inlet<int>& in, sluice::outlet<int>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) co_await out.emit(std::move(*events));
}

/// Bytes, of one of them.
struct bytes {
    double given_out = 0;
    double resident = 0;
};

auto given_out() -> double {
    auto const info = ::mallinfo2();
    return static_cast<double>(info.uordblks + info.hblkhd);
}

/// Builds `how_many` of something in a process of its own, so that nothing freed before is used again.
template <class Build>
auto measured(Build build) -> bytes {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
    auto const child = ::fork();
    if (child < 0) throw std::runtime_error("no process");
    if (child == 0) {
        bytes result{given_out(), resident_bytes()};
        build([&] {
            result = {(given_out() - result.given_out) / how_many, (resident_bytes() - result.resident) / how_many};
        });
        ::_exit(::write(ends[1], &result, sizeof result) == sizeof result ? 0 : 1);
    }
    ::close(ends[1]);
    bytes result;
    auto const got = ::read(ends[0], &result, sizeof result);
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (got != sizeof result || status != 0) throw std::runtime_error("a process that measures memory failed");
    return result;
}

template <class Stage, class Make>
auto stages(Make make) {
    return [make](auto const& built) {
        asio::io_context context{1};
        std::deque<Stage> all;
        for (std::size_t i = 0; i < how_many; ++i) {
            make(all, context);
            sluice::async_run(all.back(), asio::detached);
        }
        context.poll();
        built();
    };
}

// Stages without any subscription; an inlet without one ends, unless it is to stay open.
auto const producers = [](auto& all, asio::io_context& context) { all.emplace_back(context, demanding); };
auto const handler_producers = [](auto& all, asio::io_context& context) { all.emplace_back(context, silent{}); };
auto const consumers = [](auto& all, asio::io_context& context) {
    all.emplace_back(context, sluice::sources<int>(), sluice::inlet_options{.stay_open = true}, receiving);
};

/// A producer and its consumers, all subscribed to it, and idle.
template <class Stage, class Body>
auto subscribed(Body body) {
    return [body](auto const& built) {
        asio::io_context context{1};
        sluice::producer source{context, silent{}};
        sluice::async_run(source, asio::detached);
        std::deque<Stage> all;
        for (std::size_t i = 0; i < how_many; ++i) {
            all.emplace_back(context, sluice::from(source), body);
            sluice::async_run(all.back(), asio::detached);
        }
        context.poll();
        if (source.stats().consumers != how_many) ::_exit(1);
        built();
    };
}

/// One consumer with so many subscriptions.
void subscriptions(std::function<void()> const& built) {
    asio::io_context context{1};
    sluice::producer source{context, silent{}};
    sluice::async_run(source, asio::detached);
    std::vector<sluice::source<int>> from(how_many, sluice::from(source));
    sluice::consumer<int> one(context, sluice::sources<int>(), sluice::inlet_options{.stay_open = true}, receiving);
    sluice::async_run(one, asio::detached);
    for (auto const& each : from) one.async_subscribe(each, asio::detached);
    from = {};
    context.poll();
    if (source.stats().consumers != how_many) ::_exit(1);
    built();
}

template <class Build>
void add(figures& all, std::string const& name, bound const& target, Build build) {
    if (!all.wanted(name)) return;
    fact_figures given{name, "bytes", {}, target, {}};
    fact_figures resident{name + ", resident", "bytes", {}, target, {}};
    for (std::size_t i = 0; i < all.options().repetitions; ++i) {
        auto const one = measured(build);
        given.values.push_back(one.given_out);
        resident.values.push_back(one.resident);
    }
    all.add(std::move(given));
    all.add(std::move(resident));
}

void measure_all(figures& all) {
    bound const at_most_a_kilobyte{1024, {}};
    using consumer = sluice::consumer<int>;
    using producer = sluice::producer<int>;
    using both = sluice::producer_consumer<int, int>;
    add(all, "idle subscribed consumer, a coroutine", at_most_a_kilobyte, subscribed<consumer>(receiving));
    add(all, "idle subscribed consumer, a handler object", at_most_a_kilobyte, subscribed<consumer>(idle{}));
    add(all, "idle subscribed producer_consumer, a coroutine", {}, subscribed<both>(passing));
    add(all, "idle consumer without a subscription", {}, stages<consumer>(consumers));
    add(all, "idle producer without a subscription, a coroutine", {}, stages<producer>(producers));
    add(all, "idle producer without a subscription, a handler object", {}, stages<producer>(handler_producers));
    add(all, "idle subscription, both sides without their stages", {}, subscriptions);
}

}  // namespace

auto main(int argc, char** argv) -> int { return run_program("idle", argc, argv, 1, measure_all); }
