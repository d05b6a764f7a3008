// EXPECT: flow::session_windows: the time function must take the event that comes to it by const&, and
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;
using namespace std::chrono_literals;

auto sums(std::vector<int> const& numbers) {
    auto const time = [](std::string const&) { return 0; };
    return flow::from(numbers) | flow::session_windows(1s, time, std::identity(), std::plus<>()) |
           flow::reduce(0, [](int& sum, int i) { sum += i; });
}
