// MISTAKE: the type of the events that a body emits is not named
// EXPECT: flow::source: name the type of the events that the body emits: flow::source<T>(body, args...)
// INSTEAD: `flow::source<int>(counter, 0, 10)`
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto counter(sluice::outlet<int>&, int) -> boost::asio::awaitable<void> { co_return; }

auto numbers() { return flow::source(counter, 3); }
