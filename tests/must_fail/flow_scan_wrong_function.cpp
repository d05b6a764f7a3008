// EXPECT: flow::scan: the function must be callable as fn(accumulator&, event).
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto sums(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::scan(0L, [](int event, std::vector<int>& all) { all.push_back(event); });
}
