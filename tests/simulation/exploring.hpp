#pragma once

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <sluice/testing/explore.hpp>

#include "graph.hpp"
#include "support/sanitized.hpp"

namespace graphs {

using support::is_sanitized;

/// Fewer schedules where each takes ten times as long. SLUICE_SCHEDULES=n runs n of each kind instead.
inline constexpr auto schedules(std::size_t n) -> std::size_t { return is_sanitized ? n / 20 + 1 : n; }

inline constexpr simulation_options within_bounds{.step_budget = 20'000};

inline auto explore_graphs(char const* name, profile const& may, std::size_t n = 12'000) -> exploration_report {
    explore_options const options{.name = name, .seeds = schedules(n), .simulation = within_bounds};
    auto const report = explore(options, [&](simulation& home) { run_random_graph(home, may); });
    BOOST_TEST_MESSAGE(name << ": " << report);
    return report;
}

/// Long enough for windows to change.
inline constexpr profile adaptive_graphs{
    .producers = 2, .middles = 1, .consumers = 2, .events = 40, .max_demand = 24, .adaptive = true};

/// All that may happen, at once.
inline constexpr profile anything{.throws = 2,
                                  .stops = 2,
                                  .cancels = 3,
                                  .subscriptions = 3,
                                  .moves_throw = false,
                                  .stop_run = true,
                                  .early_ends = true,
                                  .debts = true,
                                  .overflow = true,
                                  .stay_open = true};

}  // namespace graphs
