// EXPECT: flow::map: the function must take the event that reaches it, by value, const& or &&.
#include <sluice/flow/flow.hpp>

#include <string>

namespace flow = sluice::flow;

auto lengths(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::map([](std::string const& word) { return word.size(); });
}
