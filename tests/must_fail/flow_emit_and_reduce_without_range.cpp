// EXPECT: flow::emit_and_reduce: the function must be callable as fn(accumulator&, event), and return a range
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto sums(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::emit_and_reduce(0L, [](long& sum, int i) { return sum += i; });
}
