// EXPECT: flow::departition stands behind a reduction: each stage of the layer before gives its accumulator.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto all(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::partition() | flow::departition(0L, [](long& sum, int i) { sum += i; });
}
