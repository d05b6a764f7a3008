#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/parallel_pipeline.h>

#include <memory>
#include <tuple>

#include "partition.hpp"
#include "peers.hpp"
#include "tbb.hpp"
#include "work.hpp"

namespace sluice::benchmarks {
namespace {

using tbb::filter_mode;

/// An event, and whose it is.
struct addressed {
    event value = 0;
    std::size_t to = 0;
};
using shared_parts = std::shared_ptr<event_parts>;

// --- parallel_pipeline: hashing and splitting in parallel; then each of four takes what is its own from the token ----

auto addressed_by_hash(event e) -> addressed { return {e, partition_of(e)}; }
auto addressed_by_hash(shared_events const& batch) -> shared_parts {
    return std::make_shared<event_parts>(split(*batch));
}
auto sum_for(addressed const& one, std::size_t consumer) -> event { return one.to == consumer ? sum(one.value) : 0; }
auto sum_for(shared_parts const& parts, std::size_t consumer) -> event { return sum((*parts)[consumer]); }

template <class Parted>
auto taking(sums& totals, std::size_t consumer) {
    return tbb::make_filter<Parted, Parted>(filter_mode::serial_in_order, [&totals, consumer](Parted message) {
        totals[consumer] += sum_for(message, consumer);
        return message;
    });
}

template <class Message, class Parted>
auto pipeline(amount const& w) -> event {
    event next = 0;
    sums totals;
    auto const source = [&](tbb::flow_control& control) -> Message {
        if (next < w.last) return fresh<Message>(next, w.batch);
        control.stop();
        return {};
    };
    auto const hash = [](Message const& message) { return addressed_by_hash(message); };
    auto const last = [&](Parted const& message) { totals[3] += sum_for(message, 3); };
    tbb::parallel_pipeline(w.batch > 1 ? batches_under_way : events_under_way,
                           tbb::make_filter<void, Message>(filter_mode::serial_in_order, source) &
                               tbb::make_filter<Message, Parted>(filter_mode::parallel, hash) &
                               taking<Parted>(totals, 0) & taking<Parted>(totals, 1) & taking<Parted>(totals, 2) &
                               tbb::make_filter<Parted, void>(filter_mode::serial_in_order, last));
    return totals.weighted();
}

// --- flow_graph: a node with four ports ------------------------------------------------------------------------------

using tbb::flow::continue_msg;
using tbb::flow::make_edge;
using tbb::flow::output_port;

template <class Message>
using hashing_node = tbb::flow::multifunction_node<Message, std::tuple<Message, Message, Message, Message>>;

template <class Ports, class Message>
void put(Ports& ports, std::size_t consumer, Message const& message) {
    switch (consumer) {
        case 0: std::get<0>(ports).try_put(message); break;
        case 1: std::get<1>(ports).try_put(message); break;
        case 2: std::get<2>(ports).try_put(message); break;
        default: std::get<3>(ports).try_put(message); break;
    }
}
template <class Ports>
void hash_into(Ports& ports, event one) {
    put(ports, partition_of(one), one);
}
template <class Ports>
void hash_into(Ports& ports, shared_events const& batch) {
    auto parts = split(*batch);
    for (std::size_t i = 0; i < consumers; ++i) put(ports, i, std::make_shared<events>(std::move(parts[i])));
}

// What tells the limiter that there is room. All four have a part of each batch, and it waits for a continue_msg of
// each of its predecessors; but an event is one's alone.
template <class Message>
using room = std::conditional_t<std::is_same_v<Message, event>, int, continue_msg>;
template <class Message>
auto one_more() -> room<Message> {
    if constexpr (std::is_same_v<Message, event>) {
        return 1;
    } else {
        return {};
    }
}

template <class Message>
auto graph(amount const& w) -> event {
    using hashing = hashing_node<Message>;
    using summing = tbb::flow::function_node<Message, room<Message>>;
    event next = 0;
    sums totals;
    tbb::flow::graph g;
    tbb::flow::input_node<Message> source(g, [&](tbb::flow_control& control) -> Message {
        if (next < w.last) return fresh<Message>(next, w.batch);
        control.stop();
        return {};
    });
    tbb::flow::limiter_node<Message, room<Message>> limit(g, w.batch > 1 ? batches_under_way : events_under_way);
    hashing hash(g, tbb::flow::serial,
                 [](Message const& message, typename hashing::output_ports_type& ports) { hash_into(ports, message); });
    auto const sums_to = [](event& total) {
        return [&total](Message const& message) {
            total += sum(content(message));
            return one_more<Message>();
        };
    };
    summing a(g, tbb::flow::serial, sums_to(totals[0]));
    summing b(g, tbb::flow::serial, sums_to(totals[1]));
    summing c(g, tbb::flow::serial, sums_to(totals[2]));
    summing d(g, tbb::flow::serial, sums_to(totals[3]));
    make_edge(source, limit);
    make_edge(limit, hash);
    make_edge(output_port<0>(hash), a);
    make_edge(output_port<1>(hash), b);
    make_edge(output_port<2>(hash), c);
    make_edge(output_port<3>(hash), d);
    for (auto* const each : {&a, &b, &c, &d}) make_edge(*each, limit.decrementer());
    source.activate();
    g.wait_for_all();
    return totals.weighted();
}

}  // namespace

void add_partition_peers(row& to, amount const& w) {
    auto const many = w.batch > 1;
    add_peer(to, "oneTBB parallel_pipeline",
             [=] { return many ? pipeline<shared_events, shared_parts>(w) : pipeline<event, addressed>(w); });
    add_peer(to, "oneTBB flow_graph", [=] { return many ? graph<shared_events>(w) : graph<event>(w); });
}

}  // namespace sluice::benchmarks
