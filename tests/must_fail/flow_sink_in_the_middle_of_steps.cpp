// EXPECT: flow::sink: a sink ends a flow. Nothing can be piped behind it.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto drop(sluice::inlet<int>& in) -> boost::asio::awaitable<void> { co_await in.receive(); }

auto steps() {
    return flow::sink(drop) | flow::map([](int i) { return i; });
}
