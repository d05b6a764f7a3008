// A stage in the middle of a running pipeline fails; the supervisor makes it anew, and the pipeline goes on. With
// redelivery the producer keeps what it has sent until it was processed, so that nothing is lost.
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <sluice/sluice.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace asio = boost::asio;

constexpr int last = 10'000;

auto counter(sluice::outlet<int>& out, int next, int end) -> asio::awaitable<void> {
    while (auto wanted = co_await out.demand()) {
        auto events = out.make_batch();
        for (; events.size() < *wanted && next < end; ++next) events.push_back(next);
        const bool done = next == end;
        const bool taken = co_await out.emit(std::move(events));
        if (!taken || done) co_return;
    }
}

// Doubles; meets its end at one event, but only the first time.
auto doubler(sluice::inlet<int>& in, sluice::outlet<int>& out, int killer) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (int& event : *events) {
            if (event == killer) throw std::runtime_error("killed by " + std::to_string(event));
            event *= 2;
        }
        const bool taken = co_await out.emit(std::move(*events));
        if (!taken) co_return;
    }
}

struct result {
    long sum = 0;
    long events = 0;
};
auto adder(sluice::inlet<int>& in, result& total) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (int const event : *events) total.sum += event;
        total.events += static_cast<long>(events->size());
    }
}

int main() {
    result total;
    std::size_t restarts = 0;
    sluice::thread_pool pool;

    // [readme:supervisor]
    // Each child is a function that makes its stage, the first time and after each failure. What it draws from it asks
    // of the supervisor, who connects the stages again whichever of them is made anew.
    sluice::supervisor pipeline{pool, {.max_restarts = 5}};
    auto numbers = pipeline.add("numbers", [](sluice::supervised& here) {
        return sluice::producer<int>{here, counter, 0, last};
    });
    auto doubled = pipeline.add("doubled", [numbers, &restarts](sluice::supervised& here) {
        restarts = here.restarts();
        auto const killer = restarts == 0 ? last / 2 : -1;
        return sluice::producer_consumer<int, int>{here, here.from(numbers, {.max_demand = 100, .redeliver = true}),
                                                   doubler, killer};
    });
    pipeline.add("summed", [doubled, &total](sluice::supervised& here) {
        return sluice::consumer<int>{here, here.from(doubled), adder, std::ref(total)};
    });
    sluice::run(pipeline);
    // [readme:end]

    std::cout << total.events << " of " << last << " events arrived, their sum is " << total.sum
              << "; the stage in the middle was restarted " << restarts << " time(s)\n";
    bool const complete = total.events == last && total.sum == long(last) * (last - 1);
    return complete && restarts == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
