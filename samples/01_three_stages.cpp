// Three stages: numbers are counted, doubled and added up. Nothing is produced before it was asked for.
#include <boost/asio/awaitable.hpp>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <numeric>
#include <sluice/consumer.hpp>
#include <sluice/producer.hpp>
#include <sluice/producer_consumer.hpp>
#include <sluice/run.hpp>
#include <sluice/thread_pool.hpp>
#include <utility>

namespace asio = boost::asio;

// Stages are coroutines. Ends come by reference, own arguments by value, as with std::thread.
auto counter(sluice::outlet<int>& out, int next, int last) -> asio::awaitable<void> {
    while (auto wanted = co_await out.demand()) {  // nullopt: every consumer has left for good
        auto events = out.make_batch();            // a recycled buffer
        for (; events.size() < *wanted && next < last; ++next) events.push_back(next);
        const bool done = next == last;
        const bool taken = co_await out.emit(std::move(events));
        if (!taken || done) co_return;
    }
}

// [readme:doubler]
auto doubler(sluice::inlet<int>& in, sluice::outlet<int>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {  // nullopt: every producer has finished
        for (int& event : *events) event *= 2;
        const bool taken = co_await out.emit(std::move(*events));  // waits for demand: so it asks no more upstream
        if (!taken) co_return;
    }
}
// [readme:end]

auto adder(sluice::inlet<int>& in, long& sum) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) sum = std::accumulate(events->begin(), events->end(), sum);
}

int main() {
    sluice::thread_pool pool;  // io_context and threads; any executor will do
    long sum = 0;
    sluice::producer<int> numbers{pool, counter, 0, 1'000'000};
    sluice::producer_consumer<int, int> doubled{pool, sluice::from(numbers, {.max_demand = 500}), doubler};
    sluice::consumer<int> summed{pool, sluice::from(doubled), adder, std::ref(sum)};
    sluice::run(numbers, doubled, summed);  // or co_await sluice::async_run(numbers, doubled, summed)

    std::cout << "the sum is " << sum << '\n';
    return sum == 999'999'000'000 ? EXIT_SUCCESS : EXIT_FAILURE;
}
