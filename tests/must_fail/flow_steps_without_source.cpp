// EXPECT: These are steps without a source. Begin the flow with flow::from, flow::from_lines or flow::source.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

void collect(boost::asio::any_io_executor executor) {
    auto const steps = flow::map([](int i) { return i; }) | flow::filter([](int i) { return i > 0; });
    flow::run(steps, executor);
}
