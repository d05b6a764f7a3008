// EXPECT: flow::for_each_async: the function must take the event that comes out, by value, const& or &&, and return
// boost::asio::awaitable<void>.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

void each(std::vector<int> const& numbers, boost::asio::any_io_executor executor) {
    auto const f = flow::from(numbers);
    flow::for_each_async(f, executor, [](int) {});
}
