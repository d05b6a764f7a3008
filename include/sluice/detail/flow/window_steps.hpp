#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <sluice/core/punctuation.hpp>
#include <sluice/detail/flow/fused_step.hpp>
#include <sluice/detail/flow/window_nodes.hpp>
#include <sluice/flow/reduce.hpp>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

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
        core::punctuate_each(
            std::span(&event, 1), [&](In const& e) { return std::invoke(fn, kept, e); }, [&](In const&) { count(); },
            [&] { fire(name); });
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

}  // namespace sluice::detail
