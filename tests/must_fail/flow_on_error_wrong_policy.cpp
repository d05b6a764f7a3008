// EXPECT: flow::on_error: the policy is flow::stop, flow::skip, flow::to(sink) or flow::report_to(sink).
#include <sluice/flow/flow.hpp>

#include <vector>

namespace flow = sluice::flow;

auto doubled(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::on_error([](auto const&) {}) | flow::map([](int i) { return 2 * i; });
}
