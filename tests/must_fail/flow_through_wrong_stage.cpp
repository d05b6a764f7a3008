// EXPECT: flow::through: the stages must receive the events that reach them
#include <sluice/flow/flow.hpp>
#include <string>
#include <vector>

namespace flow = sluice::flow;

auto wrong(sluice::producer_consumer<std::string, int>& lengths) {
    return flow::from(std::vector{1, 2, 3}) | flow::through(lengths);
}
