// EXPECT: flow: a layer has one window.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;
using namespace std::chrono_literals;

auto sums(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::count_windows(10) | flow::fixed_windows(1s, std::identity()) |
           flow::reduce(0, [](int& sum, int i) { sum += i; });
}
