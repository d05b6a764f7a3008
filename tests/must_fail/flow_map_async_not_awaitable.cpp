// EXPECT: flow::map_async: the function must take the event that reaches it, by value, const& or &&, and
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto doubled(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::map_async([](int i) { return 2 * i; });
}
