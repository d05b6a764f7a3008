// EXPECT: flow: triggers stand right behind their window; steps come behind them.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;
using namespace std::chrono_literals;

auto sums(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::count_windows(100) | flow::map(std::negate<>()) | flow::trigger_every(10) |
           flow::reduce(0, [](int& sum, int i) { sum += i; });
}
