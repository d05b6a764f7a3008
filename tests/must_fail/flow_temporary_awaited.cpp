// MISTAKE: a flow without a name is awaited
// EXPECT: flow: name the flow, then run it: auto f = flow::from(..) | flow::map(..); co_await flow::async_..(
// INSTEAD: `auto const f = flow::from(numbers) \| flow::map(twice); co_await flow::async_collect(f, pool);`
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto collect(std::vector<int> const& numbers, boost::asio::any_io_executor executor)
    -> boost::asio::awaitable<std::vector<int>> {
    co_return co_await flow::async_collect(flow::from(numbers) | flow::map([](int i) { return i; }), executor);
}
