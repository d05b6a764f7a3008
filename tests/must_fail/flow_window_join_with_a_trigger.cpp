// EXPECT: flow::window_join: a join has no triggers; its pairs come out at once.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;
using namespace std::chrono_literals;

auto pairs(std::vector<int> const& a, std::vector<int> const& b) {
    auto const window = flow::fixed_windows(1s, std::identity()) | flow::trigger_every(10);
    return flow::window_join(flow::join_kind::inner, flow::from(a), flow::from(b), window, std::identity(),
                             std::identity(), [](int l, int r) { return l + r; });
}
