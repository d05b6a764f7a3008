// EXPECT: flow::source<T>: the body must be callable as body(sluice::outlet<T>&, args...)
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto count(sluice::outlet<int>& out, int) -> boost::asio::awaitable<void> { co_await out.demand(); }

auto counted() { return flow::source<int>(count); }
