#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <sluice/child_state.hpp>
#include <sluice/core/api.hpp>
#include <sluice/restart_mode.hpp>
#include <type_traits>

namespace sluice {

/// Names a child of a consumer_supervisor; never used twice by the same one.
using child_id = std::uint64_t;

/// How a consumer_supervisor treats its children. GenStage: ConsumerSupervisor's `init` and its child specification.
struct consumer_supervisor_options {
    using duration = std::chrono::steady_clock::duration;  ///< Of the clock that measures restarts and deadlines.

    /// Whether a child that has failed is run again, with a copy of its event: temporary or transient. With transient
    /// the type of the events must be copyable.
    restart_mode restart = restart_mode::temporary;
    /// So many restarts of all children together within restart_period; with one more the stage fails.
    std::size_t max_restarts = 3;
    /// At least zero; zero counts the restarts of the same moment. OTP: `max_seconds`.
    duration restart_period = std::chrono::seconds(5);
    /// How long a child that has failed waits before it is run again. At least zero. It holds its place meanwhile.
    duration restart_delay = duration::zero();
    /// How long a child that was told to end may take. More than zero; duration::max(): as long as it likes.
    duration shutdown_timeout = std::chrono::seconds(5);
    /// true: the stage does not end when all its subscriptions have; later ones may come, and start_child goes on.
    bool stay_open = false;
};
static_assert(std::is_trivially_destructible_v<consumer_supervisor_options>);

/// How many children there are. GenStage: `count_children`.
struct child_counts {
    std::size_t active = 0;       ///< that run
    std::size_t restarting = 0;   ///< that have failed and wait to be run again
    std::uint64_t started = 0;    ///< ever, restarts not counted
    std::uint64_t restarted = 0;  ///< how often children were run again

    /// GenStage: `workers`.
    auto children() const noexcept -> std::size_t { return active + restarting; }
};
static_assert(std::is_trivially_destructible_v<child_counts>);

/// One child. GenStage: an entry of `which_children`.
struct child_info {
    child_id id = 0;                          ///< which one
    child_state state = child_state::active;  ///< what it is doing
    std::size_t restarts = 0;                 ///< how often it was run again
};
static_assert(std::is_trivially_destructible_v<child_info>);

/// Throws system_error(errc::invalid_option) that names the member and the value.
SLUICE_API void validate(consumer_supervisor_options const& options);

}  // namespace sluice
