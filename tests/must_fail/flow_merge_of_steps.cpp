// EXPECT: flow::merge takes flows that begin with a source and do not end in flow::sink.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto both(std::vector<int> const& numbers) {
    return flow::merge(flow::from(numbers), flow::map([](int i) { return i; }));
}
