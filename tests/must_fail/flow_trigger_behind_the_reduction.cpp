// EXPECT: flow: a trigger stands before the reduction.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;
using namespace std::chrono_literals;

auto sums(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::reduce(0, [](int& sum, int i) { sum += i; }) | flow::trigger_every(10);
}
