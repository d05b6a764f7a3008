#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <sluice/detail/flow/window_folds.hpp>
#include <sluice/detail/flow/window_steps.hpp>
#include <sluice/flow/graph.hpp>
#include <sluice/flow/groups.hpp>
#include <sluice/flow/key_hash.hpp>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::detail {

/// A reduction of which flow::on_trigger may say what goes on.
template <class Fold>
inline constexpr bool takes_triggers = true;
template <class Fold>
    requires requires { Fold::takes_triggers; }
inline constexpr bool takes_triggers<Fold> = Fold::takes_triggers;

/// Windows that do not look at events.
struct window_of_any {
    static constexpr bool is_session = false;
    template <class In>
    static constexpr auto check() -> bool {
        return true;
    }
    template <class In>
    using key = no_key;
};

/// Without a window step there is one window.
struct global_windows : window_of_any {
    static constexpr char const* kind = "global";
    template <class In, class State>
    auto keeper() const -> global_keeper<State> {
        return {};
    }
};

/// What a window_node is made of but for its keeper.
template <class Key, class Steps, class Fold, class Triggers, class Late, class Give>
class window_parts;
template <class Key, class... Steps, class Fold, class... Triggers, class Late, class Give>
class window_parts<Key, std::tuple<Steps...>, Fold, std::tuple<Triggers...>, Late, Give> {
    template <class In>
    using mapped = typename chain_output<In, Steps...>::type;
    template <class In>
    using accumulator = typename Fold::template accumulator<mapped<In>>;

    template <class In>
    static auto output() {
        constexpr bool fits = Give::template check<accumulator<In>, Key, false>();
        if constexpr (Fold::emits) {
            using event = typename Fold::template out<mapped<In>>;
            if constexpr (fits && Give::has_events) {
                static_assert(std::same_as<event, typename Give::template out<accumulator<In>, Key>>,
                              "flow::on_trigger, flow::emit: behind flow::emit_and_reduce they must give the same "
                              "events as its function.");
            }
            return std::type_identity<event>();
        } else if constexpr (fits) {
            return std::type_identity<typename Give::template out<accumulator<In>, Key>>();
        } else {
            return std::type_identity<In>();
        }
    }

public:
    template <class In>
    using out = typename decltype(output<In>())::type;
    template <class In>
    using chain = decltype(make_chain<In, 0>(
        std::declval<std::tuple<Steps...> const&>(),
        std::declval<Fold const&>().template end<mapped<In>>(std::declval<outbox<out<In>>&>())));
    template <class In>
    using state = window_state<chain<In>, Triggers...>;

    /// When all has been said: can it be given at triggers?
    template <class In>
    static constexpr auto check() -> bool {
        return Give::template check<accumulator<In>, Key, (sizeof...(Triggers) > 0)>();
    }

    window_parts(std::tuple<Steps...> steps, Fold fold, std::tuple<Triggers...> triggers, Late late, Give give)
        : steps_(std::move(steps)),
          fold_(std::move(fold)),
          triggers_(std::move(triggers)),
          late_(std::move(late)),
          give_(std::move(give)) {}

    template <class In>
    auto new_state(outbox<out<In>>& box) const -> state<In> {
        auto end = fold_.template end<mapped<In>>(box);
        auto kept = std::apply([](auto const&... each) { return std::tuple(each.new_state()...); }, triggers_);
        return {make_chain<In, 0>(steps_, std::move(end)), std::move(kept)};
    }
    template <class Box, class End>
    void give(Box& box, End& end, flow::trigger_info const& info, Key const* key) {
        give_(box, end, info, key);
    }
    template <class In>
    auto late(In&& event) -> bool {
        return late_(std::forward<In>(event));
    }

    /// Counts an event, as the trigger that looks at events says, if there is one.
    template <class States, class In, class Count, class Fire>
    void put(States& states, In const& event, Count const& count, Fire const& fire) {
        constexpr auto at = seer();
        if constexpr (at == sizeof...(Triggers)) {
            count();
        } else {
            std::get<at>(triggers_).put(std::get<at>(states), event, count, fire);
        }
    }

    void begin(window_clock::time_point now) {
        each_periodic([&](periodic_trigger& trigger) { trigger.begin(now); });
    }
    static constexpr auto is_timed() noexcept -> bool { return (std::same_as<Triggers, periodic_trigger> || ...); }
    /// The triggers that fire now, by name.
    auto due(window_clock::time_point now) -> std::vector<core::trigger_name> {
        std::vector<core::trigger_name> names;
        each_periodic([&](periodic_trigger& trigger) {
            if (trigger.is_due(now)) names.push_back(trigger.name());
        });
        return names;
    }
    auto deadline() const -> std::optional<window_clock::time_point> {
        std::optional<window_clock::time_point> first;
        each_periodic([&](periodic_trigger const& trigger) { first = earlier(first, trigger.deadline()); });
        return first;
    }

private:
    static constexpr auto seer() noexcept -> std::size_t {
        std::size_t at = 0;
        static_cast<void>(((Triggers::sees_events || (++at, false)) || ...));
        return at;
    }
    template <class Visit>
    void each_periodic(Visit const& visit) {
        std::apply([&](auto&... each) { (visit_periodic(each, visit), ...); }, triggers_);
    }
    template <class Visit>
    void each_periodic(Visit const& visit) const {
        std::apply([&](auto&... each) { (visit_periodic(each, visit), ...); }, triggers_);
    }
    template <class Trigger, class Visit>
    static void visit_periodic(Trigger& trigger, Visit const& visit) {
        if constexpr (std::same_as<std::remove_const_t<Trigger>, periodic_trigger>) visit(trigger);
    }

    std::tuple<Steps...> steps_;
    Fold fold_;
    std::tuple<Triggers...> triggers_;
    Late late_;
    Give give_;
};

template <class Give>
struct give_tagged;  // see window_gather.hpp

/// `IsSaid`: flow::on_trigger or flow::emit has said what goes on.
template <class Window, class Steps, class Fold, class Triggers, class Late, class Give, bool IsSaid = false>
struct windowed_step {
    static constexpr char const* kind = "reduce";
    static constexpr bool is_reduction = true;
    static constexpr bool is_window_reduction = takes_triggers<Fold>;
    static constexpr bool gives_tagged = !Fold::emits && !Window::is_session;
    /// The same, and each event says from which window it is.
    auto tagged() const {
        using changed = windowed_step<Window, Steps, Fold, Triggers, Late, give_tagged<Give>, IsSaid>;
        return changed{window, steps, fold, triggers, late, {give}, shown, label};
    }
    static constexpr bool is_session = Window::is_session;
    static constexpr bool is_said = IsSaid;
    static constexpr bool is_sink = false;
    template <class In>
    using parts = window_parts<typename Window::template key<In>, Steps, Fold, Triggers, Late, Give>;

    template <class In>
    struct on {
        using out = typename parts<In>::template out<In>;
    };
    template <class In, class Next>
    auto node(Next next) const {
        static_assert(parts<In>::template check<In>(), "see above");
        using state = typename parts<In>::template state<In>;
        using keeper = decltype(window.template keeper<In, state>());
        return window_node<In, keeper, parts<In>, Next>(window.template keeper<In, state>(),
                                                        parts<In>(steps, fold, triggers, late, give), std::move(next));
    }
    /// The same with something else that goes on when a window fires.
    template <class Other>
    auto giving(Other other) const {
        using changed = windowed_step<Window, Steps, Fold, Triggers, Late, Other, true>;
        return changed{window, steps, fold, triggers, late, std::move(other), shown, label};
    }

    /// As which errors name it.
    auto title() const -> std::string {
        std::string all;
        for (auto const& each : shown) all += (all.empty() ? "" : " | ") + step_title(each.first.c_str(), each.second);
        return all;
    }
    void draw(flow::graph& g, std::size_t at) const {
        for (auto const& each : shown) g.add_step(at, each.first.c_str(), each.second);
        if (IsSaid && *Give::kind != '\0') g.add_step(at, Give::kind, label);
    }

    Window window;
    Steps steps;
    Fold fold;
    Triggers triggers;
    Late late;
    Give give;
    std::vector<std::pair<std::string, std::string>> shown;  // the steps it was made of: kinds and names
    std::string label = {};
};

template <class Step>
inline constexpr bool is_windowed_step = false;
template <class Window, class Steps, class Fold, class Triggers, class Late, class Give, bool IsSaid>
inline constexpr bool is_windowed_step<windowed_step<Window, Steps, Fold, Triggers, Late, Give, IsSaid>> = true;

// The parts of a layer, sorted.

template <part_kind Kind, class Step>
auto part_of(Step const& step) {
    if constexpr (is_part_of_kind<Kind, Step>) {
        if constexpr (Kind == part_kind::window) {
            return std::tuple(step.window);
        } else if constexpr (Kind == part_kind::trigger) {
            return std::tuple(step.trigger);
        } else {
            return std::tuple(step);
        }
    } else {
        return std::tuple<>();
    }
}
template <class Step>
auto plain_step(Step const& step) {
    static_assert(
        !guard_step_type<Step>,
        "flow::on_error stands before a window and its triggers, and holds for the steps in the window, too.");
    if constexpr (window_part<Step> || guard_step_type<Step>) {
        return std::tuple<>();
    } else {
        return std::tuple<Step>(step);
    }
}
/// The one that is there, or else another.
template <class Else, class Tuple>
auto only_or(Tuple const& found) {
    if constexpr (std::tuple_size_v<Tuple> == 0) {
        return Else();
    } else {
        return std::get<0>(found);
    }
}

template <std::size_t From, class Tuple, std::size_t... I>
auto tail_of(Tuple const& all, std::index_sequence<I...>) {
    return std::tuple<std::tuple_element_t<From + I, Tuple>...>(std::get<From + I>(all)...);
}
template <std::size_t From, std::size_t To, class Tuple>
auto part_of_tuple(Tuple const& all) {
    return tail_of<From>(all, std::make_index_sequence<To - From>());
}

template <class... Steps>
constexpr auto first_window_part(std::tuple<Steps...> const*) noexcept -> std::size_t {
    std::size_t at = 0;
    static_cast<void>(((window_part<Steps> || (++at, false)) || ...));
    return at;
}

/// The event that comes to the I-th step of a layer.
template <std::size_t I, class Flow>
using event_behind = typename decltype(std::declval<Flow const&>().with_steps(
    part_of_tuple<0, I>(std::declval<Flow const&>().steps())))::event_type;

/// What a reduction says of functions that do not fit.
template <class Reduction, class In, class... Steps>
constexpr void check_reduction(std::tuple<Steps...> const&) {
    using mapped = typename chain_output<In, Steps...>::type;
    if constexpr (requires { typename Reduction::template on<mapped>::out; })
        static_cast<void>(sizeof(typename Reduction::template on<mapped>::out));
}

/// The layer with its window parts, what stands between them, and the reduction put together into one step.
template <class Flow, class Reduction>
auto close_window(Flow const& flow, Reduction const& reduction) {
    auto const& steps = flow.steps();
    using tuple = std::decay_t<decltype(steps)>;
    constexpr auto begin = first_window_part(static_cast<tuple const*>(nullptr));
    constexpr auto end = std::tuple_size_v<tuple>;
    auto const inside = part_of_tuple<begin, end>(steps);
    auto const take = [&](auto const& of) {
        return std::apply([&](auto const&... each) { return std::tuple_cat(of(each)...); }, inside);
    };
    auto const window = only_or<global_windows>(take([](auto const& s) { return part_of<part_kind::window>(s); }));
    auto const triggers = take([](auto const& s) { return part_of<part_kind::trigger>(s); });
    auto const late = only_or<nobody_late>(take([](auto const& s) { return part_of<part_kind::late>(s); }));
    auto const between = take([](auto const& s) { return plain_step(s); });
    auto const fold = reduction.in_window();
    check_reduction<Reduction, event_behind<begin, Flow>>(between);

    std::vector<std::pair<std::string, std::string>> shown;
    std::apply([&](auto const&... each) { (shown.emplace_back(each.kind, each.label), ...); }, inside);
    shown.emplace_back(reduction.kind, reduction.label);
    using closed = windowed_step<std::decay_t<decltype(window)>, std::decay_t<decltype(between)>,
                                 std::decay_t<decltype(fold)>, std::decay_t<decltype(triggers)>,
                                 std::decay_t<decltype(late)>, typename std::decay_t<decltype(fold)>::usual>;
    auto const step = closed{window, between, fold, triggers, late, fold.give(), std::move(shown)};
    return flow.with_steps(std::tuple_cat(part_of_tuple<0, begin>(steps), std::tuple<closed>(step)));
}

/// The last step, which is a reduction, as a windowed one.
template <class Flow>
auto windowed_last(Flow const& flow) {
    auto const& steps = flow.steps();
    using tuple = std::decay_t<decltype(steps)>;
    constexpr auto last = std::tuple_size_v<tuple> - 1;
    if constexpr (is_windowed_step<std::tuple_element_t<last, tuple>>) {
        return flow;
    } else {
        return close_window(flow.with_steps(part_of_tuple<0, last>(steps)), std::get<last>(steps));
    }
}

/// What goes on when a window fires, said behind the reduction.
template <class Give>
struct give_step {
    static constexpr char const* kind = Give::kind;
    static constexpr bool is_sink = false;

    template <class Flow>
    auto attach(Flow const& flow) const {
        static_assert(Flow::ends_in_window_reduction,
                      "flow::on_trigger, flow::emit: they stand right behind flow::reduce, flow::group_by or "
                      "flow::emit_and_reduce, once.");
        if constexpr (Flow::ends_in_window_reduction) {
            auto const closed = windowed_last(flow);
            auto const& steps = closed.steps();
            using tuple = std::decay_t<decltype(steps)>;
            constexpr auto last = std::tuple_size_v<tuple> - 1;
            static_assert(!std::tuple_element_t<last, tuple>::is_said,
                          "flow::on_trigger, flow::emit: a reduction has one of them.");
            auto changed = std::get<last>(steps).giving(give);
            changed.label = label;
            return closed.with_steps(
                std::tuple_cat(part_of_tuple<0, last>(steps), std::tuple<decltype(changed)>(std::move(changed))));
        } else {
            return flow;
        }
    }

    Give give;
    std::string label = {};
};

}  // namespace sluice::detail
