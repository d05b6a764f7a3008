#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <sluice/detail/flow/fused_step.hpp>
#include <sluice/detail/flow/gather_nodes.hpp>
#include <sluice/flow/exchange.hpp>
#include <sluice/flow/trigger.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::detail {

/// To one stage that gets what all stages of the layer before emit.
template <class Flow>
auto to_one_stage(Flow const& flow) {
    flow::exchange_options one;
    one.stages = 1;
    return shuffle_step{one}.attach(flow);
}

template <class Less>
struct top_step : fused_step<top_step<Less>> {
    static constexpr char const* kind = "take_sort";
    static constexpr bool is_never_held = true;  // the heap would hold an event that was moved from
    template <class In>
    struct on {
        using out = std::vector<In>;
    };

    template <class In, class Next>
    auto node(Next next) const -> top_node<In, Less, Next> {
        return {count, less, std::move(next)};
    }

    std::size_t count;
    Less less;
};

template <class Less>
struct merge_top_step : fused_step<merge_top_step<Less>> {
    static constexpr char const* kind = "merge";
    static constexpr bool is_never_held = true;
    template <class In>
    struct on {
        using out = In;
    };

    template <class In, class Next>
    auto node(Next next) const -> merge_top_node<In, Less, Next> {
        return {{std::move(next)}, count, less};
    }

    std::size_t count;
    Less less;
};

template <class Less>
struct take_sort_step {
    static constexpr bool is_sink = false;

    template <class Flow>
    auto attach(Flow const& flow) const {
        using in = typename Flow::event_type;
        constexpr bool fits = std::predicate<Less&, in const&, in const&>;
        static_assert(fits,
                      "flow::take_sort: the comparison must take two of the events that reach it by const&, and return "
                      "bool.");
        if constexpr (fits) {
            auto const each = flow.with(top_step<Less>{{label}, count, less});
            return to_one_stage(each).with(merge_top_step<Less>{{}, count, less});
        } else {
            return flow;
        }
    }

    std::size_t count;
    Less less;
    std::string label = {};
};

/// The accumulator of a departition: as reduce, but others may follow in its stage.
template <class Init, class Merge, class Done>
struct gather_step : fused_step<gather_step<Init, Merge, Done>> {
    static constexpr char const* kind = "departition";
    using accumulator = accumulator_of<Init>;
    template <class In>
    struct on {
        using out = std::decay_t<std::invoke_result_t<Done&, accumulator>>;
    };

    template <class In, class Next>
    auto node(Next next) const {
        using done_node = map_node<accumulator, Done, Next>;
        using gathering = reduce_node<In, accumulator, Merge, done_node>;
        return gathering{{done_node{{std::move(next)}, done}}, first_accumulator(init), merge};
    }

    Init init;
    Merge merge;
    Done done;
};

template <class Init, class Merge, class Done>
struct departition_step {
    static constexpr bool is_sink = false;
    using accumulator = accumulator_of<Init>;

    template <class Flow>
    auto attach(Flow const& flow) const {
        using in = typename Flow::event_type;
        constexpr bool merges = std::invocable<Merge&, accumulator&, in>;
        constexpr bool is_told = std::invocable<Done&, accumulator, flow::trigger_info const&>;
        constexpr bool ends = is_told || std::invocable<Done&, accumulator>;
        static_assert(Flow::has_reduction,
                      "flow::departition stands behind a reduction: each stage of the layer before gives its "
                      "accumulator. For single events put flow::shuffle({.stages = 1}) and flow::reduce.");
        static_assert(!Flow::ends_in_sessions,
                      "flow::departition: each session lies in one stage, there is nothing to bring together. Put "
                      "flow::shuffle({.stages = 1}) behind sessions.");
        static_assert(merges,
                      "flow::departition: the merge function must be callable as merge(accumulator&, event), where the "
                      "event is what the reductions before it give.");
        static_assert(
            ends,
            "flow::departition: the last function must be callable as done(accumulator), or done(accumulator, "
            "flow::trigger_info const&).");
        constexpr bool fits = Flow::has_reduction && !Flow::ends_in_sessions && merges && ends;
        if constexpr (fits && (Flow::gives_tagged || (is_told && Flow::ends_in_window_reduction))) {
            return gather_windows(flow, *this);
        } else if constexpr (fits && std::invocable<Done&, accumulator>) {
            return to_one_stage(flow).with(gather_step<Init, Merge, Done>{{label}, init, merge, done});
        } else {
            return flow;
        }
    }

    Init init;
    Merge merge;
    Done done;
    std::string label = {};
};

}  // namespace sluice::detail

namespace sluice::flow {

/// The first `count` events by `less(event const&, event const&)`, default `<`, as one sorted std::vector, which is the
/// only event that goes on. Each stage of the layer keeps its first ones, a stage of its own merges those, and steps
/// behind run in that stage.
///
/// @code
/// auto const f = flow::from(some) | flow::shuffle() | flow::take_sort(3, std::greater<>());  // {9, 7, 5}
/// @endcode
///
/// Order: sorted; of equal events it is open which ones are among the first. Memory: `count` events a stage, whatever
/// the number of events. O(log count) an event that is among the first so far, O(1) for others. Copies: none.
/// Flow: `take_sort`.
template <class Less = std::less<>>
auto take_sort(std::size_t count, Less less = {}) {
    detail::check_functions<Less>();
    return detail::close_over(detail::take_sort_step<Less>{count, std::move(less)});
}

/// Brings the results of a layer of reductions together in one stage: `merge(accumulator&, event)` is called for what
/// each stage gives; when all have given theirs, `done(accumulator)`, by default the accumulator itself, goes on as one
/// event. Steps behind run in that stage, another reduction too. `init` as with reduce.
///
/// @code
/// auto const add = [](int& sum, int i) { sum += i; };
/// auto const f = flow::from(std::views::iota(1, 101)) | flow::partition() | flow::reduce(0, add) |
///                flow::departition(0, add) | flow::map([](int sum) { return std::to_string(sum); });  // "5050"
/// @endcode
///
/// Behind windows it does so window by window: what a window gives in each stage is merged, and when all stages are
/// done with it, `done(accumulator)` or `done(accumulator, trigger_info const&)` goes on, windows in order. An
/// accumulator is taken when its window is done, and not before; what on_trigger gives is merged each time. Windows
/// that some stage has never come to are done at the end.
///
/// Order: of the stages, none; of windows, theirs. Memory: the accumulator, or one for each window that is not done,
/// and what the stages before give. Copies: none. Flow: `departition`.
template <class Init, class Merge, class Done = std::identity>
auto departition(Init&& init, Merge&& merge, Done&& done = {}) {
    using step = detail::departition_step<std::decay_t<Init>, std::decay_t<Merge>, std::decay_t<Done>>;
    detail::check_functions<std::decay_t<Init>, std::decay_t<Merge>, std::decay_t<Done>>();
    return detail::close_over(step{std::forward<Init>(init), std::forward<Merge>(merge), std::forward<Done>(done)});
}

}  // namespace sluice::flow
