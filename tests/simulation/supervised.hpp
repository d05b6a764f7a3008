#pragma once

#include <sluice/testing/simulation.hpp>

namespace supervised_scenarios {

/// A source, some stages, a sink, all of which may fail, one of them: with redelivery each event arrives once.
void run_chain(sluice::testing::simulation& home);

/// A source whose dispatcher is of any kind and some sinks, under any strategy: whoever fails, and however often, each
/// event has arrived, or was in the hands of one that failed, or was discarded visibly; and none has arrived twice.
void run_fan(sluice::testing::simulation& home);

}  // namespace supervised_scenarios
