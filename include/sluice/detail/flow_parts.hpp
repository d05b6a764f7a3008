#pragma once

namespace sluice::detail {

/// What stands between the beginning of a window and the reduction that ends it; see flow_window_steps.hpp.
enum class part_kind : unsigned char { window, trigger, late };

template <class Step>
concept window_part = requires {
    Step::is_window_part;
};
template <part_kind Kind, class Step>
inline constexpr bool is_part_of_kind = false;
template <part_kind Kind, window_part Step>
inline constexpr bool is_part_of_kind<Kind, Step> = Step::part == Kind;

/// A trigger that is asked about each event.
template <class Step>
concept is_event_trigger = requires {
    requires Step::sees_events;
};

/// A reduction that can be one of windows: in_window() says how.
template <class Step>
concept window_reduction = requires {
    requires Step::is_window_reduction;
};

/// One that can say with what it gives from which window that is.
template <class Step>
concept tagging_step = requires {
    requires Step::gives_tagged;
};
template <class Step>
concept session_step = requires {
    requires Step::is_session;
};

}  // namespace sluice::detail
