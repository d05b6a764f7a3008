// EXPECT: flow::on_error: events that cannot be copied cannot be kept for the sink. Use flow::report_to
#include <sluice/flow/flow.hpp>

#include <memory>
#include <vector>

namespace flow = sluice::flow;

auto numbers(std::vector<int> const& all) {
    return flow::from(all) | flow::map([](int i) { return std::make_unique<int>(i); }) |
           flow::on_error(flow::to([](auto const&) {})) | flow::map([](std::unique_ptr<int> const& i) { return *i; });
}
