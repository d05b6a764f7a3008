// MISTAKE: a coroutine in `flow::map`
// EXPECT: flow::map: the function is a coroutine, and nobody would run it. Use flow::map_async.
// INSTEAD: `flow::map_async({.concurrency = 8}, fetch)`
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto fetched(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::map([](int i) -> boost::asio::awaitable<int> { co_return i; });
}
