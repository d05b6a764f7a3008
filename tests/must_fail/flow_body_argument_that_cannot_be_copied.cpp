// EXPECT: flow::source, flow::stage, flow::sink: the body and its arguments must be copyable
#include <sluice/flow/flow.hpp>

#include <memory>

namespace flow = sluice::flow;

auto count(sluice::outlet<int>& out, std::unique_ptr<int>) -> boost::asio::awaitable<void> { co_await out.demand(); }

auto counted() { return flow::source<int>(count, std::make_unique<int>(1)); }
