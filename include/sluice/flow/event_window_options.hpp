#pragma once

#include <chrono>
#include <cstddef>
#include <sluice/core/api.hpp>
#include <sluice/core/window_options.hpp>
#include <type_traits>

namespace sluice::flow {

/// A length of time that does not pass.
inline constexpr std::chrono::nanoseconds forever = core::forever;

/// Windows over event time. Lengths must be whole numbers of the unit in which the time function counts: of a
/// std::chrono::sys_time<std::chrono::seconds>, seconds; of a plain integer, milliseconds, as in Flow.
struct event_window_options {
    /// How long in event time a window goes on taking what comes late: when the watermark has passed it, it fires
    /// `watermark`, and `done` when so much more has passed. At least zero, the default; flow::forever: until the end
    /// of the flow, or for late_for.
    std::chrono::nanoseconds lateness = std::chrono::nanoseconds(0);
    /// How long at most in processing time it is kept for that. More than zero; default: for ever. It needs a lateness.
    /// Flow: `allowed_lateness` is `.lateness = flow::forever, .late_for = n`.
    std::chrono::nanoseconds late_for = forever;
    /// A stage before this one that has sent nothing for so long, in processing time, no longer holds back the windows;
    /// when none is left that does, all windows close. More than zero; default: for ever, as in Flow.
    std::chrono::nanoseconds idle_timeout = forever;
    /// By how much events of one stage before may be out of order: windows close so much later. At least zero, the
    /// default. What is out of order within one batch is never late.
    std::chrono::nanoseconds out_of_order = std::chrono::nanoseconds(0);
    /// Windows begin at origin + a multiple of their distance; counted from the epoch of the events' time. Not of
    /// sessions.
    std::chrono::nanoseconds origin = std::chrono::nanoseconds(0);
    /// Windows without events fire too, but only so many in a row; 0: none does. Not of sessions.
    std::size_t max_empty_run = 100'000;
};
static_assert(std::is_trivially_destructible_v<event_window_options>);

/// Throws system_error(errc::invalid_option), which names the member.
SLUICE_API void validate(event_window_options const& options);

}  // namespace sluice::flow
