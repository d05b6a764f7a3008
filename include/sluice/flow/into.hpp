#pragma once

#include <boost/asio/use_awaitable.hpp>
#include <concepts>
#include <cstddef>
#include <sluice/detail/access.hpp>
#include <sluice/detail/flow/run.hpp>
#include <sluice/detail/stages/subscribing.hpp>
#include <sluice/executor_arg.hpp>
#include <sluice/flow/pipeline.hpp>
#include <sluice/stage.hpp>
#include <tuple>
#include <type_traits>
#include <utility>

namespace sluice::flow {

/// A stage that receives events of type T: consumer<T>, producer_consumer<T, Out>.
template <class S, class T>
concept receiver_of = any_stage<S> && requires(std::remove_cvref_t<S> const& s) {
    { detail::access::input(s) } -> std::same_as<detail::inlet_core<T>&>;
};

}  // namespace sluice::flow

namespace sluice::detail {

template <class F, class... Stages>
auto make_into(F const& flow, asio::any_io_executor const& executor, subscribe_options const& options,
               Stages&... stages) {
    flow_builder b(executor);
    std::vector<stage_ptr> more;
    if constexpr (check_runnable<F, false>()) {
        using event = typename F::event_type;
        static_assert(
            (flow::receiver_of<Stages, event> && ...),
            "flow::into: the stages must receive the events that come out of the flow: sluice::consumer<Event> or "
            "sluice::producer_consumer<Event, Out>.");
        if constexpr ((flow::receiver_of<Stages, event> && ...)) {
            auto const from = subscriptions(flow.emitters(b, batch_size(options)), options);
            auto const subscribe = [&](auto& to) {
                more.push_back(access::core(to));
                subscribe_on_strand(access::core(to), access::input(to), from);
            };
            (subscribe(stages), ...);
        }
    }
    return flow_run<void>(std::move(b), nullptr, std::move(more));
}

template <class F, class... Args, std::size_t... I>
auto async_into(F const& flow, asio::any_io_executor const& executor, subscribe_options const& options,
                std::tuple<Args...> args, std::index_sequence<I...>) {
    auto run = make_into(flow, executor, options, std::get<I>(args)...);
    if constexpr (sizeof...(Args) > sizeof...(I)) {
        using token = std::tuple_element_t<sizeof...(I), std::tuple<Args...>>;
        return initiate<void>(std::move(run), std::forward<token>(std::get<sizeof...(I)>(args)));
    } else {
        return initiate<void>(std::move(run), asio::use_awaitable);
    }
}

}  // namespace sluice::detail

namespace sluice::flow {

/// Runs a flow together with stages that get what comes out of it: consumers, or producer_consumers whose own consumers
/// somebody else runs. Each event goes to one of them. They were made with nothing to subscribe to, or with more:
///
/// @code
/// sluice::consumer<int> printing{pool, {}, printer};
/// co_await flow::async_into(numbers, pool, printing);       // any number of stages, then maybe a token
/// @endcode
///
/// The stages must not have been run: they run here, end with the flow, and a failure of theirs ends it. See
/// async_run for the rest. Order: kept from one stage to one stage. Memory: what the stages ask for, 1000 events
/// from each stage by default, or max_demand. Copies: none.
///
/// @par Completion signature
/// @code void(std::exception_ptr) @endcode
template <description F, any_stage First, class... Rest>
auto async_into(F& flow, executor_arg executor, First& first, Rest&&... rest) {
    constexpr std::size_t stages = (any_stage<First> + ... + any_stage<Rest>);
    return detail::async_into(flow, executor.get(), subscribe_options(),
                              std::tuple<First&, Rest&&...>(first, std::forward<Rest>(rest)...),
                              std::make_index_sequence<stages>());
}
/// The same on other terms than 1000 events: `async_into(numbers, pool, {.max_demand = 10}, printing)`. Throws
/// errc::invalid_option.
template <description F, any_stage First, class... Rest>
auto async_into(F& flow, executor_arg executor, subscribe_options const& options, First& first, Rest&&... rest) {
    validate(options);
    constexpr std::size_t stages = (any_stage<First> + ... + any_stage<Rest>);
    return detail::async_into(flow, executor.get(), options,
                              std::tuple<First&, Rest&&...>(first, std::forward<Rest>(rest)...),
                              std::make_index_sequence<stages>());
}

/// The same, blocking; see run.
///
/// @code
/// sluice::consumer<int> adding{pool, {}, adder, std::ref(sum)};
/// flow::into(f, pool, adding);  // any number of stages
/// @endcode
template <description F, any_stage... Stages>
void into(F const& flow, executor_arg executor, Stages&... stages) {
    detail::run_and_wait(detail::make_into(flow, executor.get(), subscribe_options(), stages...));
}
/// The same on other terms, as with async_into.
template <description F, any_stage... Stages>
void into(F const& flow, executor_arg executor, subscribe_options const& options, Stages&... stages) {
    validate(options);
    detail::run_and_wait(detail::make_into(flow, executor.get(), options, stages...));
}

/// @cond
// Say what to do with a flow that has no name; see run.hpp.
template <description F, class... More>
auto async_into(F const&&, More&&...) {
    return detail::refuse_temporary<F>();
}
/// @endcond

}  // namespace sluice::flow
