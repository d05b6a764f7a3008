// EXPECT: flow::late stands right behind a window or its triggers.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;
using namespace std::chrono_literals;

auto sums(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::late([](int) {}) | flow::reduce(0, [](int& sum, int i) { sum += i; });
}
