// EXPECT: name the flow, then run it: auto f = from(..) | map(..); co_await async_count(f, executor);
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto count(std::vector<int> const& numbers, boost::asio::any_io_executor executor) -> boost::asio::awaitable<void> {
    co_await flow::async_count(flow::from(numbers), executor);
}
