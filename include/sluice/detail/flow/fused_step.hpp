#pragma once

#include <concepts>
#include <functional>
#include <sluice/flow/pipeline.hpp>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace sluice::detail {

/// What a function may be called with as a step: an event as an rvalue. So it may take it by value, const& or &&.
template <class Fn, class In>
concept event_function = std::invocable<Fn&, In>;

/// What most steps are: piped into a flow, they join the functions of its last layer.
template <class Step>
struct fused_step {
    static constexpr bool is_reduction = false;
    static constexpr bool is_sink = false;

    template <class Flow>
    auto attach(Flow const& flow) const {
        return flow.with(static_cast<Step const&>(*this));
    }

    std::string label = {};
};

/// A step that keeps what comes until the end. A layer has one.
template <class Step>
struct reduction_step : fused_step<Step> {
    static constexpr bool is_reduction = true;

    template <class Flow>
    auto attach(Flow const& flow) const {
        static_assert(!Flow::has_reduction,
                      "flow::reduce: a stage reduces once. Put flow::partition between two reductions.");
        if constexpr (Flow::has_reduction) {
            return flow;
        } else if constexpr (Flow::has_window_part) {
            return close_window(flow, static_cast<Step const&>(*this));
        } else {
            return flow.with(static_cast<Step const&>(*this));
        }
    }
};

/// Steps without a source that consist of one.
template <class Step>
auto close_over(Step step) {
    return flow::closure<Step>(std::tuple<Step>(std::move(step)));
}

template <class... Fns>
constexpr void check_functions() {
    static_assert((std::copy_constructible<Fns> && ...),
                  "flow: the functions of a step must be copyable, because each stage of a layer has copies of its "
                  "own. Hold what cannot be copied by std::shared_ptr, or name the function and give std::ref of it.");
}

/// A first accumulator, as it was given: a value, or a function that makes one.
template <class Init>
auto first_accumulator(Init const& init) {
    if constexpr (std::invocable<Init const&>) {
        return std::invoke(init);
    } else {
        return Init(init);
    }
}
template <class Init>
using accumulator_of = std::decay_t<decltype(first_accumulator(std::declval<Init const&>()))>;

}  // namespace sluice::detail
