// EXPECT: flow::flat_map: the function must take the event that reaches it, by value, const& or &&, and return a range.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto flat(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::flat_map([](int i) { return i; });
}
