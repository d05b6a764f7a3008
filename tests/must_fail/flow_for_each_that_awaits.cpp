// MISTAKE: a coroutine lambda where a plain function is called, so that it would never run
// EXPECT: flow::for_each: the function is a coroutine, and nobody would run it. Use flow::for_each_async.
// INSTEAD: `co_await flow::async_for_each_async(f, pool, send);`
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

void send_all(std::vector<int> const& numbers, boost::asio::any_io_executor const& executor, int& sent) {
    auto const send = [&sent](int) -> boost::asio::awaitable<void> {
        ++sent;
        co_return;
    };
    flow::for_each(flow::from(numbers), executor, send);
}
