// EXPECT: flow::trigger_every, flow::trigger_when: of these two a window has one.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;
using namespace std::chrono_literals;

auto sums(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::trigger_every(10) | flow::trigger_every(15) |
           flow::reduce(0, [](int& sum, int i) { sum += i; });
}
