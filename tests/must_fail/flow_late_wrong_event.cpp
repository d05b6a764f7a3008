// EXPECT: flow::late: the function must take the event that comes to the window, by value, const& or &&.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;
using namespace std::chrono_literals;

auto sums(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::count_windows(10) | flow::late([](std::string const&) {}) |
           flow::reduce(0, [](int& sum, int i) { sum += i; });
}
