#pragma once

#include <cstddef>
#include <sluice/testing/simulation.hpp>

namespace fans {

enum class kind { any, demand, broadcast, weighted, round_robin, partitions };

/// What may happen around one producer with a dispatcher of any kind. The defaults: nothing that could cost an event.
struct profile {
    kind dispatcher = kind::any;
    std::size_t consumers = 4;
    std::size_t events = 14;
    std::size_t disturbances = 0;  ///< consumers that leave or come, stops, at most
    bool pushes = false;           ///< events that do not wait for demand, into a small buffer
    bool informs = true;
    bool redeliver = false;  ///< consumers fail with events in their hands, which others get
};

/// Draws a producer and its consumers, lets them run, and checks of each event by its identity that it was delivered
/// once to each consumer that the dispatcher had to choose, or was discarded visibly.
void run_random_fan(sluice::testing::simulation& home, profile const& may);

}  // namespace fans
