#pragma once

#include <cstdint>
#include <sluice/testing/explore.hpp>
#include <string>

namespace sluice::testing::detail {

/// One run of a scenario.
struct schedule_outcome {
    std::string text;  ///< what went wrong; empty: nothing
    std::uint64_t steps = 0;
    std::uint64_t hash = 0;

    auto failed() const noexcept -> bool { return !text.empty(); }
    friend auto operator==(schedule_outcome const&, schedule_outcome const&) -> bool = default;
};

/// Runs the scenario on a simulation of its own, and looks for what is left behind. `action`, if any, comes after
/// step `after`.
auto run_schedule(scenario_function const& run, chooser& decider, simulation_options const& options,
                  step_action const* action = nullptr, std::uint64_t after = 0) -> schedule_outcome;

}  // namespace sluice::testing::detail
