#pragma once

#include <concepts>
#include <cstddef>
#include <sluice/detail/flow/pipeline_parts.hpp>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace sluice::flow {

/// A flow: a description of sources, steps and layers. A value: it can be copied, kept and run more than once; nothing
/// runs until a terminal operation (run.hpp) is given an executor.
///
/// Made by flow::from, flow::from_lines or flow::source, and by `|`. Origin: where the events of the last layer come
/// from. Steps: the functions of that layer, which are fused into one stage's body.
///
/// @par Thread safety
/// Distinct objects: safe. Shared objects: unsafe; copy one for each thread.
template <class Origin, class... Steps>
class pipeline : public detail::pipeline_parts<Origin, Steps...> {
public:
    /// What comes out at the end.
    using event_type = typename detail::chain_output<typename Origin::event_type, Steps...>::type;

    using detail::pipeline_parts<Origin, Steps...>::pipeline_parts;
};

/// A flow that ends in flow::sink. It can be run, and nothing else.
template <class Before, class Sink>
class sunk : public detail::sunk_parts<Before, Sink> {
public:
    using detail::sunk_parts<Before, Sink>::sunk_parts;
};

/// Steps without a source: `auto clean = flow::map(f) | flow::filter(g);`. A value, to be piped into flows.
template <class... Steps>
class closure {
public:
    /// For the functions that make a step.
    explicit closure(std::tuple<Steps...> steps) : steps_(std::move(steps)) {}

    /// The same with a name for the last step, which describe() shows.
    auto named(std::string name) const -> closure {
        auto result = *this;
        std::get<sizeof...(Steps) - 1>(result.steps_).label = std::move(name);
        return result;
    }

    /// The steps, in order.
    auto steps() const noexcept -> std::tuple<Steps...> const& { return steps_; }

private:
    std::tuple<Steps...> steps_;
};

/// A flow, whether it ends in a sink or not, or steps without a source.
template <class T>
concept description = detail::is_pipeline<std::remove_cvref_t<T>> || detail::is_sunk<std::remove_cvref_t<T>> ||
    detail::is_closure<std::remove_cvref_t<T>>;

/// A flow, whether it ends in a sink or not.
template <class T>
concept runnable = detail::is_pipeline<std::remove_cvref_t<T>> || detail::is_sunk<std::remove_cvref_t<T>>;

/// The flow with these steps behind it. Both are copied.
template <class Flow, class... Steps>
    requires runnable<Flow>
auto operator|(Flow const& flow, closure<Steps...> const& then) { return detail::attach<0>(flow, then.steps()); }

/// The steps of both, those of `first` first.
template <class... Steps, class... More>
auto operator|(closure<Steps...> const& first, closure<More...> const& then) -> closure<Steps..., More...> {
    using last = std::tuple_element_t<sizeof...(Steps) - 1, std::tuple<Steps...>>;
    static_assert(!last::is_sink, "flow::sink: a sink ends a flow. Nothing can be piped behind it.");
    return closure<Steps..., More...>(std::tuple_cat(first.steps(), then.steps()));
}

}  // namespace sluice::flow
