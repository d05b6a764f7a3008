// EXPECT: flow::tap: the function is a coroutine, and nobody would run it. Use flow::map_async.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto told(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::tap([](int) -> boost::asio::awaitable<void> { co_return; });
}
