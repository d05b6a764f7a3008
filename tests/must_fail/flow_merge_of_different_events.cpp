// EXPECT: flow::merge: what comes out of the flows must be of one type.
#include <sluice/flow/flow.hpp>

#include <string>

namespace flow = sluice::flow;

auto both(std::vector<int> const& numbers, std::vector<std::string> const& texts) {
    return flow::merge(flow::from(numbers), flow::from(texts));
}
