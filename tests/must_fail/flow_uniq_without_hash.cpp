// EXPECT: flow::uniq, flow::uniq_by: the key function must take the event that reaches it by const&, and its result be
// a key for a hash table
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

struct order {
    int customer;
};

auto once(std::vector<order> const& orders) { return flow::from(orders) | flow::uniq(); }
