#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <sluice/errc.hpp>
#include <string>
#include <utility>

namespace sluice::detail {
template <class T>
struct tick_unit {};
template <std::integral T>
    requires(!std::same_as<T, bool>)
struct tick_unit<T> {
    using type = std::chrono::milliseconds;
};
template <std::integral Rep, class Period>
struct tick_unit<std::chrono::duration<Rep, Period>> {
    using type = std::chrono::duration<std::int64_t, Period>;
};
template <class Clock, std::integral Rep, class Period>
struct tick_unit<std::chrono::time_point<Clock, std::chrono::duration<Rep, Period>>> {
    using type = std::chrono::duration<std::int64_t, Period>;
};
}  // namespace sluice::detail

namespace sluice::core {

/// A moment, or a length, in event time: ticks of the unit in which the user's timestamp function counts, from its
/// epoch. Before the epoch is negative.
///
/// Plain integers of an unknown unit, because then nothing is converted for an event: a function that returns
/// `sys_time<milliseconds>` gives its count, and one that returns a position in a log gives that. What is converted to
/// the same unit, once, is the length of the windows; `in_ticks` does it. Flow: always milliseconds.
using ticks = std::int64_t;

/// The last time that an event can have; `clamp_time` takes one beyond for the nearest one within. In nanoseconds from
/// 1970 the times are the years 1751 to 2189, in microseconds a thousand times as many. What is left of the integer's
/// range is for sums.
inline constexpr ticks greatest_time = 3 * (ticks{1} << 61);
/// The first time that an event can have.
inline constexpr ticks least_time = -greatest_time;

/// Lengths in event time (of windows, gaps, lateness) are at most this: 36 years in nanoseconds.
inline constexpr ticks greatest_length = (ticks{1} << 60) - 1;

/// A watermark that is no event time: nothing is known yet.
inline constexpr ticks before_all = std::numeric_limits<ticks>::min();
/// A watermark that is no event time: nothing will come any more.
inline constexpr ticks end_of_time = std::numeric_limits<ticks>::max();

/// The nearest time that an event can have.
constexpr auto clamp_time(ticks time) noexcept -> ticks { return std::clamp(time, least_time, greatest_time); }

/// The same, but for the two watermarks that are no event times.
constexpr auto clamp_watermark(ticks time) noexcept -> ticks {
    return time == before_all || time == end_of_time ? time : clamp_time(time);
}

/// The quotient rounded down, where `/` rounds towards zero: -1 / 10 is in the window before the one of 1 / 10.
/// `divisor` is positive.
constexpr auto floor_div(ticks dividend, ticks divisor) noexcept -> ticks {
    const auto quotient = dividend / divisor;
    return dividend % divisor < 0 ? quotient - 1 : quotient;
}

/// What a timestamp function may return: an integer (but no bool), or a time_point or a duration that counts in
/// integers. Flow accepts integers only.
template <class T>
concept event_time = requires {
    typename sluice::detail::tick_unit<T>::type;
};

/// The length of a tick: the unit of a time_point or duration, and a millisecond for a plain integer, as in Flow.
template <event_time T>
using tick_unit_t = typename sluice::detail::tick_unit<T>::type;

/// The ticks of an event time: its count. No conversion of units. An integer too large for a tick is the largest one.
template <event_time T>
constexpr auto to_ticks(T time) noexcept -> ticks {
    if constexpr (std::integral<T>) {
        if (std::cmp_greater(time, greatest_time)) return greatest_time;
        return static_cast<ticks>(time);
    } else if constexpr (requires { time.time_since_epoch(); }) {
        return to_ticks(time.time_since_epoch().count());
    } else {
        return to_ticks(time.count());
    }
}

/// The event time of that many ticks. One that does not fit into T is cut as by a cast.
template <event_time T>
constexpr auto from_ticks(ticks count) noexcept -> T {
    if constexpr (std::integral<T>) {
        return static_cast<T>(count);
    } else if constexpr (requires(T time) { time.time_since_epoch(); }) {
        return T(from_ticks<typename T::duration>(count));
    } else {
        return T(static_cast<typename T::rep>(count));
    }
}

/// The length in ticks of `Unit`. Throws errc::invalid_option, with a sentence that begins with `member`, if it is no
/// whole number of them or longer than `greatest_length`.
template <class Unit, class Rep, class Period>
auto in_ticks(std::chrono::duration<Rep, Period> length, char const* member) -> ticks {
    const auto about = std::chrono::duration<long double, typename Unit::period>(length).count();
    constexpr auto most = static_cast<long double>(greatest_length);
    if (!(about >= -most && about <= most)) {
        detail::throw_invalid_option(std::string(member) + " must be at most " + std::to_string(greatest_length) +
                                     " ticks of the events' time (got " + std::to_string(about) + ")");
    }
    const auto whole = std::chrono::floor<Unit>(length);
    if (whole != length) {
        detail::throw_invalid_option(std::string(member) +
                                     " must be a whole number of ticks of the events' time (got " +
                                     std::to_string(about) + ")");
    }
    return static_cast<ticks>(whole.count());
}

}  // namespace sluice::core
