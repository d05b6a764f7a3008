#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <functional>
#include <sluice/core/api.hpp>
#include <sluice/core/event_time.hpp>
#include <sluice/core/window_options.hpp>
#include <sluice/detail/flow/window_keepers.hpp>
#include <sluice/detail/flow/window_steps.hpp>
#include <sluice/detail/flow/windowed.hpp>
#include <sluice/flow/event_window_options.hpp>
#include <sluice/flow/key_hash.hpp>
#include <string>
#include <type_traits>
#include <utility>

namespace sluice::detail {

SLUICE_API void check_length(std::chrono::nanoseconds length, char const* member);
SLUICE_API void check_count(std::size_t count, char const* member);
SLUICE_API void check_slide(std::chrono::nanoseconds slide, std::chrono::nanoseconds size);
/// `30 min`, in the largest unit that it is a whole number of.
SLUICE_API auto length_text(std::chrono::nanoseconds length) -> std::string;

/// The options in ticks of a unit.
template <class Unit>
auto lateness_in(flow::event_window_options const& options) -> ticks {
    if (options.lateness == flow::forever) return core::greatest_length;
    return core::in_ticks<Unit>(options.lateness, "event_window_options::lateness");
}
template <class Unit>
auto terms_in(flow::event_window_options const& options) -> event_terms {
    return {{options.idle_timeout},
            core::in_ticks<Unit>(options.out_of_order, "event_window_options::out_of_order"),
            options.idle_timeout != flow::forever || options.late_for != flow::forever};
}

template <class By, class In>
concept time_function =
    std::invocable<By&, In const&> && core::event_time<std::remove_cvref_t<std::invoke_result_t<By&, In const&>>>;
template <class By, class In>
using time_unit_of = core::tick_unit_t<std::remove_cvref_t<std::invoke_result_t<By&, In const&>>>;

template <class Fn>
struct of_each_side;  // see window_join.hpp

/// Fixed windows and sliding ones.
template <class By, bool IsSliding>
struct event_window {
    static constexpr char const* kind = IsSliding ? "sliding_windows" : "fixed_windows";
    static constexpr bool is_session = false;

    template <class In>
    static constexpr auto check() -> bool {
        constexpr bool has_time = time_function<By, In>;
        static_assert(has_time,
                      "flow::fixed_windows, flow::sliding_windows: the time function must take the event that comes to "
                      "it by const&, and return an integer, or a std::chrono time_point or duration that counts in "
                      "integers.");
        static_assert(!IsSliding || core::is_copyable<In>,
                      "flow::sliding_windows: the events must be copyable, because each is in several windows.");
        return has_time && (!IsSliding || core::is_copyable<In>);
    }
    template <class In>
    using key = no_key;
    template <class In, class State>
    auto keeper() const -> event_window_keeper<State, By> {
        using unit = time_unit_of<By, In>;
        core::window_options w;
        w.size = core::in_ticks<unit>(size, IsSliding ? "flow::sliding_windows: size" : "flow::fixed_windows: size");
        w.slide = core::in_ticks<unit>(slide, "flow::sliding_windows: slide");
        w.origin = core::in_ticks<unit>(options.origin, "event_window_options::origin");
        w.lateness = lateness_in<unit>(options);
        w.late_for = options.late_for;
        w.max_empty_run = options.max_empty_run;
        return {w, terms_in<unit>(options), by};
    }
    /// Over the events of two sides of a join.
    auto of_sides() const -> event_window<of_each_side<By>, IsSliding> { return {size, slide, {by}, options}; }

    std::chrono::nanoseconds size;
    std::chrono::nanoseconds slide;
    By by;
    flow::event_window_options options;
};

template <class By, class KeyFn, class Merge>
struct session_window {
    static constexpr char const* kind = "session_windows";
    static constexpr bool is_session = true;

    template <class In>
    static constexpr auto check() -> bool {
        constexpr bool has_time = time_function<By, In>;
        constexpr bool has_key = table_key<KeyFn, In>;
        static_assert(has_time,
                      "flow::session_windows: the time function must take the event that comes to it by const&, and "
                      "return an integer, or a std::chrono time_point or duration that counts in integers.");
        static_assert(has_key,
                      "flow::session_windows: the key function must take the event that comes to it by const&, and its "
                      "result be a key for a hash table: copyable, with std::hash and ==.");
        return has_time && has_key;
    }
    template <class In>
    using key = key_of<KeyFn, In>;
    template <class In, class State>
    auto keeper() const -> session_keeper<State, key<In>, By, KeyFn, Merge> {
        using unit = time_unit_of<By, In>;
        core::session_options s;
        s.gap = core::in_ticks<unit>(gap, "flow::session_windows: gap");
        s.lateness = lateness_in<unit>(options);
        s.late_for = options.late_for;
        return {s, terms_in<unit>(options), by, key_fn, merge};
    }

    std::chrono::nanoseconds gap;
    By by;
    KeyFn key_fn;
    Merge merge;
    flow::event_window_options options;
};

struct count_window : window_of_any {
    static constexpr char const* kind = "count_windows";
    template <class In, class State>
    auto keeper() const -> count_keeper<State> {
        return count_keeper<State>(events);
    }

    explicit count_window(std::size_t n) : events(n) {}

    std::size_t events;
};

struct periodic_window : window_of_any {
    static constexpr char const* kind = "periodic_windows";
    template <class In, class State>
    auto keeper() const -> periodic_keeper<State> {
        return periodic_keeper<State>(period);
    }

    explicit periodic_window(std::chrono::nanoseconds length) : period(length) {}

    std::chrono::nanoseconds period;
};

// With a name for pictures.
template <class Window>
auto window_closure(Window window, std::string label) {
    return close_over(window_step<Window>{{std::move(label)}, std::move(window)});
}
template <class Trigger>
auto trigger_closure(Trigger trigger, std::string label) {
    return close_over(trigger_step<Trigger>{{std::move(label)}, std::move(trigger)});
}

}  // namespace sluice::detail
