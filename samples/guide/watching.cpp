// A pipeline that is stuck, and what its numbers say: who waits for whom, and for how long.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <sluice/sluice.hpp>
#include <utility>

namespace asio = boost::asio;
using namespace std::chrono_literals;

auto counter(sluice::outlet<int>& out) -> asio::awaitable<void> {
    for (int next = 0; auto wanted = co_await out.demand();) {
        auto events = out.make_batch();
        while (events.size() < *wanted) events.push_back(next++);
        const bool taken = co_await out.emit(std::move(events));
        if (!taken) co_return;
    }
}

auto doubler(sluice::inlet<int>& in, sluice::outlet<int>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (int& event : *events) event *= 2;
        const bool taken = co_await out.emit(std::move(*events));
        if (!taken) co_return;
    }
}

auto writer(sluice::inlet<int>& in) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        asio::steady_timer disk(co_await asio::this_coro::executor, 1h);  // it does not answer
        co_await disk.async_wait(asio::use_awaitable);
    }
}

int main() {
    asio::io_context context(1);
    sluice::producer<int> numbers{context, counter};
    sluice::producer_consumer<int, int> doubled{context, sluice::from(numbers, {.max_demand = 500}), doubler};
    sluice::consumer<int> written{context, sluice::from(doubled, {.max_demand = 100}), writer};
    numbers.set_name("numbers");
    doubled.set_name("doubled");
    written.set_name("written");
    sluice::async_run(numbers, doubled, written, [](std::exception_ptr) {});
    context.poll();  // until nobody can go on

    // [readme:snapshot]
    auto const graph = sluice::snapshot(written);  // and what it draws from
    std::cout << graph.text();
    for (auto const i : graph.stalled(0s)) {  // by default those that have not asked for a second
        auto const& slow = graph.edges()[i];
        std::cout << graph.nodes()[slow.to].title << " has " << slow.stats.in_hand() << " events in hand\n";
    }
    // [readme:end]

    auto const waits = graph.waits();
    auto const stalled = graph.stalled(0s);
    bool const right = graph.nodes().size() == 3 && waits.size() == 2 && stalled.size() == 1 &&
                       graph.nodes()[graph.edges()[stalled[0]].to].title == "written" &&
                       graph.edges()[stalled[0]].stats.in_hand() == 100 && doubled.stats().buffered > 0;
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
