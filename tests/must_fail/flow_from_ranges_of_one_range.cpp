// EXPECT: flow::from_ranges takes a range of ranges
#include <sluice/flow/flow.hpp>
#include <vector>

namespace flow = sluice::flow;

void wrong() { flow::from_ranges(std::vector<int>()); }
