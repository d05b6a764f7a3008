// EXPECT: flow::on_error stands before a window and its triggers, and holds for the steps in the window, too.
#include <sluice/flow/flow.hpp>

#include <vector>

namespace flow = sluice::flow;

auto sums(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::count_windows(10) | flow::on_error(flow::skip) |
           flow::reduce(0, [](int& sum, int i) { sum += i; });
}
