// EXPECT: This flow ends in flow::sink: nothing comes out of it.
#include <sluice/flow/flow.hpp>
#include <sluice/thread_pool.hpp>
#include <vector>

namespace flow = sluice::flow;

auto print(sluice::inlet<int>& in) -> boost::asio::awaitable<void> { co_await in.receive(); }

void wrong(sluice::thread_pool& pool) {
    auto const f = flow::from(std::vector{1, 2, 3}) | flow::sink(print);
    flow::as_producer(f, pool);
}
