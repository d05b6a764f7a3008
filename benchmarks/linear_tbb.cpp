#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/parallel_pipeline.h>

#include <memory>

#include "peers.hpp"
#include "tbb.hpp"
#include "work.hpp"

namespace sluice::benchmarks {
namespace {

using tbb::filter_mode;

// --- parallel_pipeline: a token is a batch or an event ---------------------------------------------------------------

auto pipeline_of_batches(amount const& w) -> event {
    event next = 0;
    event total = 0;
    auto const source = [&](tbb::flow_control& control) -> events* {
        if (next == w.last) {
            control.stop();
            return nullptr;
        }
        auto batch = std::make_unique<events>();
        make(*batch, next, w.batch);
        return batch.release();
    };
    auto const adding = [](events* batch) {
        add_one(*batch);
        return batch;
    };
    auto const summing = [&](events* got) {
        std::unique_ptr<events> const batch(got);
        total += sum(*batch);
    };
    tbb::parallel_pipeline(batches_under_way,
                           tbb::make_filter<void, events*>(filter_mode::serial_in_order, source) &
                               tbb::make_filter<events*, events*>(filter_mode::parallel, adding) &
                               tbb::make_filter<events*, events*>(filter_mode::parallel, adding) &
                               tbb::make_filter<events*, void>(filter_mode::serial_in_order, summing));
    return total;
}

auto pipeline_of_events(amount const& w) -> event {
    event next = 0;
    event total = 0;
    auto const source = [&](tbb::flow_control& control) -> event {
        event one = 0;
        next == w.last ? control.stop() : make(one, next, 1);
        return one;
    };
    auto const adding = [](event one) {
        add_one(one);
        return one;
    };
    tbb::parallel_pipeline(events_under_way, tbb::make_filter<void, event>(filter_mode::serial_in_order, source) &
                                                 tbb::make_filter<event, event>(filter_mode::parallel, adding) &
                                                 tbb::make_filter<event, event>(filter_mode::parallel, adding) &
                                                 tbb::make_filter<event, void>(filter_mode::serial_in_order,
                                                                               [&](event one) { total += sum(one); }));
    return total;
}

// --- flow_graph ------------------------------------------------------------------------------------------------------

// Messages are copied from node to node, so a batch goes by a pointer.
template <class Message>
auto graph(amount const& w) -> event {
    event next = 0;
    event total = 0;
    tbb::flow::graph g;
    tbb::flow::input_node<Message> source(g, [&](tbb::flow_control& control) {
        if (next == w.last) {
            control.stop();
            return Message();
        }
        return fresh<Message>(next, w.batch);
    });
    tbb::flow::limiter_node<Message> limit(g, w.batch > 1 ? batches_under_way : events_under_way);
    auto const adding = [](Message message) {
        add_one(content(message));
        return message;
    };
    tbb::flow::function_node<Message, Message> once(g, tbb::flow::serial, adding);
    tbb::flow::function_node<Message, Message> twice(g, tbb::flow::serial, adding);
    tbb::flow::function_node<Message> summing(g, tbb::flow::serial, [&](Message const& message) {
        total += sum(content(message));
        return tbb::flow::continue_msg();
    });
    tbb::flow::make_edge(source, limit);
    tbb::flow::make_edge(limit, once);
    tbb::flow::make_edge(once, twice);
    tbb::flow::make_edge(twice, summing);
    tbb::flow::make_edge(summing, limit.decrementer());
    source.activate();
    g.wait_for_all();
    return total;
}

}  // namespace

void add_linear_peers(row& to, amount const& w) {
    auto const many = w.batch > 1;
    add_peer(to, "oneTBB parallel_pipeline", [=] { return many ? pipeline_of_batches(w) : pipeline_of_events(w); });
    add_peer(to, "oneTBB flow_graph", [=] { return many ? graph<shared_events>(w) : graph<event>(w); });
}

}  // namespace sluice::benchmarks
