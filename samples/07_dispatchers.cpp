// One producer, three consumers, and the three ways to share events out among them, side by side: who got what?
#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <numeric>
#include <sluice/sluice.hpp>
#include <utility>
#include <vector>

namespace asio = boost::asio;
using numbers = std::vector<int>;

auto counter(sluice::outlet<int>& out, int next, int last) -> asio::awaitable<void> {
    while (auto wanted = co_await out.demand()) {
        auto events = out.make_batch();
        for (; events.size() < *wanted && next < last; ++next) events.push_back(next);
        const bool done = next == last;
        const bool taken = co_await out.emit(std::move(events));
        if (!taken || done) co_return;
    }
}
auto collector(sluice::inlet<int>& in, numbers& got) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) got.insert(got.end(), events->begin(), events->end());
}

struct received {
    numbers a, b, c;

    void print(char const* title) const {
        std::cout << title << '\n';
        for (auto const& [name, got] : {std::pair("a", &a), std::pair("b", &b), std::pair("c", &c)}) {
            std::cout << "    " << name << " got";
            for (int const each : *got) std::cout << ' ' << each;
            std::cout << '\n';
        }
    }
};

// [readme:shared_out]
// Runs one producer with this dispatcher. Demand waits until all three have subscribed, so that none misses a thing.
template <class Dispatcher>
auto shared_out(Dispatcher dispatcher) -> received {
    received got;
    sluice::thread_pool pool;
    auto const later = sluice::outlet_options{.demand = sluice::demand_flow::accumulate};
    sluice::producer<int> source{pool, later, std::move(dispatcher), counter, 0, 24};
    // Only the partition dispatcher looks at .partition.
    sluice::consumer<int> a{pool, sluice::from(source, {.max_demand = 4, .partition = 0}), collector, std::ref(got.a)};
    sluice::consumer<int> b{pool, sluice::from(source, {.max_demand = 4, .partition = 1}), collector, std::ref(got.b)};
    sluice::consumer<int> c{pool, sluice::from(source, {.max_demand = 4, .partition = 2}), collector, std::ref(got.c)};
    source.set_demand(sluice::demand_flow::forward);
    sluice::run(source, a, b, c);
    return got;
}
// [readme:end]

auto iota(int last) -> numbers {
    numbers all(static_cast<std::size_t>(last));
    std::iota(all.begin(), all.end(), 0);
    return all;
}
auto is_in_order(numbers const& got) -> bool { return std::ranges::is_sorted(got); }

int main() {
    auto const by_demand = shared_out(sluice::demand_dispatcher<int>());
    by_demand.print("demand: each number to one of them, whoever has asked for most");
    auto const broadcast = shared_out(sluice::broadcast_dispatcher<int>());
    broadcast.print("broadcast: each number to all of them");
    auto const modulo = [](int number) -> std::size_t { return static_cast<std::size_t>(number) % 3; };
    auto const partitioned = shared_out(sluice::partition_dispatcher<int>(3, modulo));
    partitioned.print("partition: each number to the one whose partition the hash names, here the rest modulo 3");

    auto all = by_demand.a;
    all.insert(all.end(), by_demand.b.begin(), by_demand.b.end());
    all.insert(all.end(), by_demand.c.begin(), by_demand.c.end());
    std::ranges::sort(all);
    bool right = all == iota(24) && is_in_order(by_demand.a) && is_in_order(by_demand.b) && is_in_order(by_demand.c);
    right &= broadcast.a == iota(24) && broadcast.b == iota(24) && broadcast.c == iota(24);
    right &=
        partitioned.a == numbers{0, 3, 6, 9, 12, 15, 18, 21} && partitioned.b == numbers{1, 4, 7, 10, 13, 16, 19, 22};
    right &= partitioned.c == numbers{2, 5, 8, 11, 14, 17, 20, 23};
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
