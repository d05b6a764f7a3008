// Two ways to end what would go on for ever: in order, and at once.
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <future>
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

auto storing(sluice::inlet<int>& in, std::size_t& stored, std::promise<void>& begun) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        if (stored == 0) begun.set_value();
        stored += events->size();
    }
}

auto in_order() -> bool {
    std::size_t stored = 0;
    std::promise<void> begun;
    sluice::thread_pool pool;
    // [readme:in_order]
    sluice::producer<int> numbers{pool, counter};
    sluice::consumer<int> store{pool, sluice::from(numbers), storing, std::ref(stored), std::ref(begun)};
    sluice::stage_group group{pool, {.drain_timeout = 10s}};
    group.add(numbers, store);
    begun.get_future().wait();  // or a signal
    auto stopped = group.async_stop(asio::use_future);
    stopped.get();  // throws if it took too long, or if a stage has failed
    // [readme:end]
    std::cout << "in order: " << numbers.stats().events_out << " emitted, " << stored << " stored\n";
    return stored == numbers.stats().events_out && stored > 0;
}

auto at_once() -> bool {
    std::size_t stored = 0;
    std::atomic<std::size_t> discarded = 0;
    std::promise<void> begun;
    boost::system::error_code said;
    sluice::thread_pool pool;
    // [readme:at_once]
    sluice::producer<int> numbers{pool, counter};
    sluice::consumer<int> store{pool, sluice::from(numbers), storing, std::ref(stored), std::ref(begun)};
    auto const count = [&discarded](sluice::batch<int> lost, sluice::discard_reason) { discarded += lost.size(); };
    numbers.on_discard(count);
    store.on_discard(count);
    asio::cancellation_signal stop;
    auto ended = sluice::async_run(numbers, store, asio::bind_cancellation_slot(stop.slot(), asio::use_future));
    begun.get_future().wait();
    stop.emit(asio::cancellation_type::terminal);
    try {
        ended.get();
    } catch (boost::system::system_error const& error) {
        said = error.code();  // operation_aborted: it was stopped, nothing has failed
    }
    // [readme:end]
    auto const emitted = numbers.stats().events_out;
    std::cout << "at once: " << emitted << " emitted, " << stored << " stored, " << discarded << " discarded\n";
    return said == asio::error::operation_aborted && stored + discarded == emitted;
}

int main() { return in_order() && at_once() ? EXIT_SUCCESS : EXIT_FAILURE; }
