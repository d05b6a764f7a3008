// EXPECT: flow::sink: the body must be callable as body(sluice::inlet<In>&, args...), where In is the event that
// reaches it
#include <sluice/flow/flow.hpp>

#include <string>

namespace flow = sluice::flow;

auto print(sluice::inlet<std::string>& in) -> boost::asio::awaitable<void> { co_await in.receive(); }

auto printed(std::vector<int> const& numbers) { return flow::from(numbers) | flow::sink(print); }
