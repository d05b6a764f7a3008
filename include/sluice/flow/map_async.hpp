#pragma once

#include <concepts>
#include <sluice/detail/flow/async.hpp>
#include <sluice/detail/flow/guard.hpp>
#include <sluice/flow/bodies.hpp>
#include <sluice/flow/pipeline.hpp>
#include <sluice/flow/retry.hpp>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace sluice::detail {

template <class Fn, class In>
concept awaitable_function = std::invocable<Fn&, In> && is_awaitable<std::invoke_result_t<Fn&, In>> &&
    !std::is_void_v<awaited_t<std::invoke_result_t<Fn&, In>>>;

/// How often a step calls, as it says itself, or as the remarks say that hold for it.
template <class... Remarks>
auto with_retry(flow::map_async_options options, std::tuple<Remarks...> const& remarks) -> flow::map_async_options {
    constexpr auto at = last_place<is_retry, Remarks...>();
    if constexpr (at < sizeof...(Remarks)) {
        if (!options.attempts) {
            options.attempts = std::get<at>(remarks).options.attempts;
            options.backoff = std::get<at>(remarks).options.backoff;
        }
    }
    if (!options.attempts) options.attempts = 1;
    return options;
}

template <class Fn>
struct map_async_step {
    static constexpr bool is_sink = false;

    template <class Flow>
    auto attach(Flow const& flow) const {
        using in = typename Flow::event_type;
        static_assert(awaitable_function<Fn, in>,
                      "flow::map_async: the function must take the event that reaches it, by value, const& or &&, and "
                      "return boost::asio::awaitable of the event that goes on.");
        if constexpr (awaitable_function<Fn, in>) {
            using out = awaited_t<std::invoke_result_t<Fn&, in>>;
            auto const remarks = remarks_of(flow);
            using guard = async_guard<decltype(policy_of(remarks))>;
            auto const tries = with_retry(options, remarks);
            if (tries.attempts > 1 && !core::is_copyable<in>) {
                throw_invalid_option("map_async_options::attempts must be 1 for events that cannot be copied (got " +
                                     std::to_string(*tries.attempts) + ")");
            }
            using body = asio::awaitable<void> (*)(inlet<in>&, outlet<out>&, Fn, flow::map_async_options, guard);
            using kept = kept_body<body, Fn, flow::map_async_options, guard>;
            using origin = remarked_layer<body_layer<Flow, out, kept>, decltype(remarks_of(flow))>;
            auto name = label.empty() ? std::string("map_async") : "map_async: " + label;
            kept what{&map_async_body<in, out, Fn, guard>,
                      {fn, tries, {policy_of(remarks), step_title("map_async", label)}}};
            return flow::pipeline<origin>(origin({flow, std::move(what), std::move(name)}, remarks), std::tuple<>());
        } else {
            return flow;
        }
    }

    Fn fn;
    flow::map_async_options options;
    std::string label = {};
};

}  // namespace sluice::detail

namespace sluice::flow {

/// A step that makes of each event another by waiting for it: `fn(event) -> awaitable<U>`, for what asks a socket, a
/// timer or a database. Up to .concurrency calls are under way at once in each stage of the layer, each on a strand of
/// its own, so on as many threads as there are; each has a copy of `fn`. The event is handed over as an rvalue.
///
/// @code
/// auto const look_up = [](int user) -> asio::awaitable<std::string> {
///     co_await asio::post(asio::use_awaitable);  // or a database, a socket, a timer
///     co_return "user " + std::to_string(user);
/// };
/// auto const f = flow::from(std::views::iota(1, 4)) | flow::map_async({.concurrency = 64}, look_up);
/// // "user 1", "user 2", "user 3"
/// @endcode
///
/// It is a stage of its own. Order: of the events, or with .ordered = false of the answers. Memory: .concurrency calls
/// and their answers, and 1000 events before and behind. Copies: of the events with .attempts > 1, else none.
/// An exception, the last of .attempts, is flow::on_error's where one holds for this step; else it ends the flow, and
/// the other calls are cancelled (terminal); so they are when the flow is stopped, or wants no more. The stage ends
/// when all of them have: one that does not heed its cancellation holds it up. Throws errc::invalid_option.
template <class Fn>
auto map_async(map_async_options const& options, Fn&& fn) {
    using function = std::decay_t<Fn>;
    validate(options);
    static_assert(std::copy_constructible<function>,
                  "flow::map_async: the function must be copyable, because each call has a copy of its own. Hold what "
                  "cannot be copied by std::shared_ptr, or name the function and give std::ref of it.");
    using step = detail::map_async_step<function>;
    return closure<step>(std::tuple(step{std::forward<Fn>(fn), options}));
}
/// The same with the options' defaults.
template <class Fn>
auto map_async(Fn&& fn) {
    return map_async(map_async_options(), std::forward<Fn>(fn));
}

}  // namespace sluice::flow
