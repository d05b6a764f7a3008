// A user's program. Whether Asio is header-only or compiled separately is decided by its build alone.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <iostream>
#include <numeric>
#include <sluice/progress.hpp>
#include <sluice/sluice.hpp>
#include <sstream>
#include <utility>

namespace asio = boost::asio;

namespace {

auto counter(sluice::outlet<int>& out, int next, int last) -> asio::awaitable<void> {
    while (auto wanted = co_await out.demand()) {
        auto events = out.make_batch();
        for (; events.size() < *wanted && next < last; ++next) events.push_back(next);
        const bool done = next == last;
        if (!co_await out.emit(std::move(events)) || done) co_return;
    }
}

auto adder(sluice::inlet<int>& in, long& sum) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) sum = std::accumulate(events->begin(), events->end(), sum);
}

// Asio used by the program itself, beside what the library does with it, and in the same context.
auto wait_and_count(long& sum) -> asio::awaitable<void> {
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(1));
    co_await timer.async_wait(asio::use_awaitable);

    auto const executor = co_await asio::this_coro::executor;
    sluice::producer<int> numbers{executor, counter, 0, 1000};
    sluice::consumer<int> summed{executor, sluice::from(numbers), adder, std::ref(sum)};
    co_await sluice::async_run(numbers, summed);
}

}  // namespace

int main() {
    long in_context = 0;
    asio::io_context context;
    asio::co_spawn(context, wait_and_count(in_context), asio::detached);
    context.run();

    long in_pool = 0;
    sluice::thread_pool pool;
    sluice::producer<int> numbers{pool, counter, 0, 1000};
    sluice::consumer<int> summed{pool, sluice::from(numbers), adder, std::ref(in_pool)};
    sluice::run(numbers, summed);

    std::ostringstream shown;
    sluice::progress_bar bar(shown);
    bar.show({.done = 1, .total = 2});
    bar.finish();

    std::cout << "sums: " << in_context << " and " << in_pool << '\n';
    return in_context == 499'500 && in_pool == 499'500 && !shown.str().empty() ? EXIT_SUCCESS : EXIT_FAILURE;
}
