// EXPECT: flow::stage<Out>: the body must be callable as body(sluice::inlet<In>&, sluice::outlet<Out>&, args...)
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto pass(sluice::inlet<long>& in, sluice::outlet<int>&) -> boost::asio::awaitable<void> { co_await in.receive(); }

auto passed(std::vector<int> const& numbers) { return flow::from(numbers) | flow::stage<int>(pass); }
