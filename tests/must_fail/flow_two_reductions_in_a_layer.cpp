// MISTAKE: two reductions in a layer
// EXPECT: flow::reduce: a stage reduces once. Put flow::partition between two reductions.
// INSTEAD: `… \| flow::reduce(0, sum) \| flow::partition() \| flow::reduce(0, sum)`
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto twice(std::vector<int> const& numbers) {
    auto const add = [](int& sum, int i) { sum += i; };
    return flow::from(numbers) | flow::reduce(0, add) | flow::map([](int i) { return i; }) | flow::reduce(0, add);
}
