// EXPECT: This flow ends in flow::sink: nothing comes out of it. Run it with flow::run or flow::async_run.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto drop(sluice::inlet<int>& in) -> boost::asio::awaitable<void> { co_await in.receive(); }

void collect(std::vector<int> const& numbers, boost::asio::any_io_executor executor) {
    auto const f = flow::from(numbers) | flow::sink(drop);
    flow::collect(f, executor);
}
