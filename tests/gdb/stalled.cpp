// A pipeline that stands still, because one of its consumers has stopped to receive. Aborts then, for a core.
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <sluice/sluice.hpp>

namespace asio = boost::asio;

// What the debugger is asked to print; outside of all functions, so that no optimization takes it away.
sluice::batch<int> a_batch;
sluice::consumer<int> const* a_handle = nullptr;

namespace {

auto count(sluice::outlet<int>& out) -> asio::awaitable<void> {
    for (int next = 0;;) {
        auto const wanted = co_await out.demand();
        if (!wanted) co_return;
        auto events = out.make_batch();
        while (events.size() < *wanted) events.push_back(next++);
        co_await out.emit(std::move(events));
    }
}

auto double_each(sluice::inlet<int>& in, sluice::outlet<int>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (int& event : *events) event *= 2;
        co_await out.emit(std::move(*events));
    }
}

auto take_all(sluice::inlet<int>& in) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) events->clear();
}

auto stop_to_receive(sluice::inlet<int>& in) -> asio::awaitable<void> {
    auto const events = co_await in.receive();
    asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    co_await never.async_wait(asio::use_awaitable);
}

}  // namespace

auto main() -> int {
    asio::io_context context;
    sluice::producer<int> numbers(context, sluice::broadcast_dispatcher<int>(), count);
    sluice::producer_consumer<int, int> doubled(context, sluice::from(numbers, {.max_demand = 10}), double_each);
    sluice::consumer<int> counted(context, sluice::from(numbers, {.max_demand = 20}), take_all);
    sluice::consumer<int> slow(context, sluice::from(doubled, {.max_demand = 4}), stop_to_receive);
    numbers.set_name("numbers");
    doubled.set_name("doubled");
    counted.set_name("counted");
    slow.set_name("slow");
    sluice::async_run(numbers, doubled, counted, slow, asio::detached);
    context.poll();  // until nothing moves any more

    for (int event : {3, 1, 4}) a_batch.push_back(event);
    a_handle = &slow;
    std::abort();
}
