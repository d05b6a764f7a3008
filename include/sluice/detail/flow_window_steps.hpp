#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <ranges>
#include <sluice/detail/flow_window_nodes.hpp>
#include <sluice/flow/fused_step.hpp>
#include <sluice/flow/reduce.hpp>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::detail {

// What stands between the beginning of a window and the reduction that ends it. None of it runs by itself: when the
// reduction comes, they all become one windowed_step.

template <class Step>
struct window_part_step : fused_step<Step> {
    static constexpr bool is_window_part = true;

    template <class In>
    struct on {
        static_assert(Step::template fits<In>(), "see above");
        using out = In;
    };
    template <class In, class Next>
    auto node(Next) const {
        static_assert(!std::same_as<In, In>,
                      "flow: a window or a trigger was set, but nothing is computed in it. Put flow::reduce, "
                      "flow::group_by or flow::emit_and_reduce behind it, in the same layer.");
    }
};

/// Which window: `Window` makes the keeper.
template <class Window>
struct window_step : window_part_step<window_step<Window>> {
    static constexpr auto part = part_kind::window;
    static constexpr char const* kind = Window::kind;

    template <class In>
    static constexpr auto fits() -> bool {
        return Window::template check<In>();
    }
    template <class Flow>
    auto attach(Flow const& flow) const {
        static_assert(!Flow::has_reduction, "flow: a window stands before the reduction.");
        static_assert(!Flow::template has_part<part_kind::window>(), "flow: a layer has one window.");
        static_assert(!Flow::has_window_part, "flow: triggers stand behind their window.");
        return flow.with(*this);
    }

    Window window;
};

template <class Trigger>
struct trigger_step : window_part_step<trigger_step<Trigger>> {
    static constexpr auto part = part_kind::trigger;
    static constexpr char const* kind = Trigger::kind;
    static constexpr bool sees_events = Trigger::sees_events;

    template <class In>
    static constexpr auto fits() -> bool {
        return Trigger::template check<In>();
    }
    template <class Flow>
    auto attach(Flow const& flow) const {
        static_assert(!Flow::has_reduction, "flow: a trigger stands before the reduction.");
        static_assert(!Trigger::sees_events || !Flow::has_event_trigger,
                      "flow::trigger_every, flow::trigger_when: of these two a window has one.");
        static_assert(!Flow::has_window_part || Flow::ends_in_window_part,
                      "flow: triggers stand right behind their window; steps come behind them.");
        return flow.with(*this);
    }

    Trigger trigger;
};

template <class Fn>
struct late_step : window_part_step<late_step<Fn>> {
    static constexpr auto part = part_kind::late;
    static constexpr char const* kind = "late";

    template <class In>
    static constexpr auto fits() -> bool {
        static_assert(std::invocable<Fn&, In>,
                      "flow::late: the function must take the event that comes to the window, by value, const& or &&.");
        return std::invocable<Fn&, In>;
    }
    template <class Flow>
    auto attach(Flow const& flow) const {
        static_assert(Flow::template has_part<part_kind::window>() && Flow::ends_in_window_part,
                      "flow::late stands right behind a window or its triggers.");
        return flow.with(*this);
    }

    template <class In>
    auto operator()(In&& event) -> bool {
        std::invoke(fn, std::forward<In>(event));
        return true;
    }

    Fn fn;
};

/// Without flow::late: it is counted as lost.
struct nobody_late {
    template <class In>
    auto operator()(In&&) const noexcept -> bool {
        return false;
    }
};

// Triggers. Each has a state in each window.

struct every_trigger {
    static constexpr char const* kind = "trigger_every";
    static constexpr bool sees_events = true;
    using state = std::size_t;
    template <class In>
    static constexpr auto check() -> bool {
        return true;
    }

    auto new_state() const noexcept -> state { return 0; }
    template <class In, class Count, class Fire>
    void put(state& seen, In const&, Count const& count, Fire const& fire) {
        count();
        if (++seen < events) return;
        seen = 0;
        fire(core::trigger_name::every(static_cast<std::int64_t>(events)));
    }
    /// Two sessions join.
    static void merge(state& seen, state more) noexcept { seen += more; }

    std::size_t events;
};

template <class Init, class Fn>
struct punctuating_trigger {
    static constexpr char const* kind = "trigger_when";
    static constexpr bool sees_events = true;
    using state = accumulator_of<Init>;
    template <class In>
    static constexpr auto check() -> bool {
        constexpr bool fits = std::is_invocable_r_v<core::punctuate_at, Fn&, state&, In const&>;
        static_assert(fits,
                      "flow::trigger_when: the function must be callable as fn(state&, event const&), and return "
                      "flow::punctuate_at.");
        return fits;
    }

    auto new_state() const -> state { return first_accumulator(init); }
    template <class In, class Count, class Fire>
    void put(state& kept, In const& event, Count const& count, Fire const& fire) {
        using enum core::punctuate_at;
        core::punctuate_at const where = std::invoke(fn, kept, event);
        if (where == before || where == instead) fire(name);
        if (where != instead && where != skip) count();
        if (where == after) fire(name);
    }
    /// The earlier one's goes on.
    static void merge(state&, state const&) noexcept {}

    core::trigger_name name;
    Init init;
    Fn fn;
};

/// By the clock, for all windows of a stage.
class periodic_trigger {
public:
    static constexpr char const* kind = "trigger_periodically";
    static constexpr bool sees_events = false;
    struct state {};
    template <class In>
    static constexpr auto check() -> bool {
        return true;
    }

    periodic_trigger(window_clock::duration period, core::trigger_name name)
        : period_(period), name_(std::move(name)) {}

    static auto new_state() noexcept -> state { return {}; }
    static void merge(state&, state) noexcept {}
    void begin(window_clock::time_point now) { periods_.emplace(period_, now, "flow::trigger_periodically: period"); }
    auto is_due(window_clock::time_point now) -> bool { return periods_->pass(now) > 0; }
    auto deadline() const -> std::optional<window_clock::time_point> {
        return periods_ ? std::optional(periods_->end()) : std::nullopt;
    }
    auto name() const -> core::trigger_name const& { return name_; }

private:
    window_clock::duration period_;
    core::trigger_name name_;
    std::optional<core::periods> periods_;
};

// What goes on when a window fires. `has_events`: it says of which type that is.

/// `result` of on_trigger: a range, or a range and the accumulator as it is from now on.
template <class T>
struct trigger_result {
    using range = T;
};
template <class Range, class Acc>
    requires(!std::ranges::input_range<std::pair<Range, Acc>>)
struct trigger_result<std::pair<Range, Acc>> {
    using range = Range;
};

template <class Fn, class Acc, class Key>
concept trigger_with_key =
    !std::same_as<Key, no_key> && std::invocable<Fn&, Acc&, flow::trigger_info const&, Key const&>;
template <class Fn, class Acc, class Key>
decltype(auto) call_trigger(Fn& fn, Acc& acc, flow::trigger_info const& info, Key const* key) {
    if constexpr (trigger_with_key<Fn, Acc, Key>) {
        return std::invoke(fn, acc, info, *key);
    } else if constexpr (std::invocable<Fn&, Acc&, flow::trigger_info const&>) {
        return std::invoke(fn, acc, info);
    } else {
        return std::invoke(fn, acc);
    }
}
template <class Fn, class Acc, class Key>
concept trigger_callable =
    trigger_with_key<Fn, Acc, Key> || std::invocable<Fn&, Acc&, flow::trigger_info const&> || std::invocable<Fn&, Acc&>;

/// A window that is not done gives a copy of what it has.
template <class T>
constexpr auto can_give_often(bool has_triggers) -> bool {
    return is_copyable<T> || !has_triggers;
}
/// Throws system_error(errc::invalid_option): there is lateness, and the accumulator cannot be copied.
[[noreturn]] void throw_needs_copies();

/// What the user's function says.
template <class Fn>
struct give_by_function {
    static constexpr char const* kind = "on_trigger";
    static constexpr bool has_events = true;

    template <class Acc, class Key>
    static auto result() {
        if constexpr (trigger_callable<Fn, Acc, Key>) {
            using returned = std::decay_t<decltype(call_trigger(std::declval<Fn&>(), std::declval<Acc&>(),
                                                                std::declval<flow::trigger_info const&>(),
                                                                std::declval<Key const*>()))>;
            using range = typename trigger_result<returned>::range;
            if constexpr (std::ranges::input_range<range>) return std::type_identity<range_element<range>>();
        }
    }
    template <class Acc, class Key, bool HasTriggers>
    static constexpr auto check() -> bool {
        constexpr bool fits = !std::is_void_v<decltype(result<Acc, Key>())>;
        static_assert(fits,
                      "flow::on_trigger: the function must be callable as fn(accumulator&), fn(accumulator&, "
                      "flow::trigger_info const&) or, for sessions, fn(accumulator&, flow::trigger_info const&, key "
                      "const&), and return a range of the events that go on, or a std::pair of it and the accumulator "
                      "from now on.");
        return fits;
    }
    template <class Acc, class Key>
    using out = typename decltype(result<Acc, Key>())::type;

    template <class Box, class End, class Key>
    void operator()(Box& box, End& end, flow::trigger_info const& info, Key const* key) {
        using returned = decltype(call_trigger(fn, end.acc, info, key));
        if constexpr (std::ranges::input_range<std::decay_t<returned>>) {
            box.push_all(call_trigger(fn, end.acc, info, key));
        } else {
            auto [events, acc] = call_trigger(fn, end.acc, info, key);
            box.push_all(std::move(events));
            end.acc = std::move(acc);
        }
    }

    Fn fn;
};

/// The accumulator, as one event. It stays, so it is copied unless the window is done.
struct give_state {
    static constexpr char const* kind = "emit state";
    static constexpr bool has_events = true;

    template <class Acc, class Key, bool HasTriggers>
    static constexpr auto check() -> bool {
        static_assert(can_give_often<Acc>(HasTriggers),
                      "flow: what goes on when a trigger fires is a copy of the accumulator, so it must be copyable. "
                      "Or say by flow::on_trigger what goes on.");
        return can_give_often<Acc>(HasTriggers);
    }
    template <class Acc, class Key>
    using out = Acc;

    template <class Box, class End, class Key>
    void operator()(Box& box, End& end, flow::trigger_info const& info, Key const*) const {
        if (info.trigger.is_done()) {
            box.push(std::move(end.acc));
        } else if constexpr (is_copyable<std::decay_t<decltype(end.acc)>>) {
            box.push(std::as_const(end.acc));
        } else {
            throw_needs_copies();
        }
    }
};

template <class T>
struct free_element {
    using type = T;
};
template <class K, class V>
struct free_element<std::pair<K const, V>> {
    using type = std::pair<K, V>;  // of a map
};

/// The accumulator's elements. Flow: what a reduction does by itself.
struct give_events {
    static constexpr char const* kind = "emit events";
    static constexpr bool has_events = true;

    template <class Acc, class Key, bool HasTriggers>
    static constexpr auto check() -> bool {
        static_assert(std::ranges::input_range<Acc>,
                      "flow::emit(flow::events): the accumulator must be a range. Else say by flow::on_trigger what "
                      "goes on.");
        if constexpr (std::ranges::input_range<Acc>) {
            constexpr bool fits = can_give_often<out<Acc, Key>>(HasTriggers);
            static_assert(fits,
                          "flow: what goes on when a trigger fires are copies of the accumulator's elements, so they "
                          "must be copyable. Or say by flow::on_trigger what goes on.");
            return fits;
        }
        return false;
    }
    template <class Acc, class Key>
    using out = typename free_element<range_element<Acc>>::type;

    template <class Box, class End, class Key>
    void operator()(Box& box, End& end, flow::trigger_info const& info, Key const*) const {
        using acc = std::decay_t<decltype(end.acc)>;
        if (info.trigger.is_done()) {
            box.push_all(std::move(end.acc));
        } else if constexpr (is_copyable<out<acc, Key>>) {
            box.push_all(std::as_const(end.acc));
        } else {
            throw_needs_copies();
        }
    }
};

struct give_nothing {
    static constexpr char const* kind = "emit nothing";
    static constexpr bool has_events = false;

    template <class Acc, class Key, bool HasTriggers>
    static constexpr auto check() -> bool {
        return true;
    }
    template <class Acc, class Key>
    using out = Acc;

    template <class Box, class End, class Key>
    void operator()(Box&, End&, flow::trigger_info const&, Key const*) const noexcept {}
};

/// Of emit_and_reduce: its last function.
template <class Last>
struct give_last {
    static constexpr char const* kind = "";
    static constexpr bool has_events = false;
    static constexpr bool has_last = !std::same_as<Last, nothing_at_end>;

    template <class Acc, class Key, bool HasTriggers>
    static constexpr auto check() -> bool {
        static_assert(
            !has_last || can_give_often<Acc>(HasTriggers),
            "flow::emit_and_reduce: when a trigger fires the last function gets a copy of the accumulator, so "
            "it must be copyable. Or say by flow::on_trigger what goes on.");
        return !has_last || can_give_often<Acc>(HasTriggers);
    }

    template <class Box, class End, class Key>
    void operator()(Box& box, End& end, flow::trigger_info const& info, Key const*) {
        if constexpr (has_last) {
            if (info.trigger.is_done()) {
                box.push_all(std::invoke(last, std::move(end.acc)));
            } else if constexpr (is_copyable<std::decay_t<decltype(end.acc)>>) {
                auto kept = end.acc;
                box.push_all(std::invoke(last, std::move(kept)));
            } else {
                throw_needs_copies();
            }
        }
    }

    Last last;
};

}  // namespace sluice::detail
