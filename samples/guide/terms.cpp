// Terms of subscriptions, one after the other: what the guide says of them.
#include <algorithm>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <sluice/sluice.hpp>
#include <string>
#include <utility>

namespace asio = boost::asio;
using namespace std::chrono_literals;

struct page {
    std::string bytes;
};

auto counter(sluice::outlet<int>& out, int next, int last) -> asio::awaitable<void> {
    while (auto wanted = co_await out.demand()) {
        auto events = out.make_batch();
        for (; events.size() < *wanted && next < last; ++next) events.push_back(next);
        const bool done = next == last;
        const bool taken = co_await out.emit(std::move(events));
        if (!taken || done) co_return;
    }
}
auto read_pages(sluice::outlet<page>& out, int count) -> asio::awaitable<void> {
    for (int i = 0; i < count; ++i) {
        page next{std::string(1000, 'x')};
        const bool taken = co_await out.emit(std::move(next));
        if (!taken) co_return;
    }
}
template <class T>
auto count_all(sluice::inlet<T>& in, std::size_t& count, std::size_t& largest_batch) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        count += events->size();
        largest_batch = std::max(largest_batch, events->size());
    }
}
auto worker(sluice::inlet<int>& in, std::atomic<int>& done) -> asio::awaitable<void> {
    while (auto jobs = co_await in.receive()) done += static_cast<int>(jobs->size());
}

int main() {
    sluice::thread_pool pool;
    std::size_t count = 0, largest_batch = 0;
    bool right = true;
    auto const expect = [&](std::size_t events, std::size_t most) {
        std::cout << count << " events, at most " << largest_batch << " in a batch\n";
        right = right && count == events && largest_batch <= most;
        count = largest_batch = 0;
    };
    {
        sluice::producer<int> numbers{pool, counter, 0, 10'000};
        // [readme:numbers]
        auto const terms = sluice::from(numbers, {.max_demand = 100, .min_demand = 20});
        // [readme:end]
        sluice::consumer<int> counted{pool, terms, count_all<int>, std::ref(count), std::ref(largest_batch)};
        sluice::run(numbers, counted);
        expect(10'000, 80);
    }
    {
        sluice::producer<page> pages{pool, read_pages, 1000};
        // [readme:weight]
        auto const size = [](page const& p) { return p.bytes.size(); };
        auto const terms = sluice::from(pages, {.max_weight = 64'000}).weigh(size);  // 64,000 bytes under way
        // [readme:end]
        sluice::consumer<page> counted{pool, terms, count_all<page>, std::ref(count), std::ref(largest_batch)};
        sluice::run(pages, counted);
        expect(1000, 64);
    }
    {
        sluice::producer<int> numbers{pool, counter, 0, 10'000};
        // [readme:adaptive]
        auto const terms = sluice::from(numbers, {.max_demand = 5000, .adaptive = {.target_latency = 2ms}});
        // [readme:end]
        sluice::consumer<int> counted{pool, terms, count_all<int>, std::ref(count), std::ref(largest_batch)};
        sluice::run(numbers, counted);
        expect(10'000, 5000);
    }
    {
        // [readme:broadcast]
        sluice::producer<int> numbers{pool, sluice::broadcast_dispatcher<int>{}, counter, 0, 1000};
        // [readme:end]
        sluice::consumer<int> counted{pool, sluice::from(numbers), count_all<int>, std::ref(count),
                                      std::ref(largest_batch)};
        sluice::run(numbers, counted);
        expect(1000, 500);
    }
    std::atomic<int> done = 0;
    sluice::producer<int> jobs{pool, counter, 0, 1000};
    // [readme:workers]
    sluice::consumer<int> first{pool, sluice::from(jobs, {.max_demand = 1}), worker, std::ref(done)};
    sluice::consumer<int> second{pool, sluice::from(jobs, {.max_demand = 1}), worker, std::ref(done)};
    // [readme:end]
    sluice::run(jobs, first, second);
    return right && done == 1000 ? EXIT_SUCCESS : EXIT_FAILURE;
}
