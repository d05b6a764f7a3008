// Random flows on the simulator.
#include <sluice/testing/invariant.hpp>

#include "grown.hpp"

namespace equivalence {

void run_on_simulation(sluice::testing::simulation& home) {
    auto& decide = home.get_chooser();
    auto const g = grow(decide);
    auto const wait = [&](auto const& has_ended) {
        auto const result = home.run();
        bool const ended = has_ended(std::chrono::seconds(0));
        sluice::testing::invariant(!result.budget_exhausted, "the flow ends in a bounded number of steps");
        sluice::testing::invariant(ended && result.complete(), "the flow ends, and leaves nothing behind");
    };
    run_and_compare(decide, g, home.get_executor(), wait);
}

}  // namespace equivalence
