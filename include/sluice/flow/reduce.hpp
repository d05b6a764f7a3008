#pragma once

#include <concepts>
#include <functional>
#include <sluice/detail/flow_nodes.hpp>
#include <sluice/flow/pipeline.hpp>
#include <string>
#include <type_traits>
#include <utility>

namespace sluice::detail {

template <class Init, class Fn>
struct reduce_step {
    static constexpr char const* kind = "reduce";
    static constexpr bool is_reduction = true;
    static constexpr bool is_sink = false;

    static auto start(Init const& init) {
        if constexpr (std::invocable<Init const&>) {
            return std::invoke(init);
        } else {
            return Init(init);
        }
    }
    using accumulator = std::decay_t<decltype(start(std::declval<Init const&>()))>;

    template <class In>
    struct on {
        static_assert(std::invocable<Fn&, accumulator&, In>,
                      "flow::reduce: the function must be callable as fn(accumulator&, event). It changes the "
                      "accumulator in place; what it returns is not used.");
        using out = accumulator;
    };

    template <class In, class Next>
    auto node(Next next) const -> reduce_node<In, accumulator, Fn, Next> {
        return {start(init), fn, std::move(next)};
    }
    template <class Flow>
    auto attach(Flow const& flow) const {
        static_assert(!Flow::has_reduction,
                      "flow::reduce: a stage reduces once. Put flow::partition between two reductions.");
        if constexpr (Flow::has_reduction) {
            return flow;
        } else {
            return flow.with(*this);
        }
    }

    Init init;
    Fn fn;
    std::string label = {};
};

}  // namespace sluice::detail

namespace sluice::flow {

/// A step that puts all events of a stage into one accumulator: `fn(accumulator&, event)`, called once an event. At the
/// end, and only then, each stage's accumulator goes on as one event; so a layer of four stages gives four of them,
/// also those whose stage had no event.
///
/// `init` is where each stage's accumulator begins: a value, of which each stage has a copy, or a function without
/// arguments that is called once for each stage, which an accumulator needs that cannot be copied.
/// Memory: what the accumulators hold. Copies: none of events. See map for what holds of every function.
template <class Init, class Fn>
auto reduce(Init&& init, Fn&& fn) {
    using start = std::decay_t<Init>;
    using function = std::decay_t<Fn>;
    static_assert(std::copy_constructible<start>,
                  "flow::reduce: the first accumulator must be copyable, because each stage begins with a copy of it. "
                  "Else give a function that makes one.");
    static_assert(std::copy_constructible<function>,
                  "flow::reduce: the function must be copyable, because each stage of a layer has a copy of its own. "
                  "Hold what cannot be copied by std::shared_ptr, or name the function and give std::ref of it.");
    using step = detail::reduce_step<start, function>;
    return closure<step>(std::tuple(step{std::forward<Init>(init), std::forward<Fn>(fn)}));
}

}  // namespace sluice::flow
