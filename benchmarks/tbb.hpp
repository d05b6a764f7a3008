#pragma once

#include <oneapi/tbb/task_arena.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "bench.hpp"
#include "work.hpp"

namespace sluice::benchmarks {

/// Batches in a flow_graph, which copies its messages from node to node.
using shared_events = std::shared_ptr<events>;

/// The next message of a source.
template <class Message>
auto fresh(event& next, std::size_t n) -> Message {
    if constexpr (std::is_same_v<Message, shared_events>) {
        auto message = std::make_shared<events>();
        make(*message, next, n);
        return message;
    } else {
        event message = 0;
        make(message, next, n);
        return message;
    }
}

inline auto content(event& message) -> event& { return message; }
inline auto content(event const& message) -> event const& { return message; }
inline auto content(shared_events const& message) -> events& { return *message; }

/// A way of oneTBB, on two threads: the one that runs it, and one of its own.
template <class Run>
void add_peer(row& to, std::string name, Run run) {
    to.ways.push_back({way::part::peer, std::move(name), [run = std::move(run)] {
                           oneapi::tbb::task_arena two(2);
                           return two.execute(run);
                       }});
}

}  // namespace sluice::benchmarks
