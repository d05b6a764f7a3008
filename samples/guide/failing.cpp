// A stage fails in the middle: what the others see of it, and where every event is in the end.
#include <atomic>
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

auto counter(sluice::outlet<int>& out, int next, int last) -> asio::awaitable<void> {
    while (auto wanted = co_await out.demand()) {
        auto events = out.make_batch();
        for (; events.size() < *wanted && next < last; ++next) events.push_back(next);
        const bool done = next == last;
        const bool taken = co_await out.emit(std::move(events));
        if (!taken || done) co_return;
    }
}

auto storing(sluice::inlet<int>& in, std::size_t& stored) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (int const event : *events) {
            if (event == 1234) throw std::runtime_error("cannot store 1234");
            ++stored;
        }
    }
}

int main() {
    std::size_t stored = 0;
    std::atomic<std::size_t> discarded = 0;  // counted on the strands of both stages
    std::string said;
    sluice::thread_pool pool;
    // [readme:failure]
    sluice::producer<int> numbers{pool, counter, 0, 1'000'000};
    sluice::consumer<int> store{pool, sluice::from(numbers, {.max_demand = 100}), storing, std::ref(stored)};
    auto const count = [&discarded](sluice::batch<int> lost, sluice::discard_reason) { discarded += lost.size(); };
    numbers.on_discard(count);
    store.on_discard(count);
    try {
        sluice::run(numbers, store);
    } catch (std::runtime_error const& error) {
        said = error.what();  // the first failure, as it was thrown; all stages have ended
    }
    // [readme:end]

    // [readme:books]
    auto const emitted = numbers.stats().events_out;
    auto const in_hand = store.stats().lost_in_hand;  // the batch that it was working on
    std::cout << said << ": " << emitted << " emitted, " << stored << " stored, " << in_hand << " in hand, "
              << discarded << " discarded\n";
    bool const right = store.stats().events_in + discarded == emitted && in_hand == 50 && stored == 1234;
    // [readme:end]
    return right && said == "cannot store 1234" ? EXIT_SUCCESS : EXIT_FAILURE;
}
