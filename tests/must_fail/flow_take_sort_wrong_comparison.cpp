// EXPECT: flow::take_sort: the comparison must take two of the events that reach it by const&
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

struct order {
    int customer;
};

auto best(std::vector<order> const& orders) { return flow::from(orders) | flow::take_sort(10); }
