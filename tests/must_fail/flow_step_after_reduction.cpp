// EXPECT: flow::map: the function must take the event that reaches it, by value, const& or &&. Behind flow::reduce an
// event is the accumulator.
#include <sluice/flow/flow.hpp>

#include <string>

namespace flow = sluice::flow;

auto lengths(std::vector<std::string> const& words) {
    auto const longest = flow::from(words) | flow::reduce(0, [](int& most, std::string const&) { ++most; });
    return longest | flow::map([](std::string const& word) { return word.size(); });
}
