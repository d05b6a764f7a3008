// EXPECT: flow::map_batch stands at the beginning of a layer: behind the source, flow::partition or flow::shuffle.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto batches(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::map([](int i) { return i; }) |
           flow::map_batch([](sluice::batch<int> events) { return events; });
}
