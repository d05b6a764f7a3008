// EXPECT: flow::partition: the key function must take the event that reaches it by const&.
#include <sluice/flow/flow.hpp>

#include <string>

namespace flow = sluice::flow;

auto by_length(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::partition({}, [](std::string const& word) { return word.size(); });
}
