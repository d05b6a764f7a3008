// EXPECT: flow::sliding_windows: the events must be copyable, because each is in several windows.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;
using namespace std::chrono_literals;

auto counts(std::vector<std::unique_ptr<int>> numbers) {
    auto const time = [](std::unique_ptr<int> const& i) { return *i; };
    return flow::from(std::move(numbers)) | flow::sliding_windows(2s, 1s, time) |
           flow::reduce(0, [](int& n, std::unique_ptr<int>) { ++n; });
}
