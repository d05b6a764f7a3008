#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <sluice/core/api.hpp>
#include <sluice/testing/chooser.hpp>
#include <sluice/testing/choosers.hpp>
#include <sluice/testing/invariant.hpp>
#include <sluice/testing/simulation.hpp>
#include <string>
#include <type_traits>
#include <utility>

namespace sluice::testing {

/// What to explore, and how loudly.
struct explore_options {
    /// Printed with failures.
    char const* name = "scenario";

    /// The first seed. Even seeds run in random order, odd ones mostly in order with one handler delayed for long
    /// (chooser_for_seed).
    std::uint64_t first_seed = 0;
    /// How many seeds from there on.
    std::size_t seeds = 1000;

    /// Options of the simulations.
    simulation_options simulation = {};

    /// Runs each seed twice and fails it if the runs differ. Failing seeds are always run twice.
    bool check_determinism = false;

    /// For explore_exhaustively(): of orders that differ only in handlers which have nothing to do with each other,
    /// tries one. Sound if the scenario names what its handlers share besides stages: see reducing_chooser.
    bool one_of_equivalent_orders = false;

    /// Ends after so many failing seeds; at least 1.
    std::size_t stop_after_failures = 1;

    /// How many runs may be spent on making the trace of the first failure simpler. 0: none.
    std::size_t shrink_attempts = 2000;

    /// Where failures are told. Not set: std::cerr. See `quiet`.
    std::ostream* out = nullptr;
    /// Tells nothing: for tests of tests.
    bool quiet = false;

    /// Whether the environment variables are heeded. SLUICE_SEED=n runs that seed alone. SLUICE_SCHEDULES=n runs n
    /// seeds instead of `seeds`. SLUICE_FIRST_SEED=n begins there. SLUICE_TRACE=decisions replays those alone.
    bool heed_environment = true;
};
static_assert(std::is_trivially_destructible_v<explore_options>);

/// A schedule that went wrong.
struct schedule_failure {
    /// Of explore(); the number of the schedule for explore_exhaustively(); of the chooser for after_every_step().
    std::uint64_t seed = 0;
    /// What went wrong, a line each; the first is the first cause.
    std::string text;
    /// Handlers that ran.
    std::uint64_t steps = 0;
    /// What the chooser decided: replay_chooser repeats it.
    trace decisions;
    /// The simplest trace that was found to fail.
    trace shrunk;
    /// How that one fails.
    std::string shrunk_text;
    /// false: a second run with the same seed went otherwise, so there is something that the chooser does not decide.
    bool deterministic = true;
    /// For after_every_step(): the action came after this step. 0 otherwise.
    std::uint64_t after_step = 0;
};

/// What an exploration found.
struct exploration_report {
    /// How many were run.
    std::size_t schedules = 0;
    /// How many of them went wrong.
    std::size_t failures = 0;
    /// Interleavings that differ from each other, among those of the schedules.
    std::size_t distinct = 0;
    /// Handlers that ran in all schedules together.
    std::uint64_t steps = 0;
    /// For explore_exhaustively(): there is no other schedule.
    bool exhausted = false;
    /// With explore_options::one_of_equivalent_orders: schedules that turned out to be the equivalent of an earlier
    /// one.
    std::size_t redundant = 0;
    /// The first one that went wrong.
    std::optional<schedule_failure> first_failure;

    /// Whether none went wrong.
    auto passed() const noexcept -> bool { return failures == 0; }
    /// The same.
    explicit operator bool() const noexcept { return passed(); }
};
/// In words: how many were run, and what went wrong first.
SLUICE_API auto operator<<(std::ostream& out, exploration_report const& report) -> std::ostream&;

/// A scenario builds what it tests on the simulation, runs it, and states what must hold: it throws (see invariant())
/// if that is not so. It must take every arbitrary decision from the chooser, and leave nothing behind.
using scenario_function = std::function<void(simulation&, chooser&)>;

/// What can be explored: called with a simulation and its chooser, or with the simulation alone.
template <typename Scenario>
concept scenario = std::invocable<Scenario&, simulation&, chooser&> || std::invocable<Scenario&, simulation&>;

/// What is done to a simulation between two handlers.
using step_action = std::function<void(simulation&)>;

namespace detail {
SLUICE_API auto explore(explore_options const& options, scenario_function const& run) -> exploration_report;
SLUICE_API auto explore_exhaustively(std::size_t limit, explore_options const& options, scenario_function const& run)
    -> exploration_report;
SLUICE_API auto after_every_step(explore_options const& options, scenario_function const& run,
                                 step_action const& action) -> exploration_report;
SLUICE_API auto replay(trace const& decisions, explore_options const& options, scenario_function const& run)
    -> std::optional<schedule_failure>;

template <typename Scenario>
auto make_scenario(Scenario& run) -> scenario_function {
    if constexpr (std::invocable<Scenario&, simulation&, chooser&>) {
        return [&run](simulation& home, chooser& decider) { run(home, decider); };
    } else {
        return [&run](simulation& home, chooser&) { run(home); };
    }
}
}  // namespace detail

/// Runs a scenario under many seeds. A schedule fails if the scenario throws, if an exception escapes a handler, if an
/// invariant() was violated anywhere, or if something is left behind. What the scenario's objects submit on their way
/// out is still run, but without waiting; after that there must be no queued handler, no timer, no outstanding work,
/// none of what simulation::expect_none() names, and, once the simulation is gone, no event of simulation::events().
/// (Nothing is run, and what is queued does not count, if the scenario ended with stop() or destroy_context().)
///
/// The first failing seed is printed with what went wrong, its decisions, a shrunk trace, and how to run it again.
///
/// @code
/// auto const report = sluice::testing::explore({.name = "three stages", .seeds = 10'000}, three_stages);
/// BOOST_TEST(report.passed());
/// @endcode
template <scenario Scenario>
auto explore(explore_options const& options, Scenario&& run) -> exploration_report {
    return detail::explore(options, detail::make_scenario(run));
}

/// Runs a scenario under every possible schedule, or the first `limit` of them (report.exhausted tells). Only for tiny
/// graphs: ten handlers that are ready together have 3 628 800 orders. Consider simulation = order_alone(), and
/// one_of_equivalent_orders, with which two stages and a few events have some dozens.
template <scenario Scenario>
auto explore_exhaustively(std::size_t limit, Scenario&& run, explore_options const& options = {})
    -> exploration_report {
    return detail::explore_exhaustively(limit, options, detail::make_scenario(run));
}

/// Runs a scenario once to count its n handlers, then n times again, with `action` after the first, second, … n-th
/// handler; all this for each seed of the options, of which a few will do. (SLUICE_SCHEDULES and SLUICE_TRACE mean
/// nothing here.) The scenario must be content with being disturbed so: what it
/// states must hold in spite of the action. Nothing may be left behind; see explore().
///
/// simulation::stop() as action abandons the run, so that the scenario's objects go before the context;
/// simulation::destroy_context() has the context go before them.
template <scenario Scenario>
auto after_every_step(explore_options const& options, Scenario&& run, step_action const& action) -> exploration_report {
    return detail::after_every_step(options, detail::make_scenario(run), action);
}

/// Runs a scenario with recorded decisions. Nothing if it passes.
template <scenario Scenario>
auto replay(trace const& decisions, Scenario&& run, explore_options const& options = {})
    -> std::optional<schedule_failure> {
    return detail::replay(decisions, options, detail::make_scenario(run));
}

}  // namespace sluice::testing
