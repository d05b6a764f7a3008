#pragma once

#include <chrono>
#include <cstddef>
#include <sluice/core/api.hpp>
#include <sluice/core/event_time.hpp>
#include <type_traits>

namespace sluice::core {

/// The clock of processing time. Nothing in the core reads it: the caller says what time it is.
using processing_clock = std::chrono::steady_clock;

/// A length of processing time that does not pass.
inline constexpr auto forever = processing_clock::duration::max();

/// Fixed and sliding windows over event time. Lengths are in ticks, see event_time.hpp.
struct window_options {
    /// How long a window is. 1 … greatest_length.
    ticks size = 0;
    /// How far apart windows begin. 1 … size; 0, the default, is size: a fixed window, and each event is in one. With
    /// less, each event is in size / slide of them. Not more than size, because then events would be in no window.
    ticks slide = 0;
    /// Windows begin at origin + k × slide. For days that begin at midnight elsewhere, say. Within ± greatest_length.
    ticks origin = 0;
    /// For how long, in event time, a window goes on after the watermark has passed its end: it fires `watermark` then,
    /// is kept, takes what comes late, and fires `done` when the watermark has passed end + lateness. 0 …
    /// greatest_length; 0: it fires `done` at once and what comes late is too late.
    ticks lateness = 0;
    /// For how long at most it is kept like that in processing time, since the watermark passed its end. More than 0.
    /// Flow: `allowed_lateness` is this one, and knows no lateness in event time; so it is late_for = n with
    /// lateness = greatest_length.
    processing_clock::duration late_for = forever;
    /// Windows without events fire too, as in Flow, but of those that follow on each other only so many: one wrong
    /// timestamp must not make a billion. 0: empty windows do not fire.
    std::size_t max_empty_run = 100'000;
};
static_assert(std::is_trivially_destructible_v<window_options>);

/// Sessions over event time, for each key: events less than a gap apart are in the same one.
struct session_options {
    /// A session ends so long after its last event, in ticks. 1 … greatest_length.
    ticks gap = 0;
    /// As window_options::lateness.
    ticks lateness = 0;
    /// As window_options::late_for.
    processing_clock::duration late_for = forever;
};
static_assert(std::is_trivially_destructible_v<session_options>);

/// Watermarks of several upstreams.
struct watermark_options {
    /// An upstream that has said nothing for so long, in processing time, no longer holds the others back. More than 0.
    /// Flow: forever.
    processing_clock::duration idle_timeout = forever;
};
static_assert(std::is_trivially_destructible_v<watermark_options>);

/// Throws errc::invalid_option and names the member and its value.
SLUICE_API void validate(window_options const& options);
/// The same.
SLUICE_API void validate(session_options const& options);
/// The same.
SLUICE_API void validate(watermark_options const& options);

}  // namespace sluice::core
