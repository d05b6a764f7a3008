// EXPECT: flow: name the flow, then run it: auto f = flow::from(..) | flow::map(..); co_await flow::async_..(
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto count(std::vector<int> const& numbers, boost::asio::any_io_executor executor) -> boost::asio::awaitable<void> {
    co_await flow::async_count(flow::from(numbers), executor);
}
