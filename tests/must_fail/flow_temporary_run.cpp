// EXPECT: flow: name the flow, then run it: auto f = flow::from(..) | flow::map(..); co_await flow::async_..(
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto run(std::vector<int> const& numbers, boost::asio::any_io_executor executor) -> boost::asio::awaitable<void> {
    co_await flow::async_run(flow::from(numbers) | flow::map([](int i) { return i; }), executor);
}
