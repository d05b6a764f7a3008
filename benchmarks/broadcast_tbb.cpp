#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/parallel_pipeline.h>

#include <memory>

#include "peers.hpp"
#include "tbb.hpp"
#include "work.hpp"

namespace sluice::benchmarks {
namespace {

using tbb::filter_mode;

// --- parallel_pipeline: it has one line of stages, so each of four looks at the token and passes it on ---------------

template <class Message>
auto looking(event& total) {
    return tbb::make_filter<Message, Message>(filter_mode::serial_in_order, [&total](Message message) {
        total += sum(content(message));
        return message;
    });
}

template <class Message>
auto pipeline(amount const& w) -> event {
    event next = 0;
    sums totals;
    auto const source = [&](tbb::flow_control& control) -> Message {
        if (next < w.last) return fresh<Message>(next, w.batch);
        control.stop();
        return {};
    };
    auto const last = [&](Message const& message) { totals[3] += sum(content(message)); };
    tbb::parallel_pipeline(w.batch > 1 ? batches_under_way : events_under_way,
                           tbb::make_filter<void, Message>(filter_mode::serial_in_order, source) &
                               looking<Message>(totals[0]) & looking<Message>(totals[1]) & looking<Message>(totals[2]) &
                               tbb::make_filter<Message, void>(filter_mode::serial_in_order, last));
    return totals.weighted();
}

// --- flow_graph ------------------------------------------------------------------------------------------------------

template <class Message>
auto graph(amount const& w) -> event {
    using summing = tbb::flow::function_node<Message>;
    event next = 0;
    sums totals;
    tbb::flow::graph g;
    tbb::flow::input_node<Message> source(g, [&](tbb::flow_control& control) -> Message {
        if (next < w.last) return fresh<Message>(next, w.batch);
        control.stop();
        return {};
    });
    tbb::flow::limiter_node<Message> limit(g, w.batch > 1 ? batches_under_way : events_under_way);
    tbb::flow::broadcast_node<Message> all(g);
    auto const sums_to = [](event& total) {
        return [&total](Message const& message) {
            total += sum(content(message));
            return tbb::flow::continue_msg();
        };
    };
    summing a(g, tbb::flow::serial, sums_to(totals[0]));
    summing b(g, tbb::flow::serial, sums_to(totals[1]));
    summing c(g, tbb::flow::serial, sums_to(totals[2]));
    summing d(g, tbb::flow::serial, sums_to(totals[3]));
    tbb::flow::make_edge(source, limit);
    tbb::flow::make_edge(limit, all);
    for (auto* const each : {&a, &b, &c, &d}) {
        tbb::flow::make_edge(all, *each);
        tbb::flow::make_edge(*each, limit.decrementer());  // counts one less when all four have told it
    }
    source.activate();
    g.wait_for_all();
    return totals.weighted();
}

}  // namespace

void add_broadcast_peers(row& to, amount const& w) {
    auto const many = w.batch > 1;
    add_peer(to, "oneTBB parallel_pipeline", [=] { return many ? pipeline<shared_events>(w) : pipeline<event>(w); });
    add_peer(to, "oneTBB flow_graph", [=] { return many ? graph<shared_events>(w) : graph<event>(w); });
}

}  // namespace sluice::benchmarks
