// EXPECT: flow::through takes stages that receive and emit: sluice::producer_consumer<In, Out>.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

void wrong(sluice::consumer<int>& numbers) { flow::through(numbers); }
