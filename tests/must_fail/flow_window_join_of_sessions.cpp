// EXPECT: flow::window_join: sessions cannot be joined; take another window.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;
using namespace std::chrono_literals;

auto pairs(std::vector<int> const& a, std::vector<int> const& b) {
    auto const merge = [](auto&, auto&&) {};
    auto const sessions = flow::session_windows(1s, std::identity(), std::identity(), merge);
    return flow::window_join(flow::join_kind::inner, flow::from(a), flow::from(b), sessions, std::identity(),
                             std::identity(), [](int l, int r) { return l + r; });
}
