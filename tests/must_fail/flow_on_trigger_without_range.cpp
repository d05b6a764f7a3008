// EXPECT: flow::on_trigger: the function must be callable as fn(accumulator&), fn(accumulator&,
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;
using namespace std::chrono_literals;

auto sums(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::reduce(0, [](int& sum, int i) { sum += i; }) |
           flow::on_trigger([](int& sum) { return sum; });
}
