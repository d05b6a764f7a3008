// EXPECT: flow::map: the function must return an event. Use flow::for_each for a function that returns nothing.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto nothing(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::map([](int) {});
}
