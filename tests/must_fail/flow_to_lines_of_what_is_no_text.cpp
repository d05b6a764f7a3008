// EXPECT: flow::to_lines: the events that come out of the flow must be texts, or have << for std::ostream.
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

struct order {
    int customer;
};

void write(std::vector<order> const& orders, boost::asio::any_io_executor executor) {
    auto const f = flow::from(orders);
    flow::to_lines(f, executor, "orders.txt");
}
