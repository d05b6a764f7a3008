// EXPECT: flow::reduce: the function is a coroutine, and nobody would run it. Put flow::map_async before it.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto summed(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::reduce(0, [](int&, int) -> boost::asio::awaitable<void> { co_return; });
}
