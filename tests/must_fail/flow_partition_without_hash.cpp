// EXPECT: flow::partition: std::hash does not know the key.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

struct order {
    int customer;
};

auto by_order(std::vector<order> const& orders) { return flow::from(orders) | flow::partition(); }
