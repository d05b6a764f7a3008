#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <sluice/detail/flow/fused_step.hpp>
#include <sluice/detail/flow/step_nodes.hpp>
#include <string>
#include <type_traits>
#include <utility>

namespace sluice::detail {

struct take_step : fused_step<take_step> {
    static constexpr char const* kind = "take";
    template <class In>
    struct on {
        using out = In;
    };

    template <class In, class Next>
    auto node(Next next) const -> take_node<In, Next> {
        return {{std::move(next)}, count};
    }

    std::size_t count;
};

struct drop_step : fused_step<drop_step> {
    static constexpr char const* kind = "drop";
    template <class In>
    struct on {
        using out = In;
    };

    template <class In, class Next>
    auto node(Next next) const -> drop_node<In, Next> {
        return {{std::move(next)}, count};
    }

    std::size_t count;
};

struct index_step : fused_step<index_step> {
    static constexpr char const* kind = "zip_with_index";
    template <class In>
    struct on {
        using out = std::pair<In, std::size_t>;
    };

    template <class In, class Next>
    auto node(Next next) const -> index_node<In, Next> {
        return {{std::move(next)}};
    }
};

template <class Fn>
struct take_while_step : fused_step<take_while_step<Fn>> {
    static constexpr char const* kind = "take_while";
    template <class In>
    struct on {
        static_assert(std::predicate<Fn&, In const&>,
                      "flow::take_while: the function must take the event that reaches it by const& (or by value, if "
                      "it can be copied) and return bool.");
        using out = In;
    };

    template <class In, class Next>
    auto node(Next next) const -> take_while_node<In, Fn, Next> {
        return {{std::move(next)}, fn};
    }

    Fn fn;
};

template <class Init, class Fn>
struct scan_step : fused_step<scan_step<Init, Fn>> {
    static constexpr char const* kind = "scan";
    using accumulator = accumulator_of<Init>;
    template <class In>
    struct on {
        static_assert(std::invocable<Fn&, accumulator&, In>,
                      "flow::scan: the function must be callable as fn(accumulator&, event). It changes the "
                      "accumulator in place; what it returns is not used.");
        using out = accumulator;
    };

    template <class In, class Next>
    auto node(Next next) const -> scan_node<In, accumulator, Fn, Next> {
        return {{std::move(next)}, first_accumulator(init), fn};
    }

    Init init;
    Fn fn;
};

template <class Key>
struct uniq_step : fused_step<uniq_step<Key>> {
    static constexpr char const* kind = std::same_as<Key, std::identity> ? "uniq" : "uniq_by";
    template <class In>
    struct on {
        static_assert(table_key<Key, In>,
                      "flow::uniq, flow::uniq_by: the key function must take the event that reaches it by const&, and "
                      "its result be a key for a hash table: copyable, with std::hash and ==. flow::uniq takes the "
                      "event itself as the key.");
        using out = In;
    };

    template <class In, class Next>
    auto node(Next next) const -> uniq_node<In, Key, Next> {
        return {{std::move(next)}, key};
    }

    Key key;
};

}  // namespace sluice::detail

namespace sluice::flow {

// Steps that remember something from event to event. Each stage of a layer remembers for itself, and each run begins
// anew. Where it must be one memory for all events, put the step behind a single source, behind
// flow::shuffle({.stages = 1}), or, when events with equal keys matter to one another, behind flow::partition.

/// A step that lets pass the first `count` events of each stage. A stage that has its n takes no more: it ends, and
/// what is before it stops as soon as no stage takes more, sources first of all; so an endless source may be taken
/// from. What was under way to such a stage is dropped.
///
/// @code
/// auto const f = flow::from(std::views::iota(1)) | flow::take(3);  // 1, 2, 3 of what has no end
/// @endcode
///
/// A run of L stages thus gives at most L * count events. Order: kept within a stage. Memory: none. Copies: none.
/// Elixir: `Enum.take`.
inline auto take(std::size_t count) { return detail::close_over(detail::take_step{{std::to_string(count)}, count}); }

/// A step that drops the first `count` events of each stage. Order: kept within a stage. Memory: none. Copies: none.
/// Elixir: `Enum.drop`.
///
/// @code
/// auto const f = flow::from(std::views::iota(1, 7)) | flow::drop(4);  // 5, 6
/// @endcode
inline auto drop(std::size_t count) { return detail::close_over(detail::drop_step{{std::to_string(count)}, count}); }

/// A step that lets events pass until `fn(event)` is false for the first time; then its stage ends, as with take. The
/// event is shown by const&. Order: kept within a stage. Memory: none. Copies: none. Elixir: `Enum.take_while`.
///
/// @code
/// auto const f = flow::from(std::views::iota(1)) | flow::take_while([](int i) { return i * i < 20; });  // 1, 2, 3, 4
/// @endcode
template <class Fn>
auto take_while(Fn&& fn) {
    detail::check_functions<std::decay_t<Fn>>();
    return detail::close_over(detail::take_while_step<std::decay_t<Fn>>{{}, std::forward<Fn>(fn)});
}

/// A step that emits after each event what has come together by then: `fn(accumulator&, event)` changes the accumulator
/// in place, and a copy of it goes on. `init` is where each stage's accumulator begins; see reduce.
/// Order: kept within a stage. Memory: the accumulator. Copies: the accumulator, once an event. Elixir: `Enum.scan`.
///
/// @code
/// auto const f =
///     flow::from(std::views::iota(1, 5)) | flow::scan(0, [](int& sum, int i) { sum += i; });  // 1, 3, 6, 10
/// @endcode
template <class Init, class Fn>
auto scan(Init&& init, Fn&& fn) {
    using step = detail::scan_step<std::decay_t<Init>, std::decay_t<Fn>>;
    detail::check_functions<std::decay_t<Init>, std::decay_t<Fn>>();
    static_assert(std::copy_constructible<typename step::accumulator>,
                  "flow::scan: the accumulator must be copyable, because a copy goes on after each event. Use "
                  "flow::reduce for one that goes on at the end.");
    return detail::close_over(step{{}, std::forward<Init>(init), std::forward<Fn>(fn)});
}

/// A step that numbers the events of each stage from 0 on: std::pair<Event, std::size_t>. Order: kept within a stage.
/// Memory: none. Copies: none. Elixir: `Enum.with_index`.
///
/// @code
/// auto const f = flow::from(letters) | flow::zip_with_index();  // {"a", 0}, {"b", 1}
/// @endcode
inline auto zip_with_index() { return detail::close_over(detail::index_step{}); }

/// A step that lets pass the events that its stage has not had before. To tell equal events apart from others in the
/// whole flow, put flow::partition() before it: then equal ones meet in one stage.
///
/// @code
/// auto const f = flow::from(some) | flow::uniq();  // 3, 1, 2
/// @endcode
///
/// Order: kept within a stage; of equal events the first passes. Memory: grows with the distinct events of a stage,
/// without bound. Copies: each distinct event once. Flow: `uniq`.
inline auto uniq() { return detail::close_over(detail::uniq_step<std::identity>{{}, {}}); }

/// The same for the key of an event, `key(event const&)`, which needs std::hash and ==: of events with equal keys the
/// first passes. Memory: grows with the distinct keys of a stage, without bound. Copies: each distinct key once.
/// Flow: `uniq_by`.
///
/// @code
/// auto const f = flow::from(std::views::iota(1, 10)) | flow::uniq_by([](int i) { return i % 3; });  // 1, 2, 3
/// @endcode
template <class Key>
auto uniq_by(Key&& key) {
    detail::check_functions<std::decay_t<Key>>();
    return detail::close_over(detail::uniq_step<std::decay_t<Key>>{{}, std::forward<Key>(key)});
}

}  // namespace sluice::flow
