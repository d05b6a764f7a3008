// EXPECT: flow::map_values: the events that reach it must be pairs
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto values(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::map_values([](int i) { return i; });
}
