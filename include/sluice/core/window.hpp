#pragma once

#include <chrono>
#include <cstdint>
#include <ratio>
#include <sluice/core/api.hpp>
#include <sluice/core/event_time.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace sluice::core {

/// From when to when in event time: start is inside, end is not.
struct window_span {
    ticks start = 0;  ///< the first time inside
    ticks end = 0;    ///< the first time after it

    /// Whether a time is inside.
    constexpr auto contains(ticks time) const noexcept -> bool { return start <= time && time < end; }
    friend constexpr auto operator==(window_span const&, window_span const&) -> bool = default;
};

/// How an event stands to the windows it belongs to.
enum class arrival : unsigned char {
    on_time,   ///< The watermark has not passed all of them.
    late,      ///< It has, but one at least is still kept for what comes late: the event counts there.
    too_late,  ///< All are closed: the event counts nowhere. For a side output; Flow drops it.
};

/// What the watermark does to a window.
enum class window_phase : unsigned char {
    watermark,  ///< It has passed the window's end, and the window is kept for what comes late.
    done,       ///< The window is over: this is its last firing.
};

/// What a window is cut by.
enum class window_kind : unsigned char {
    global,    ///< Nothing: there is one, until the end.
    count,     ///< The number of events.
    periodic,  ///< The clock.
    fixed,     ///< Event time; windows lie side by side.
    sliding,   ///< Event time; windows overlap.
    session,   ///< Gaps in event time, of each key.
};

/// Which window: what `on_trigger` is told. Flow: the first two of `{type, id, trigger}`.
struct window_id {
    window_kind kind = window_kind::global;  ///< what it is cut by
    /// global: 0. count, periodic: 0, 1, 2, … in each stage. fixed, sliding, session: where it starts, in ticks (Flow:
    /// milliseconds).
    std::int64_t number = 0;

    friend constexpr auto operator==(window_id const&, window_id const&) -> bool = default;
    friend constexpr auto operator<=>(window_id const&, window_id const&) = default;
};

/// Units that the name of a periodic trigger can have. Flow: the last four.
enum class time_unit : unsigned char {
    nanosecond,   ///< std::chrono::nanoseconds
    microsecond,  ///< std::chrono::microseconds
    millisecond,  ///< std::chrono::milliseconds
    second,       ///< std::chrono::seconds
    minute,       ///< std::chrono::minutes
    hour,         ///< std::chrono::hours
};

/// Why a window fires. Flow: the third of `{type, id, trigger}`.
class trigger_name {
public:
    /// What makes it fire.
    enum class kind : unsigned char {
        done,          ///< The window is over.
        watermark,     ///< Event time has passed its end.
        every,         ///< So many events have come.
        periodically,  ///< So much time is over.
        named,         ///< A function of the user's has said so.
    };

    /// The window is over. Flow: `:done`.
    static auto done() -> trigger_name { return trigger_name(kind::done, 0, {}, {}); }
    /// The watermark has passed the window, which is kept for late events. Flow: `:watermark`.
    static auto watermark() -> trigger_name { return trigger_name(kind::watermark, 0, {}, {}); }
    /// So many events have come. Flow: `{:every, n}`.
    static auto every(std::int64_t events) -> trigger_name { return trigger_name(kind::every, events, {}, {}); }
    /// A period is over. Flow: `{:periodically, n, unit}`; the unit is the one of the duration's type, if it has a
    /// name, and else nanoseconds. The period must fit there.
    template <class Rep, class Period>
    static auto periodically(std::chrono::duration<Rep, Period> period) -> trigger_name {
        constexpr auto unit = unit_of<Period>();
        if constexpr (unit == time_unit::nanosecond) {
            const auto count = std::chrono::duration_cast<std::chrono::nanoseconds>(period).count();
            return trigger_name(kind::periodically, count, unit, {});
        } else {
            return trigger_name(kind::periodically, static_cast<std::int64_t>(period.count()), unit, {});
        }
    }
    /// A punctuation, or somebody, said so under this name. Flow: any term.
    static auto named(std::string name) -> trigger_name { return trigger_name(kind::named, 0, {}, std::move(name)); }
    /// What a phase is called.
    static auto of(window_phase phase) -> trigger_name { return phase == window_phase::done ? done() : watermark(); }

    /// What makes it fire.
    auto why() const noexcept -> kind { return kind_; }
    /// Whether the window is over.
    auto is_done() const noexcept -> bool { return kind_ == kind::done; }
    /// The n of every, and of periodically in its unit; else 0.
    auto count() const noexcept -> std::int64_t { return count_; }
    /// The unit in which periodically counts.
    auto unit() const noexcept -> time_unit { return unit_; }
    /// The name of a named one; else empty.
    auto text() const noexcept -> std::string_view { return text_; }

    friend auto operator==(trigger_name const&, trigger_name const&) -> bool = default;

private:
    trigger_name(kind why, std::int64_t count, time_unit unit, std::string text)
        : kind_(why), unit_(unit), count_(count), text_(std::move(text)) {}

    template <class Period>
    static constexpr auto unit_of() -> time_unit {
        if constexpr (std::is_same_v<Period, std::ratio<3600>>) return time_unit::hour;
        if constexpr (std::is_same_v<Period, std::ratio<60>>) return time_unit::minute;
        if constexpr (std::is_same_v<Period, std::ratio<1>>) return time_unit::second;
        if constexpr (std::is_same_v<Period, std::milli>) return time_unit::millisecond;
        if constexpr (std::is_same_v<Period, std::micro>) return time_unit::microsecond;
        return time_unit::nanosecond;
    }

    kind kind_;
    time_unit unit_;
    std::int64_t count_;
    std::string text_;
};

/// For people: `fixed 1000`, `global`.
SLUICE_API auto to_string(window_id window) -> std::string;
/// For people: `done`, `every 12`, `periodically 10 s`, `watermark`, the name of a named one.
SLUICE_API auto to_string(trigger_name const& trigger) -> std::string;

}  // namespace sluice::core
