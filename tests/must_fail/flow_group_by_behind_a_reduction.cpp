// EXPECT: flow::reduce: a stage reduces once. Put flow::partition between two reductions.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto groups(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::reduce(0L, [](long& sum, int i) { sum += i; }) |
           flow::group_by([](long sum) { return sum; });
}
