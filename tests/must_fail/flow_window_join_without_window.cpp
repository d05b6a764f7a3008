// EXPECT: flow::window_join: the window must be one of flow/windows.hpp, which flow::late may follow.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;
using namespace std::chrono_literals;

auto pairs(std::vector<int> const& a, std::vector<int> const& b) {
    return flow::window_join(flow::join_kind::inner, flow::from(a), flow::from(b), flow::map(std::negate<>()),
                             std::identity(), std::identity(), [](int l, int r) { return l + r; });
}
