// Stages that are state machines: handler objects instead of coroutines. A handle_* may return a value or an awaitable.
#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <sluice/sluice.hpp>
#include <span>
#include <utility>

// [readme:handler_object]
// Called with what consumers ask for. Gives back as many events, or fewer and remembers what it owes.
struct fibonacci {
    long current = 0;
    long next = 1;
    long last = 1'000'000'000;

    auto handle_demand(std::size_t wanted) -> sluice::emission<long> {
        sluice::batch<long> events;
        for (; events.size() < wanted && current <= last; current = std::exchange(next, current + next)) {
            events.push_back(current);
        }
        if (current > last) return sluice::emission<long>::last(std::move(events));  // delivered first, then the end
        return events;
    }
};

// Called with the events that have come. What it gives back goes on to its own consumers.
struct even_only {
    auto handle_events(sluice::batch<long> numbers) -> sluice::emission<long> {
        sluice::batch<long> even;
        for (long const number : numbers) {
            if (number % 2 == 0) even.push_back(number);
        }
        return even;
    }
};
// [readme:end]

// Hooks are optional; they are called on the stage's strand, in order with the events.
struct printer {
    long& sum;
    int& ends;

    void handle_subscribe(sluice::subscription const&) { std::cout << "subscribed\n"; }
    void handle_events(std::span<long> numbers) {
        for (long const number : numbers) {
            sum += number;
            std::cout << number << '\n';
        }
    }
    void handle_cancel(sluice::end_reason const& reason, sluice::subscription const&) {
        ++ends;
        std::cout << "ended: " << reason.describe() << '\n';
    }
};

int main() {
    long sum = 0;
    int ends = 0;
    sluice::thread_pool pool;
    // [readme:handler_stages]
    sluice::producer numbers{pool, fibonacci{}};
    sluice::producer_consumer<long, long> even{pool, sluice::from(numbers, {.max_demand = 10}), even_only{}};
    sluice::consumer<long> printed{pool, sluice::from(even, {.max_demand = 4}), printer{sum, ends}};
    sluice::run(numbers, even, printed);
    // [readme:end]

    std::cout << "the even Fibonacci numbers up to a billion add up to " << sum << '\n';
    return sum == 350'704'366 && ends == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
