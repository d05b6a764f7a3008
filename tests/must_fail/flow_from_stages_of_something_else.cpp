// EXPECT: flow::from_stages takes stages that emit
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

void wrong(sluice::consumer<int>& numbers) { flow::from_stages(numbers); }
