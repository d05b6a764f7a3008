// EXPECT: flow::from takes a range, a stage that emits, what sluice::from(stage, options) gives, or a function without
// arguments that returns std::optional<event>.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

void wrong() {
    flow::from([] { return 1; });
}
