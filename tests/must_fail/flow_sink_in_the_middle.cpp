// MISTAKE: a step behind `flow::sink`
// EXPECT: flow::sink: a sink ends a flow. Nothing can be piped behind it.
// INSTEAD: put `flow::sink` last; `flow::stage` is for the middle
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto drop(sluice::inlet<int>& in) -> boost::asio::awaitable<void> { co_await in.receive(); }

auto on(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::sink(drop) | flow::map([](int i) { return i; });
}
