#pragma once

#include <concepts>
#include <cstddef>
#include <sluice/detail/await.hpp>
#include <sluice/executor_arg.hpp>
#include <sluice/options.hpp>
#include <span>
#include <type_traits>

// What is wrong with a use of stages that cannot compile, as the first error that a compiler tells. Nothing of this is
// instantiated for a use that is right. The messages stand in structs and in functions that deduce what they return,
// because those are looked into at once, and other functions only when the compiler has told its own errors.

namespace sluice {
template <class T>
class inlet;
}  // namespace sluice

namespace sluice::detail {

/// Options of any kind that a stage, or what it subscribes to, may have.
template <class T>
concept some_options = std::same_as<T, outlet_options> || std::same_as<T, inlet_options> ||
    std::same_as<T, stage_options> || std::same_as<T, subscribe_options>;

/// It would be a dispatcher, of whatever events.
template <class D>
concept some_dispatcher = requires(D const& d) {
    d.total_demand();
    &D::total_demand;
};

// Members of these names, whatever they can be called with.
template <class H>
concept names_handle_demand = requires {
    &H::handle_demand;
};
template <class H>
concept names_handle_events = requires {
    &H::handle_events;
};

/// Fits where a body takes the end of its stage by value, or by const&.
template <class End>
struct end_by_value {
    operator End() const;
};

template <class... Ends>
struct ends_of_stage {};

template <class End>
inline constexpr bool is_inlet = false;
template <class T>
inline constexpr bool is_inlet<inlet<T>> = true;

/// A body that cannot be the body of a stage with these ends.
template <class Ends, class Body, class... Args>
struct mistaken_body;

template <class... Ends, class Body, class... Args>
struct mistaken_body<ends_of_stage<Ends...>, Body, Args...> {
    template <class... Given>
    static constexpr bool takes = std::is_invocable_v<Body&, Given...>;

    static constexpr bool receives = (is_inlet<Ends> || ...);
    static constexpr bool is_dispatcher = some_dispatcher<Body>;
    static constexpr bool has_dispatcher = (some_dispatcher<Args> || ...);
    static constexpr bool is_called = takes<Ends&..., Args...>;
    template <class B>
    static auto returns() -> std::invoke_result_t<B&, Ends&..., Args...>;
    template <class B>
    static constexpr auto is_coroutine() -> bool {
        if constexpr (is_called) return is_awaitable<decltype(returns<B>())>;
        return false;
    }

    static_assert(
        !some_options<Body>,
        "sluice: these are not the options of this stage: a producer takes sluice::outlet_options, a consumer "
        "sluice::inlet_options, a producer_consumer sluice::stage_options, all before the body; and "
        "sluice::subscribe_options belong into sluice::from(stage, options)");
    static_assert(!is_dispatcher,
                  "sluice: this dispatcher is not one of the events that the stage emits: a stage that emits T takes a "
                  "dispatcher of T, such as sluice::broadcast_dispatcher<T>{}; a consumer takes none");
    static_assert(is_dispatcher || !has_dispatcher, "sluice: a dispatcher stands before the body, not behind it");

    static_assert(receives || !names_handle_demand<Body>,
                  "sluice: handle_demand must be callable with how many events are wanted: handle_demand(std::size_t)");
    static_assert(receives || !names_handle_events<Body>,
                  "sluice: the handler object of a producer has handle_demand(std::size_t); one with handle_events "
                  "belongs to a consumer or a producer_consumer");
    static_assert(
        !receives || !names_handle_events<Body>,
        "sluice: handle_events must be callable with the events that the stage receives, those of type T: "
        "handle_events(sluice::batch<T>), handle_events(std::span<T>) or handle_events(sluice::shared_batch<T> "
        "const&)");
    static_assert(!receives || !names_handle_demand<Body>,
                  "sluice: the handler object of a stage that receives has handle_events(sluice::batch<T>); one with "
                  "handle_demand belongs to a producer");

    static_assert(!is_called || is_coroutine<Body>(),
                  "sluice: the body is no coroutine: it must return boost::asio::awaitable<void>, and use co_await or "
                  "co_return");
    static_assert(
        !is_called || !is_coroutine<Body>(),
        "sluice: the body must return boost::asio::awaitable<void>, and no value: give it std::ref(result) as "
        "an argument of its own, and let it set that");

    static constexpr bool by_reference = !is_called && takes<Ends&..., Args&...>;
    static constexpr bool by_value = !is_called && takes<end_by_value<Ends>..., Args...>;
    static constexpr bool without_ends = !is_called && takes<Args...>;
    static_assert(!by_reference,
                  "sluice: the body takes an argument of its own by reference: give it std::ref(x), because a stage "
                  "keeps copies of the body's arguments, as std::thread does");
    static_assert(
        !by_value,
        "sluice: the body must take the ends of its stage by reference: sluice::outlet<T>&, sluice::inlet<T>&");
    static_assert(!without_ends,
                  "sluice: the body must take the ends of its stage before its own arguments: body(sluice::outlet<T>&, "
                  "args...), body(sluice::inlet<T>&, args...), or in a producer_consumer "
                  "body(sluice::inlet<In>&, sluice::outlet<Out>&, args...)");
    static constexpr bool without_arguments = !is_called && sizeof...(Args) > 0 && takes<Ends&...>;
    static_assert(!without_arguments,
                  "sluice: the body takes no arguments of its own, but some were given: only a handler object takes "
                  "a dispatcher behind it");
};

template <class End>
constexpr auto refuse_end_by_value() {
    static_assert(
        !std::same_as<End, End>,
        "sluice: the body must take the ends of its stage by reference: sluice::outlet<T>&, sluice::inlet<T>&");
    return nullptr;
}

/// Of a stage whose body is wrong.
template <class Ends, class Body, class... Args>
constexpr auto refuse_body() {
    static_assert(sizeof(mistaken_body<Ends, Body, Args...>) > 0);
}

/// It is no executor, and has none.
template <class E>
concept no_executor = !std::convertible_to<E, executor_arg>;

template <class Given>
constexpr auto refuse_executor() {
    static_assert(!std::same_as<Given, Given>,
                  "sluice: the first argument of a stage is its executor, or what has one and is not const: a "
                  "sluice::thread_pool, a boost::asio::io_context");
    return nullptr;
}

template <class Stage>
constexpr auto refuse_copy() {
    static_assert(!std::same_as<Stage, Stage>,
                  "sluice: a stage can be moved, not copied: take it by reference, or give it by std::move");
    return nullptr;
}

/// The event type of a stage that did not say it. `Told`: it was, so that nothing is missing; for compilers that look
/// at the type of a deduction guide before they look at its constraints.
template <class Body, bool Told = false>
struct missing_event_type {
    static_assert(
        Told,
        "sluice: name the type of the stage's events: sluice::producer<T>{executor, body, args...}, "
        "sluice::consumer<T>{executor, sluice::from(stage), body, args...}, or sluice::producer_consumer<In, "
        "Out>{executor, sluice::from(stage), body, args...}; only a handler object with handle_demand tells it");
    using type = int;
};

}  // namespace sluice::detail
