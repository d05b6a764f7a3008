#pragma once

#include <concepts>
#include <string>

// What the parts of a flow show of themselves, by which flows are put together.

namespace sluice::detail {

/// A step that takes the batches as they come.
template <class Step>
concept batch_step = requires {
    Step::takes_batches;
};

/// A step that makes of an event what it makes, whatever came before: so there may be more stages of it, or fewer.
template <class Step>
concept stateless_step = requires {
    requires Step::is_stateless;
};

/// The origin of a layer whose stages get events as they ask for them.
template <class Origin>
concept even_origin = requires {
    requires Origin::is_even;
};

/// The origin of a layer that may have a name.
template <class Origin>
concept named_origin = requires(Origin const& origin) {
    { origin.name() } -> std::convertible_to<std::string>;
};

/// A step that only says how the others of its layer work.
template <class Step>
concept remark_step = requires {
    Step::is_remark;
};

/// One that says what is done with errors.
template <class Step>
concept guard_step_type = requires {
    typename Step::policy_type;
};

/// An origin that hands on those of the layer before, because there is no exchange between.
template <class Origin>
concept hands_on_remarks = requires(Origin const& o) {
    o.remarks();
};

/// What stands between the beginning of a window and the reduction that ends it; see window_steps.hpp.
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
