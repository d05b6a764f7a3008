// EXPECT: flow::session_windows: the key function must take the event that comes to it by const&, and its
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;
using namespace std::chrono_literals;

struct point {
    int x;
};

auto sums(std::vector<point> const& points) {
    return flow::from(points) | flow::session_windows(1s, &point::x, std::identity(), std::plus<>()) |
           flow::reduce(0, [](int& sum, point const& p) { sum += p.x; });
}
