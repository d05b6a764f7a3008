// EXPECT: flow::fixed_windows, flow::sliding_windows: the time function must take the event that comes to
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;
using namespace std::chrono_literals;

auto sums(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::fixed_windows(1s, [](int i) { return i * 0.001; }) |
           flow::reduce(0, [](int& sum, int i) { sum += i; });
}
