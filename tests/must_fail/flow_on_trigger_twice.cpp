// EXPECT: flow::on_trigger, flow::emit: a reduction has one of them.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;
using namespace std::chrono_literals;

auto sums(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::reduce(0, [](int& sum, int i) { sum += i; }) | flow::emit(flow::nothing) |
           flow::on_trigger([](int& sum) { return std::vector{sum}; });
}
