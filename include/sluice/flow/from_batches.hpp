#pragma once

#include <boost/asio/awaitable.hpp>
#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <ranges>
#include <sluice/detail/await.hpp>
#include <sluice/detail/flow/nodes.hpp>
#include <sluice/flow/bodies.hpp>
#include <sluice/outlet.hpp>
#include <type_traits>
#include <utility>

namespace sluice::detail {

/// What a function gives, or will give, when it is asked for so many events; void if it cannot be.
template <class Fn>
struct answer_to_demand {
    using type = void;
};
template <class Fn>
    requires std::invocable<Fn&, std::size_t>
struct answer_to_demand<Fn> {
    using type = awaited_t<std::invoke_result_t<Fn&, std::size_t>>;
};

template <class T>
inline constexpr bool is_optional_range = false;
template <std::ranges::input_range R>
inline constexpr bool is_optional_range<std::optional<R>> = true;

/// The body of from_batches.
template <class T, class Fn>
struct batch_giver {
    auto operator()(outlet<T>& out, Fn fn) const -> asio::awaitable<void> {
        while (auto wanted = co_await out.demand()) {
            typename answer_to_demand<Fn>::type given;
            if constexpr (is_awaitable<std::invoke_result_t<Fn&, std::size_t>>) {
                auto asked = std::invoke(fn, *wanted);
                given = co_await std::move(asked);
            } else {
                given = std::invoke(fn, *wanted);
            }
            if (!given) co_return;
            auto events = out.make_batch();
            kept_range<typename answer_to_demand<Fn>::type::value_type> range(std::move(*given));
            using kept = decltype(range);
            auto at = std::ranges::begin(range.get());
            for (auto const end = std::ranges::end(range.get()); at != end; ++at) {
                events.push_back(take_element<T, kept::may_move>(at));
            }
            bool const taken = co_await out.emit(std::move(events));
            if (!taken) co_return;
        }
    }
};

}  // namespace sluice::detail

namespace sluice::flow {

/// What `fn(wanted)` has, as often as somebody wants events: it is told how many, and gives a range of as many, or
/// fewer, or none, in a std::optional; nullopt ends the flow. What it gives goes on at once, so "this is what I have"
/// is an answer: nobody waits until all that is wanted is there. More than is wanted waits in the source, and holds it
/// back.
///
/// The function may be a coroutine, which returns boost::asio::awaitable of that optional, and waits until it has
/// something: on the source's strand, and is cancelled when nobody wants more. One that is none, and has nothing, must
/// wait in the call, and so blocks a thread: it is called again at once.
///
/// @code
/// auto const pages = [next = 0](std::size_t wanted) mutable -> asio::awaitable<std::optional<numbers>> {
///     if (next == 1000) co_return std::nullopt;
///     numbers page;  // or what a queue, a socket or a database has, awaited
///     while (page.size() < wanted && next < 1000) page.push_back(next++);
///     co_return page;
/// };
/// auto const f = flow::from_batches(pages);  // 0, 1, … 999
/// @endcode
///
/// Runs as one stage of its own, with a copy of the function for each run; order is kept. Memory: what the function
/// gives, and 1000 events to the next stage. Copies: none. Flow: a GenStage's `handle_demand`.
template <class Fn>
auto from_batches(Fn&& fn) {
    using function = std::decay_t<Fn>;
    using answer = typename detail::answer_to_demand<function>::type;
    constexpr bool fits = detail::is_optional_range<answer>;
    static_assert(fits,
                  "flow::from_batches: the function must be callable as fn(std::size_t wanted) and return "
                  "std::optional of a range of events, or boost::asio::awaitable of such an optional.");
    if constexpr (fits) {
        using event = std::ranges::range_value_t<typename answer::value_type>;
        return source<event>(detail::batch_giver<event, function>(), std::forward<Fn>(fn));
    }
}

}  // namespace sluice::flow
