// EXPECT: flow::from_batches: the function must be callable as fn(std::size_t wanted) and return std::optional
#include <sluice/flow/flow.hpp>
#include <vector>

namespace flow = sluice::flow;

void wrong() {
    flow::from_batches([](std::size_t wanted) { return std::vector<int>(wanted); });
}
