#pragma once

#include <chrono>
#include <cstddef>
#include <sluice/child_state.hpp>
#include <sluice/core/api.hpp>
#include <sluice/restart_mode.hpp>
#include <string>
#include <type_traits>

namespace sluice {

/// Which children are restarted when one is. OTP: the strategies of `supervisor`.
enum class restart_strategy {
    one_for_one,   ///< That one.
    rest_for_one,  ///< That one and all that were added after it, which may hold what it has told them.
    one_for_all,   ///< All: the pipeline begins anew.
};

/// Options of a supervisor.
struct supervisor_options {
    using duration = std::chrono::steady_clock::duration;  ///< Of the clock that measures restarts and deadlines.

    /// Who is restarted together.
    restart_strategy strategy = restart_strategy::one_for_one;
    /// So many failures are answered by a restart within restart_period; with one more the supervisor fails with the
    /// last cause.
    std::size_t max_restarts = 3;
    /// At least zero; zero counts the restarts of the same moment. OTP: `max_seconds`.
    duration restart_period = std::chrono::seconds(5);
};
static_assert(std::is_trivially_destructible_v<supervisor_options>);

/// How one child of a supervisor is treated.
struct child_options {
    /// transient, the default: when it fails. permanent: also when it ends normally. temporary: never.
    restart_mode restart = restart_mode::transient;
};
static_assert(std::is_trivially_destructible_v<child_options>);

/// One child of a supervisor.
struct supervised_info {
    std::string name;                         ///< as supervisor::add() was given it
    child_state state = child_state::active;  ///< what it is doing
    std::size_t restarts = 0;                 ///< how often it was made again
};

/// Throws system_error(errc::invalid_option) that names the member and the value.
SLUICE_API void validate(supervisor_options const& options);

}  // namespace sluice
