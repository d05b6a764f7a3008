#pragma once

#include <concepts>
#include <functional>
#include <ranges>
#include <sluice/detail/flow/fused_step.hpp>
#include <sluice/detail/flow/nodes.hpp>
#include <sluice/detail/flow/step_nodes.hpp>
#include <sluice/flow/pipeline.hpp>
#include <type_traits>
#include <utility>

namespace sluice::detail {

// As windows have them; see detail/flow/windowed.hpp.
template <class Init, class Fn>
struct folding;
template <class Init, class Fn, class Last>
struct emitting_folding;

template <class Init, class Fn>
struct reduce_step : reduction_step<reduce_step<Init, Fn>> {
    static constexpr char const* kind = "reduce";
    static constexpr bool is_window_reduction = true;
    using accumulator = accumulator_of<Init>;

    template <class In>
    struct on {
        static_assert(std::invocable<Fn&, accumulator&, In>,
                      "flow::reduce: the function must be callable as fn(accumulator&, event). It changes the "
                      "accumulator in place; what it returns is not used.");
        static_assert(
            !gives_awaitable<Fn, accumulator&, In>,
            "flow::reduce: the function is a coroutine, and nobody would run it. Put flow::map_async before it.");
        using out = accumulator;
    };

    template <class In, class Next>
    auto node(Next next) const -> reduce_node<In, accumulator, Fn, Next> {
        return {{std::move(next)}, first_accumulator(init), fn};
    }
    auto in_window() const { return folding<Init, Fn>{init, fn}; }

    Init init;
    Fn fn;
};

/// Of emit_and_reduce without a last function.
struct nothing_at_end {};

template <class Fn, class Acc, class In>
concept emitting_function =
    std::invocable<Fn&, Acc&, In> && std::ranges::input_range<std::invoke_result_t<Fn&, Acc&, In>>;

template <class Range>
using range_element = std::ranges::range_value_t<std::remove_reference_t<Range>>;

template <class Last, class Acc, class Out>
concept last_function = std::same_as<Last, nothing_at_end> ||
    (std::invocable<Last&, Acc>&& std::ranges::input_range<std::invoke_result_t<Last&, Acc>>&&
         std::same_as<range_element<std::invoke_result_t<Last&, Acc>>, Out>);

template <class Init, class Fn, class Last>
struct emit_and_reduce_step : reduction_step<emit_and_reduce_step<Init, Fn, Last>> {
    static constexpr char const* kind = "emit_and_reduce";
    static constexpr bool is_window_reduction = true;
    using accumulator = accumulator_of<Init>;

    template <class In>
    struct on {
        static_assert(emitting_function<Fn, accumulator, In>,
                      "flow::emit_and_reduce: the function must be callable as fn(accumulator&, event), and return a "
                      "range of the events that go on.");
        template <class F>
        static auto result() {
            if constexpr (emitting_function<F, accumulator, In>) {
                using element = range_element<std::invoke_result_t<F&, accumulator&, In>>;
                static_assert(last_function<Last, accumulator, element>,
                              "flow::emit_and_reduce: the last function must be callable as last(accumulator), and "
                              "return a range of the same events as the first function.");
                return std::type_identity<element>();
            } else {
                return std::type_identity<In>();
            }
        }
        using out = typename decltype(result<Fn>())::type;
    };

    template <class In, class Next>
    auto node(Next next) const -> emit_and_reduce_node<In, accumulator, Fn, Last, Next> {
        return {first_accumulator(init), fn, last, std::move(next)};
    }
    auto in_window() const { return emitting_folding<Init, Fn, Last>{init, fn, last}; }

    Init init;
    Fn fn;
    Last last;
};

}  // namespace sluice::detail

namespace sluice::flow {

/// A step that puts all events of a stage into one accumulator: `fn(accumulator&, event)`, called once an event. At the
/// end, and only then, each stage's accumulator goes on as one event; so a layer of four stages gives four of them,
/// also those whose stage had no event.
///
/// @code
/// auto const f = flow::from(std::views::iota(1, 5)) | flow::reduce(0, [](int& sum, int i) { sum += i; });  // 10
/// @endcode
///
/// `init` is where each stage's accumulator begins: a value, of which each stage has a copy, or a function without
/// arguments that is called once for each stage, which an accumulator needs that cannot be copied.
/// Order: of a stage's events, that of arrival. Memory: what the accumulators hold. Copies: none of events. See map for
/// what holds of every function.
template <class Init, class Fn>
auto reduce(Init&& init, Fn&& fn) {
    detail::check_functions<std::decay_t<Init>, std::decay_t<Fn>>();
    using step = detail::reduce_step<std::decay_t<Init>, std::decay_t<Fn>>;
    return detail::close_over(step{{}, std::forward<Init>(init), std::forward<Fn>(fn)});
}

/// A reduction that emits as it goes: `fn(accumulator&, event)` returns a range, whose elements go on, and may change
/// the accumulator. At the end of each stage the elements of the range `last(accumulator)` go on, of the same type;
/// left out, nothing does. `init` as with reduce.
///
/// @code
/// auto const records = [](int& highest, int i) {
///     std::vector<int> const news(i > highest ? 1 : 0, i);
///     highest = std::max(highest, i);
///     return news;
/// };
/// auto const f = flow::from(jumps) | flow::emit_and_reduce(0, records);  // 2, 5, 6
/// @endcode
///
/// The range may refer to the event and to the accumulator, which stay as they are while it is walked, lazily.
/// Order: kept within a stage. Memory: what the accumulator holds, an event and its range. Copies: as with flat_map.
/// Flow: `emit_and_reduce`.
template <class Init, class Fn, class Last = detail::nothing_at_end>
auto emit_and_reduce(Init&& init, Fn&& fn, Last&& last = {}) {
    using step = detail::emit_and_reduce_step<std::decay_t<Init>, std::decay_t<Fn>, std::decay_t<Last>>;
    detail::check_functions<std::decay_t<Init>, std::decay_t<Fn>, std::decay_t<Last>>();
    return detail::close_over(step{{}, std::forward<Init>(init), std::forward<Fn>(fn), std::forward<Last>(last)});
}

}  // namespace sluice::flow
