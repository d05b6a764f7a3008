// MISTAKE: the function of a reduction takes or returns something else
// EXPECT: flow::reduce: the function must be callable as fn(accumulator&, event).
// INSTEAD: `flow::reduce(0, [](int& sum, int event) { sum += event; })`
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto sum(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::reduce(0L, [](int event, std::vector<int>& all) { all.push_back(event); });
}
