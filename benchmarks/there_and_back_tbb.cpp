#include <oneapi/tbb/flow_graph.h>

#include "peers.hpp"
#include "tbb.hpp"
#include "work.hpp"

namespace sluice::benchmarks {
namespace {

// Two nodes, each the other's successor.
auto graph(event last) -> event {
    using asker = tbb::flow::multifunction_node<event, std::tuple<event>>;
    event end = 0;
    tbb::flow::graph g;
    asker asking(g, tbb::flow::serial, [&](event value, asker::output_ports_type& ports) {
        value < last ? static_cast<void>(std::get<0>(ports).try_put(value)) : static_cast<void>(end = value);
    });
    tbb::flow::function_node<event, event> answering(g, tbb::flow::serial, [](event value) { return value + 1; });
    tbb::flow::make_edge(tbb::flow::output_port<0>(asking), answering);
    tbb::flow::make_edge(answering, asking);
    asking.try_put(0);
    g.wait_for_all();
    return end;
}

}  // namespace

void add_there_and_back_peers(row& to, std::uint64_t times) {
    add_peer(to, "oneTBB flow_graph", [=] { return graph(times); });
}

}  // namespace sluice::benchmarks
