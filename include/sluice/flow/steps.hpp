#pragma once

#include <concepts>
#include <functional>
#include <ranges>
#include <sluice/detail/flow/fused_step.hpp>
#include <sluice/detail/flow/nodes.hpp>
#include <sluice/detail/flow/step_nodes.hpp>
#include <sluice/flow/pipeline.hpp>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace sluice::detail {

template <class Fn>
struct map_step : fused_step<map_step<Fn>> {
    static constexpr bool is_stateless = true;
    static constexpr char const* kind = "map";

    template <class In>
    struct on {
        static_assert(event_function<Fn, In>,
                      "flow::map: the function must take the event that reaches it, by value, const& or &&. Behind "
                      "flow::reduce an event is the accumulator.");
        template <class F>
        static auto result() {
            if constexpr (event_function<F, In>) {
                using type = std::decay_t<std::invoke_result_t<F&, In>>;
                static_assert(!std::is_void_v<type>,
                              "flow::map: the function must return an event. Use flow::for_each for a function that "
                              "returns nothing.");
                static_assert(!is_awaitable<type>,
                              "flow::map: the function is a coroutine, and nobody would run it. Use flow::map_async.");
                return std::type_identity<std::conditional_t<std::is_void_v<type>, In, type>>();
            } else {
                return std::type_identity<In>();
            }
        }
        using out = typename decltype(result<Fn>())::type;
    };

    template <class In, class Next>
    auto node(Next next) const -> map_node<In, Fn, Next> {
        return {{std::move(next)}, fn};
    }

    Fn fn;
};

template <class Fn, bool Keep>
struct filter_step : fused_step<filter_step<Fn, Keep>> {
    static constexpr bool is_stateless = true;
    static constexpr char const* kind = Keep ? "filter" : "reject";

    template <class In>
    struct on {
        static_assert(std::predicate<Fn&, In const&>,
                      "flow::filter, flow::reject: the function must take the event that reaches it by const& (or by "
                      "value, if it can be copied) and return bool.");
        using out = In;
    };

    template <class In, class Next>
    auto node(Next next) const -> filter_node<In, Fn, Keep, Next> {
        return {{std::move(next)}, fn};
    }

    Fn fn;
};

/// A function that gives a range whose elements can become events.
template <class Fn, class In>
concept range_function = event_function<Fn, In> && std::ranges::input_range<std::invoke_result_t<Fn&, In>>;

template <class Fn>
struct flat_map_step : fused_step<flat_map_step<Fn>> {
    static constexpr bool is_stateless = true;
    static constexpr char const* kind = "flat_map";

    template <class In>
    struct on {
        static_assert(range_function<Fn, In>,
                      "flow::flat_map: the function must take the event that reaches it, by value, const& or &&, and "
                      "return a range.");
        template <class F>
        static auto result() {
            if constexpr (range_function<F, In>) {
                using range = std::invoke_result_t<F&, In>;
                using element = std::ranges::range_value_t<range>;
                static_assert(
                    std::constructible_from<element, std::ranges::range_reference_t<range>> ||
                        kept_range<range>::may_move,
                    "flow::flat_map: the elements of the range cannot be copied. Return a container of them by value.");
                return std::type_identity<element>();
            } else {
                return std::type_identity<In>();
            }
        }
        using out = typename decltype(result<Fn>())::type;
    };

    template <class In, class Next>
    auto node(Next next) const -> flat_map_node<In, Fn, Next> {
        return {fn, std::move(next)};
    }

    Fn fn;
};

/// An event of two parts: std::pair, std::tuple, std::array.
template <class T>
concept pair_like = requires {
    requires std::tuple_size<T>::value == 2;
};

template <class In, class Fn>
concept value_function = pair_like<In> && std::invocable<Fn&, std::tuple_element_t<1, In>> &&
    std::is_object_v<std::decay_t<std::invoke_result_t<Fn&, std::tuple_element_t<1, In>>>>;

/// The function of map_values, for whole events.
template <class Fn>
struct value_mapper {
    template <class In>
    auto operator()(In&& event) {
        using key = std::remove_cv_t<std::tuple_element_t<0, std::remove_cvref_t<In>>>;
        using value = std::decay_t<decltype(std::invoke(fn, std::get<1>(std::forward<In>(event))))>;
        // Braces: the key is taken before the value.
        return std::pair<key, value>{std::get<0>(std::forward<In>(event)),
                                     std::invoke(fn, std::get<1>(std::forward<In>(event)))};
    }

    Fn fn;
};

template <class Fn>
struct map_values_step : fused_step<map_values_step<Fn>> {
    static constexpr bool is_stateless = true;
    static constexpr char const* kind = "map_values";

    template <class In>
    struct on {
        static_assert(value_function<In, Fn>,
                      "flow::map_values: the events that reach it must be pairs, and the function must take the second "
                      "part, by value, const& or &&, and return a value.");
        template <class F>
        static auto result() {
            if constexpr (value_function<In, F>) {
                return std::type_identity<std::invoke_result_t<value_mapper<F>&, In>>();
            } else {
                return std::type_identity<In>();
            }
        }
        using out = typename decltype(result<Fn>())::type;
    };

    template <class In, class Next>
    auto node(Next next) const -> map_node<In, value_mapper<Fn>, Next> {
        return {{std::move(next)}, {fn}};
    }

    Fn fn;
};

template <class Fn>
struct tap_step : fused_step<tap_step<Fn>> {
    static constexpr bool is_stateless = true;
    static constexpr char const* kind = "tap";

    template <class In>
    struct on {
        static_assert(std::invocable<Fn&, In const&>,
                      "flow::tap: the function must take the event that reaches it by const& (or by value, if it can "
                      "be copied). Use flow::map to change events.");
        static_assert(!gives_awaitable<Fn, In const&>,
                      "flow::tap: the function is a coroutine, and nobody would run it. Use flow::map_async.");
        using out = In;
    };

    template <class In, class Next>
    auto node(Next next) const -> tap_node<In, Fn, Next> {
        return {{std::move(next)}, fn};
    }

    Fn fn;
};

}  // namespace sluice::detail

namespace sluice::flow {

/// A step that makes of each event another: `fn(event)`, called once an event. The event is handed over as an rvalue.
/// A reference that `fn` returns is copied from.
///
/// @code
/// auto const f = flow::from(std::views::iota(1, 4)) | flow::map([](int i) { return i * i; });  // 1, 4, 9
/// @endcode
///
/// Holds of every function of a flow: each stage of a layer has a copy of its own, which it calls one event after the
/// other; so a function must be copyable, and what copies share must be safe for threads. An exception ends the flow
/// with that exception. Order: kept within a stage. Memory: none. Copies: none.
template <class Fn>
auto map(Fn&& fn) {
    detail::check_functions<std::decay_t<Fn>>();
    return detail::close_over(detail::map_step<std::decay_t<Fn>>{{}, std::forward<Fn>(fn)});
}

/// A step that makes of each event the elements of the range `fn(event)`, any number of them, lazily: however long
/// the range is, no more of it is walked than the next stage has asked for.
///
/// @code
/// auto const f = flow::from(std::views::iota(1, 4)) |
///                flow::flat_map([](int i) { return std::views::iota(0, i); });  // 0, 0, 1, 0, 1, 2
/// @endcode
///
/// The event lives while its range is walked, so the range may refer to it. Elements of a container that `fn` returns
/// by value are moved out of it; elements that a view or a reference shows are copied. Order: kept within a stage.
/// Memory: the event and its range. Copies: those.
template <class Fn>
auto flat_map(Fn&& fn) {
    detail::check_functions<std::decay_t<Fn>>();
    return detail::close_over(detail::flat_map_step<std::decay_t<Fn>>{{}, std::forward<Fn>(fn)});
}

/// A step that lets pass the events for which `fn(event)` is true; the event is shown by const&. Order: kept within a
/// stage. Memory: none. Copies: none.
///
/// @code
/// auto const f = flow::from(std::views::iota(1, 7)) | flow::filter([](int i) { return i % 2 == 0; });  // 2, 4, 6
/// @endcode
template <class Fn>
auto filter(Fn&& fn) {
    detail::check_functions<std::decay_t<Fn>>();
    return detail::close_over(detail::filter_step<std::decay_t<Fn>, true>{{}, std::forward<Fn>(fn)});
}

/// The opposite of filter: lets pass the events for which `fn(event)` is false. Order, memory and copies as there.
///
/// @code
/// auto const f = flow::from(std::views::iota(1, 7)) | flow::reject([](int i) { return i % 2 == 0; });  // 1, 3, 5
/// @endcode
template <class Fn>
auto reject(Fn&& fn) {
    detail::check_functions<std::decay_t<Fn>>();
    return detail::close_over(detail::filter_step<std::decay_t<Fn>, false>{{}, std::forward<Fn>(fn)});
}

/// A step on pairs that makes of each value another, `fn(value)`, and leaves the key: what goes on is
/// std::pair<Key, NewValue>. Any type of two parts that std::get knows is a pair. The value is handed over as an
/// rvalue. Order: kept within a stage. Memory: none. Copies: none, save of a key that is const. Flow: `map_values`.
///
/// @code
/// auto const f = flow::from(fruits) | flow::count_by() |
///                flow::map_values([](std::size_t n) { return std::to_string(n) + " times"; });
/// // {"fig", "2 times"} and {"plum", "1 times"}, in any order
/// @endcode
template <class Fn>
auto map_values(Fn&& fn) {
    detail::check_functions<std::decay_t<Fn>>();
    return detail::close_over(detail::map_values_step<std::decay_t<Fn>>{{}, std::forward<Fn>(fn)});
}

/// A step that calls `fn(event)` for its side effect, and lets every event pass as it is; the event is shown by const&.
/// Order: kept within a stage; the function has seen an event before the next step gets it. Memory: none. Copies: none.
/// Flow: `each`.
///
/// @code
/// auto const f = flow::from(std::views::iota(1, 4)) | flow::tap([&log](int i) { log.push_back(i); });  // 1, 2, 3
/// @endcode
template <class Fn>
auto tap(Fn&& fn) {
    detail::check_functions<std::decay_t<Fn>>();
    return detail::close_over(detail::tap_step<std::decay_t<Fn>>{{}, std::forward<Fn>(fn)});
}

}  // namespace sluice::flow
