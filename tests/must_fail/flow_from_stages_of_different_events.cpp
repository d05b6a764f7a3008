// EXPECT: flow::from_stages: what the stages emit must be of one type
#include <sluice/flow/flow.hpp>
#include <sluice/intake.hpp>

namespace flow = sluice::flow;

void wrong(sluice::intake<int>& numbers, sluice::intake<long>& others) { flow::from_stages(numbers, others); }
