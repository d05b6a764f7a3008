// EXPECT: flow: what goes on when a trigger fires is a copy of the accumulator, so it must be copyable.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;
using namespace std::chrono_literals;

void run(std::vector<int> const& numbers, boost::asio::any_io_executor const& executor) {
    auto const f = flow::from(numbers) | flow::trigger_every(10) |
                   flow::reduce([] { return std::make_unique<int>(0); }, [](auto& sum, int i) { *sum += i; });
    flow::run(f, executor);
}
