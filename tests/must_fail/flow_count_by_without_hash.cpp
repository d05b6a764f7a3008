// EXPECT: flow::reduce_by_key, flow::count_by: the key function must take the event that reaches it by const&
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

struct order {
    int customer;
};

auto counts(std::vector<order> const& orders) { return flow::from(orders) | flow::count_by(); }
