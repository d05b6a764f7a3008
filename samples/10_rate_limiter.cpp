// A service that may be called fifty times in any tenth of a second, and writes to a table that likes many rows at
// once. The limit is on the side of demand: nothing is dropped, and whoever is upstream goes no faster either.
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <ranges>
#include <sluice/sluice.hpp>
#include <vector>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

auto caller(sluice::inlet<int>& in, sluice::outlet<int>& out, std::vector<steady::time_point>& calls)
    -> asio::awaitable<void> {
    while (auto ids = co_await in.receive()) {
        calls.insert(calls.end(), ids->size(), steady::now());
        const bool taken = co_await out.emit(std::move(*ids));
        if (!taken) co_return;
    }
}
auto table(sluice::inlet<std::vector<int>>& in, std::vector<std::size_t>& inserts) -> asio::awaitable<void> {
    while (auto groups = co_await in.receive()) {
        for (auto const& rows : *groups) inserts.push_back(rows.size());
    }
}

int main() {
    std::vector<steady::time_point> calls;
    std::vector<std::size_t> inserts;
    sluice::thread_pool pool;
    // [readme:ready_stages]
    auto ids = sluice::from_range(pool, std::views::iota(0, 230));
    auto allowed = sluice::throttle(pool, sluice::from(ids), {.events = 50, .per = 100ms});
    sluice::producer_consumer<int, int> called{pool, sluice::from(allowed), caller, std::ref(calls)};
    auto rows = sluice::batcher(pool, sluice::from(called), {.size = 100, .timeout = 10s});
    sluice::consumer<std::vector<int>> stored{pool, sluice::from(rows), table, std::ref(inserts)};
    auto const begin = steady::now();
    sluice::run(ids, allowed, called, rows, stored);
    // [readme:end]

    auto const time = std::chrono::duration_cast<std::chrono::milliseconds>(steady::now() - begin);
    std::cout << calls.size() << " calls in " << time.count() << " ms; rows inserted at once:";
    for (auto const size : inserts) std::cout << ' ' << size;
    std::cout << '\n';
    bool const right = calls.size() == 230 && inserts == std::vector<std::size_t>{100, 100, 30} && time >= 400ms;
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
