// EXPECT: flow::stage: name the type of the events that the body emits: flow::stage<Out>(body, args...)
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto doubler(sluice::inlet<int>&, sluice::outlet<int>&) -> boost::asio::awaitable<void> { co_return; }

auto doubled(std::vector<int> const& numbers) { return flow::from(numbers) | flow::stage(doubler); }
