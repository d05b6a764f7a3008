// EXPECT: flow: triggers stand behind their window.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;
using namespace std::chrono_literals;

auto sums(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::trigger_every(10) | flow::count_windows(100) |
           flow::reduce(0, [](int& sum, int i) { sum += i; });
}
