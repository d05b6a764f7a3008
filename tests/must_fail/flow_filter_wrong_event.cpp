// EXPECT: flow::filter, flow::reject: the function must take the event that reaches it by const&
#include <sluice/flow/flow.hpp>

#include <memory>

namespace flow = sluice::flow;

auto owned(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::map([](int i) { return std::make_unique<int>(i); }) |
           flow::filter([](std::unique_ptr<int> p) { return *p > 0; });
}
