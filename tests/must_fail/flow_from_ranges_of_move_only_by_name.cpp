// EXPECT: flow::from_ranges: the events of these ranges cannot be copied
#include <memory>
#include <sluice/flow/flow.hpp>
#include <vector>

namespace flow = sluice::flow;

void wrong(std::vector<std::vector<std::unique_ptr<int>>>& ranges) { flow::from_ranges(ranges); }
