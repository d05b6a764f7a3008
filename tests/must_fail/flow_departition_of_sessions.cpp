// EXPECT: flow::departition: each session lies in one stage, there is nothing to bring together. Put
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;
using namespace std::chrono_literals;

auto sums(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::session_windows(1s, std::identity(), std::identity(), std::plus<>()) |
           flow::reduce(0, [](int& sum, int i) { sum += i; }) | flow::departition(0, [](int& all, int i) { all += i; });
}
