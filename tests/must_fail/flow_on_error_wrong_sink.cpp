// EXPECT: flow::on_error: the sink must be callable with flow::dead_letter<Event>, where Event is the
#include <sluice/flow/flow.hpp>

#include <string>
#include <vector>

namespace flow = sluice::flow;

auto doubled(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::on_error(flow::to([](flow::dead_letter<std::string> const&) {})) |
           flow::map([](int i) { return 2 * i; });
}
