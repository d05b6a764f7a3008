// EXPECT: flow::trigger_when: the function must be callable as fn(state&, event const&), and return
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;
using namespace std::chrono_literals;

auto sums(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::trigger_when("even", 0, [](int&, int i) { return i % 2 == 0; }) |
           flow::reduce(0, [](int& sum, int i) { sum += i; });
}
