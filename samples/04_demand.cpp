// max_demand and min_demand at work: when a consumer asks, and for how many. A consumer asks for max_demand events at
// first. It gets them in batches of at most max - min, and asks for what is missing when no more than min are left.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <sluice/sluice.hpp>
#include <string>
#include <utility>

namespace asio = boost::asio;

struct source {
    std::string& story;
    int next = 0;
    int last = 20;

    // Each ask of its consumer is a call.
    auto handle_demand(std::size_t wanted) -> sluice::emission<int> {
        story += " asked(" + std::to_string(wanted) + ")";
        sluice::batch<int> events;
        for (; events.size() < wanted && next < last; ++next) events.push_back(next);
        if (next == last) return sluice::emission<int>::last(std::move(events));
        return events;
    }
};

// Works on each batch for a while; the events of a batch count as outstanding until it comes back for the next one.
auto worker(sluice::inlet<int>& in, std::string& story, int& sum) -> asio::awaitable<void> {
    asio::steady_timer work(co_await asio::this_coro::executor);
    while (auto events = co_await in.receive()) {
        story += " " + std::to_string(events->size());
        for (int const event : *events) sum += event;
        work.expires_after(std::chrono::microseconds(100));
        co_await work.async_wait(asio::use_awaitable);
    }
}

auto told(std::size_t max, std::size_t min) -> std::string {
    std::string story;
    int sum = 0;
    asio::io_context context;  // one thread, so that the story is always the same
    sluice::producer numbers{context, source{story}};
    sluice::consumer<int> worked{context, sluice::from(numbers, {.max_demand = max, .min_demand = min}), worker,
                                 std::ref(story), std::ref(sum)};
    sluice::async_run(numbers, worked, [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    });
    context.run();
    return sum == 190 ? story : " a wrong sum";
}

auto check(std::size_t max, std::size_t min, std::string const& expected) -> bool {
    auto const story = told(max, min);
    std::cout << "max " << max << ", min " << min << ":" << story << '\n';
    return story == expected;
}

int main() {
    std::cout << "20 events. asked(n): what the producer hears; a bare number: a batch that the consumer works on.\n"
                 "What it asks for when it comes back, the producer hears while it works on the next batch.\n";
    bool right = check(10, 5, " asked(10) 5 5 asked(5) 5 asked(5) 5");  // the default: min is half of max
    right &= check(10, 0, " asked(10) 10 asked(10) 10");                // only when all is done: nobody is ahead
    right &= check(10, 7, " asked(10) 3 3 asked(3) 3 asked(3) 1 asked(3) 3 3 asked(4) 3 1");  // early, and for few
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
