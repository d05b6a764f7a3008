// EXPECT: flow::tap: the function must take the event that reaches it by const&
#include <sluice/flow/flow.hpp>

#include <memory>

namespace flow = sluice::flow;

auto tapped(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::map([](int i) { return std::make_unique<int>(i); }) |
           flow::tap([](std::unique_ptr<int>) {});
}
