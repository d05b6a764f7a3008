// EXPECT: event that reaches flow::on_error, and not return an awaitable.
#include <sluice/flow/flow.hpp>

#include <vector>

namespace flow = sluice::flow;

auto bury(flow::dead_letter<int>) -> boost::asio::awaitable<void> { co_return; }

auto doubled(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::on_error(flow::to(bury)) | flow::map([](int i) { return 2 * i; });
}
