// EXPECT: flow::map_batch: the function must take a sluice::batch of the events that reach it
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto batches(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::map_batch([](int i) { return i; });
}
