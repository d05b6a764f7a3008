#pragma once

#include <concepts>
#include <functional>
#include <ranges>
#include <sluice/batch.hpp>
#include <sluice/core/api.hpp>
#include <sluice/detail/flow/window_keepers.hpp>
#include <sluice/detail/flow/window_nodes.hpp>
#include <sluice/flow/reduce.hpp>
#include <sluice/flow/trigger.hpp>
#include <type_traits>
#include <utility>

namespace sluice::detail {

// What goes on when a window fires. `has_events`: it says of which type that is.

/// `result` of on_trigger: a range, or a range and the accumulator as it is from now on.
template <class T>
struct trigger_result {
    using range = T;
};
template <class Range, class Acc>
    requires(!std::ranges::input_range<std::pair<Range, Acc>>)
struct trigger_result<std::pair<Range, Acc>> {
    using range = Range;
};

template <class Fn, class Acc, class Key>
concept trigger_with_key =
    !std::same_as<Key, no_key> && std::invocable<Fn&, Acc&, flow::trigger_info const&, Key const&>;
template <class Fn, class Acc, class Key>
decltype(auto) call_trigger(Fn& fn, Acc& acc, flow::trigger_info const& info, Key const* key) {
    if constexpr (trigger_with_key<Fn, Acc, Key>) {
        return std::invoke(fn, acc, info, *key);
    } else if constexpr (std::invocable<Fn&, Acc&, flow::trigger_info const&>) {
        return std::invoke(fn, acc, info);
    } else {
        return std::invoke(fn, acc);
    }
}
template <class Fn, class Acc, class Key>
concept trigger_callable =
    trigger_with_key<Fn, Acc, Key> || std::invocable<Fn&, Acc&, flow::trigger_info const&> || std::invocable<Fn&, Acc&>;

/// A window that is not done gives a copy of what it has.
template <class T>
constexpr auto can_give_often(bool has_triggers) -> bool {
    return core::is_copyable<T> || !has_triggers;
}
/// Throws system_error(errc::invalid_option): there is lateness, and the accumulator cannot be copied.
[[noreturn]] SLUICE_API void throw_needs_copies();

/// What the user's function says.
template <class Fn>
struct give_by_function {
    static constexpr char const* kind = "on_trigger";
    static constexpr bool has_events = true;

    template <class Acc, class Key>
    static auto result() {
        if constexpr (trigger_callable<Fn, Acc, Key>) {
            using returned = std::decay_t<decltype(call_trigger(std::declval<Fn&>(), std::declval<Acc&>(),
                                                                std::declval<flow::trigger_info const&>(),
                                                                std::declval<Key const*>()))>;
            using range = typename trigger_result<returned>::range;
            if constexpr (std::ranges::input_range<range>) return std::type_identity<range_element<range>>();
        }
    }
    template <class Acc, class Key, bool HasTriggers>
    static constexpr auto check() -> bool {
        constexpr bool fits = !std::is_void_v<decltype(result<Acc, Key>())>;
        static_assert(fits,
                      "flow::on_trigger: the function must be callable as fn(accumulator&), fn(accumulator&, "
                      "flow::trigger_info const&) or, for sessions, fn(accumulator&, flow::trigger_info const&, key "
                      "const&), and return a range of the events that go on, or a std::pair of it and the accumulator "
                      "from now on.");
        return fits;
    }
    template <class Acc, class Key>
    using out = typename decltype(result<Acc, Key>())::type;

    template <class Box, class End, class Key>
    void operator()(Box& box, End& end, flow::trigger_info const& info, Key const* key) {
        using returned = decltype(call_trigger(fn, end.acc, info, key));
        if constexpr (std::ranges::input_range<std::decay_t<returned>>) {
            box.push_all(call_trigger(fn, end.acc, info, key));
        } else {
            auto [events, acc] = call_trigger(fn, end.acc, info, key);
            box.push_all(std::move(events));
            end.acc = std::move(acc);
        }
    }

    Fn fn;
};

/// The accumulator, as one event. It stays, so it is copied unless the window is done.
struct give_state {
    static constexpr char const* kind = "emit state";
    static constexpr bool has_events = true;

    template <class Acc, class Key, bool HasTriggers>
    static constexpr auto check() -> bool {
        static_assert(can_give_often<Acc>(HasTriggers),
                      "flow: what goes on when a trigger fires is a copy of the accumulator, so it must be copyable. "
                      "Or say by flow::on_trigger what goes on.");
        return can_give_often<Acc>(HasTriggers);
    }
    template <class Acc, class Key>
    using out = Acc;

    template <class Box, class End, class Key>
    void operator()(Box& box, End& end, flow::trigger_info const& info, Key const*) const {
        if (info.trigger.is_done()) {
            box.push(std::move(end.acc));
        } else if constexpr (core::is_copyable<std::decay_t<decltype(end.acc)>>) {
            box.push(std::as_const(end.acc));
        } else {
            throw_needs_copies();
        }
    }
};

template <class T>
struct free_element {
    using type = T;
};
template <class K, class V>
struct free_element<std::pair<K const, V>> {
    using type = std::pair<K, V>;  // of a map
};

/// The accumulator's elements. Flow: what a reduction does by itself.
struct give_events {
    static constexpr char const* kind = "emit events";
    static constexpr bool has_events = true;

    template <class Acc, class Key, bool HasTriggers>
    static constexpr auto check() -> bool {
        static_assert(std::ranges::input_range<Acc>,
                      "flow::emit(flow::events): the accumulator must be a range. Else say by flow::on_trigger what "
                      "goes on.");
        if constexpr (std::ranges::input_range<Acc>) {
            constexpr bool fits = can_give_often<out<Acc, Key>>(HasTriggers);
            static_assert(fits,
                          "flow: what goes on when a trigger fires are copies of the accumulator's elements, so they "
                          "must be copyable. Or say by flow::on_trigger what goes on.");
            return fits;
        }
        return false;
    }
    template <class Acc, class Key>
    using out = typename free_element<range_element<Acc>>::type;

    template <class Box, class End, class Key>
    void operator()(Box& box, End& end, flow::trigger_info const& info, Key const*) const {
        using acc = std::decay_t<decltype(end.acc)>;
        if (info.trigger.is_done()) {
            box.push_all(std::move(end.acc));
        } else if constexpr (core::is_copyable<out<acc, Key>>) {
            box.push_all(std::as_const(end.acc));
        } else {
            throw_needs_copies();
        }
    }
};

struct give_nothing {
    static constexpr char const* kind = "emit nothing";
    static constexpr bool has_events = false;

    template <class Acc, class Key, bool HasTriggers>
    static constexpr auto check() -> bool {
        return true;
    }
    template <class Acc, class Key>
    using out = Acc;

    template <class Box, class End, class Key>
    void operator()(Box&, End&, flow::trigger_info const&, Key const*) const noexcept {}
};

/// Of emit_and_reduce: its last function.
template <class Last>
struct give_last {
    static constexpr char const* kind = "";
    static constexpr bool has_events = false;
    static constexpr bool has_last = !std::same_as<Last, nothing_at_end>;

    template <class Acc, class Key, bool HasTriggers>
    static constexpr auto check() -> bool {
        static_assert(
            !has_last || can_give_often<Acc>(HasTriggers),
            "flow::emit_and_reduce: when a trigger fires the last function gets a copy of the accumulator, so "
            "it must be copyable. Or say by flow::on_trigger what goes on.");
        return !has_last || can_give_often<Acc>(HasTriggers);
    }

    template <class Box, class End, class Key>
    void operator()(Box& box, End& end, flow::trigger_info const& info, Key const*) {
        if constexpr (has_last) {
            if (info.trigger.is_done()) {
                box.push_all(std::invoke(last, std::move(end.acc)));
            } else if constexpr (core::is_copyable<std::decay_t<decltype(end.acc)>>) {
                auto kept = end.acc;
                box.push_all(std::invoke(last, std::move(kept)));
            } else {
                throw_needs_copies();
            }
        }
    }

    Last last;
};

}  // namespace sluice::detail
