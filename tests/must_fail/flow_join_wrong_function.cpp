// EXPECT: flow::bounded_join, flow::window_join: the function must take std::optional<L> const& and std::optional<R>
// const&
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto joined(std::vector<int> const& numbers) {
    auto const same = [](int i) { return i; };
    return flow::bounded_join(flow::join_kind::inner, flow::from(numbers), flow::from(numbers), same, same,
                              [](int only_left) { return only_left; });
}
