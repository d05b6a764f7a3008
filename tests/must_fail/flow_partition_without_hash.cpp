// MISTAKE: a partition by a key that has no hash
// EXPECT: flow::partition: std::hash does not know the key.
// INSTEAD: `flow::partition(key)` with a key that `std::hash` knows, or a hash of your own
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

struct order {
    int customer;
};

auto by_order(std::vector<order> const& orders) { return flow::from(orders) | flow::partition(); }
