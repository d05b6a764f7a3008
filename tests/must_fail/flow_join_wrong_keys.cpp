// EXPECT: flow::bounded_join, flow::window_join: the keys of both sides must have the same type
#include <sluice/flow/flow.hpp>

#include <string>

namespace flow = sluice::flow;

auto joined(std::vector<int> const& numbers, std::vector<std::string> const& names) {
    return flow::bounded_join(
        flow::join_kind::inner, flow::from(numbers), flow::from(names), [](int i) { return i; },
        [](std::string const& name) { return name; }, [](int, std::string const& name) { return name; });
}
