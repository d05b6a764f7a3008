// EXPECT: flow::emit(flow::events): the accumulator must be a range. Else say by flow::on_trigger what
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;
using namespace std::chrono_literals;

auto sums(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::reduce(0, [](int& sum, int i) { sum += i; }) | flow::emit(flow::events);
}
