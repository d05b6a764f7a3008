// EXPECT: flow::session_windows: the merge function must be callable as merge(accumulator&, accumulator),
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;
using namespace std::chrono_literals;

void run(std::vector<int> const& numbers, boost::asio::any_io_executor const& executor) {
    auto const merge = [](int& sum, std::string const& more) { sum += static_cast<int>(more.size()); };
    auto const f = flow::from(numbers) | flow::session_windows(1s, std::identity(), std::identity(), merge) |
                   flow::reduce(0, [](int& sum, int i) { sum += i; });
    flow::run(f, executor);
}
