// EXPECT: flow::take_while: the function must take the event that reaches it by const&
#include <sluice/flow/flow.hpp>

#include <string>

namespace flow = sluice::flow;

auto some(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::take_while([](std::string const& word) { return word.empty(); });
}
