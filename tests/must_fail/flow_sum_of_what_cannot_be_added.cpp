// EXPECT: flow::sum: the events that come out of the flow must have += and a value to begin with.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

struct order {
    int customer;
};

void sum(std::vector<order> const& orders, boost::asio::any_io_executor executor) {
    auto const f = flow::from(orders);
    flow::sum(f, executor);
}
