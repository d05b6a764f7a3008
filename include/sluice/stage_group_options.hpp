#pragma once

#include <chrono>
#include <sluice/core/api.hpp>
#include <type_traits>

namespace sluice {

/// Options of a stage_group.
struct stage_group_options {
    using duration = std::chrono::steady_clock::duration;  ///< Of the clock that measures the deadline.

    /// How long async_stop() lets what is on its way arrive before it stops what still runs. At least zero;
    /// duration::max(): as long as it takes.
    duration drain_timeout = std::chrono::seconds(5);
};
static_assert(std::is_trivially_destructible_v<stage_group_options>);

/// Throws system_error(errc::invalid_option) that names the member and the value.
SLUICE_API void validate(stage_group_options const& options);

}  // namespace sluice
