#pragma once

#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <optional>
#include <sluice/detail/flow/results.hpp>
#include <sluice/executor_arg.hpp>
#include <sluice/flow/pipeline.hpp>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::flow {

// Terminal operations that give a result; what holds of all of them says run.hpp. Executor, cancellation and errors are
// those of async_run. After an error the result that the handler gets says nothing.

/// Runs a flow and gives what comes out, as a vector. Order: that of arrival; from one stage as it was emitted. Memory:
/// all events. Copies: none. The rest as async_run.
///
/// @par Completion signature
/// @code void(std::exception_ptr, std::vector<event_type>) @endcode
template <description F, class Token = asio::use_awaitable_t<>>
auto async_collect(F& flow, executor_arg executor, Token&& token = {}) {
    return detail::initiate<std::vector<detail::event_of<F>>>(
        detail::make_to<std::vector<detail::event_of<F>>>(flow, executor.get()), std::forward<Token>(token));
}

/// The same, blocking; see run.
///
/// @code
/// auto const all =
///     flow::collect(f, pool);  // a std::vector; in a coroutine: co_await flow::async_collect(f, pool)
/// @endcode
template <description F>
auto collect(F const& flow, executor_arg executor) -> std::vector<detail::event_of<F>> {
    return detail::run_and_wait(detail::make_to<std::vector<detail::event_of<F>>>(flow, executor.get()));
}

/// Runs a flow and puts what comes out into a container: `async_to<std::set<std::string>>(f, executor)`, or
/// `async_to<std::set>(f, executor)`, whose element is then the event (of a map: its two parts). Any container with a
/// default and with push_back, insert or push. In a map the first of equal keys stays.
/// Order: that of arrival. Memory: all events. Copies: none.
///
/// @par Completion signature
/// @code void(std::exception_ptr, Container) @endcode
template <class Container, description F, class Token = asio::use_awaitable_t<>>
auto async_to(F& flow, executor_arg executor, Token&& token = {}) {
    return detail::initiate<Container>(detail::make_to<Container>(flow, executor.get()), std::forward<Token>(token));
}
template <template <class...> class Container, description F, class Token = asio::use_awaitable_t<>>
auto async_to(F& flow, executor_arg executor, Token&& token = {}) {
    using container = detail::container_of<Container, detail::event_of<F>>;
    return detail::initiate<container>(detail::make_to<container>(flow, executor.get()), std::forward<Token>(token));
}

/// The same, blocking; see run.
///
/// @code
/// auto const all = flow::to<std::set>(f, pool);  // a std::set<int>
/// @endcode
template <class Container, description F>
auto to(F const& flow, executor_arg executor) -> Container {
    return detail::run_and_wait(detail::make_to<Container>(flow, executor.get()));
}
template <template <class...> class Container, description F>
auto to(F const& flow, executor_arg executor) {
    return to<detail::container_of<Container, detail::event_of<F>>>(flow, executor);
}

/// Runs a flow and gives one accumulator for all that comes out: each stage of the last layer puts its events into one
/// of its own, `fn(accumulator&, event)`, and those are merged, `merge(accumulator&, accumulator)`, in no given order.
/// So the last layer's stages work side by side, and `init`, a value or a function that makes one, begins each of them:
/// it must be neutral, as 0 is for a sum; a function is called once for each, and once more where an accumulator has no
/// default value. Memory: an accumulator a stage. Copies: none of events. Spark: `aggregate`.
///
/// @par Completion signature
/// @code void(std::exception_ptr, Accumulator) @endcode
template <description F, class Init, class Fn, class Merge, class Token = asio::use_awaitable_t<>>
auto async_reduce_all(F& flow, executor_arg executor, Init init, Fn fn, Merge merge, Token&& token = {}) {
    detail::check_functions<Init, Fn, Merge>();
    return detail::initiate<detail::accumulator_of<Init>>(
        detail::make_reduce_all(flow, executor.get(), init, std::move(fn), std::move(merge)),
        std::forward<Token>(token));
}

/// The same, blocking; see run.
///
/// @code
/// auto const add = [](int& sum, int i) { sum += i; };
/// auto const sum = flow::reduce_all(f, pool, 0, add, add);
/// @endcode
template <description F, class Init, class Fn, class Merge>
auto reduce_all(F const& flow, executor_arg executor, Init init, Fn fn, Merge merge) {
    detail::check_functions<Init, Fn, Merge>();
    return detail::run_and_wait(detail::make_reduce_all(flow, executor.get(), init, std::move(fn), std::move(merge)));
}

/// Runs a flow and gives the number of events that come out. Each stage of the last layer counts its own, in any
/// order. Memory and copies: none.
///
/// @par Completion signature
/// @code void(std::exception_ptr, std::size_t) @endcode
template <description F, class Token = asio::use_awaitable_t<>>
auto async_count(F& flow, executor_arg executor, Token&& token = {}) {
    return detail::initiate<std::size_t>(detail::make_count(flow, executor.get()), std::forward<Token>(token));
}

/// The same, blocking; see run.
///
/// @code
/// auto const many = flow::count(f, pool);
/// @endcode
template <description F>
auto count(F const& flow, executor_arg executor) -> std::size_t {
    return detail::run_and_wait(detail::make_count(flow, executor.get()));
}

/// What async_sum gives: std::int64_t for signed integers, std::uint64_t for unsigned ones, double for float, else the
/// event's own type.
template <class Event>
using sum_of = typename detail::sum_type<Event>::type;

/// Runs a flow and adds up what comes out, from the default value on, with +=. Each stage of the last layer adds its
/// own, in any order; so floating-point sums may differ in the last digits from run to run. Memory: none. Copies: none.
///
/// A sum of integers that passes 64 bits is not noticed: an unsigned one wraps around, and with a signed one the
/// behaviour is undefined, as it is with +. Put flow::map before it, to a wider type, where that may happen.
///
/// @par Completion signature
/// @code void(std::exception_ptr, sum_of<event_type>) @endcode
template <description F, class Token = asio::use_awaitable_t<>>
auto async_sum(F& flow, executor_arg executor, Token&& token = {}) {
    return detail::initiate<sum_of<detail::event_of<F>>>(detail::make_sum(flow, executor.get()),
                                                         std::forward<Token>(token));
}

/// The same, blocking; see run.
///
/// @code
/// auto const total = flow::sum(f, pool);  // of int: a std::int64_t
/// @endcode
template <description F>
auto sum(F const& flow, executor_arg executor) -> sum_of<detail::event_of<F>> {
    return detail::run_and_wait(detail::make_sum(flow, executor.get()));
}

/// Runs a flow until an event comes out, and gives that; nullopt if none does. The flow is then stopped as by
/// flow::take: sources first. Of a last layer with several stages it is the event that arrives first, in whatever
/// order. Memory and copies: none.
///
/// @par Completion signature
/// @code void(std::exception_ptr, std::optional<event_type>) @endcode
template <description F, class Token = asio::use_awaitable_t<>>
auto async_first(F& flow, executor_arg executor, Token&& token = {}) {
    return detail::initiate<std::optional<detail::event_of<F>>>(detail::make_first(flow, executor.get()),
                                                                std::forward<Token>(token));
}

/// The same, blocking; see run.
///
/// @code
/// auto const large = f | flow::filter([](int i) { return i > 2; });
/// auto const found = flow::first(large, pool);  // std::optional(3)
/// @endcode
template <description F>
auto first(F const& flow, executor_arg executor) -> std::optional<detail::event_of<F>> {
    return detail::run_and_wait(detail::make_first(flow, executor.get()));
}

/// Runs a flow and awaits `fn(event)`, an asio::awaitable<void>, for each event that comes out: one after the other, in
/// one stage, on whose strand the coroutines run. While one waits, the flow runs ahead by what its demands allow, and
/// then waits as well. A stop cancels the coroutine that waits. Memory: 1000 events from each stage. Copies: none.
///
/// @par Completion signature
/// @code void(std::exception_ptr) @endcode
template <description F, class Fn, class Token = asio::use_awaitable_t<>>
auto async_for_each_async(F& flow, executor_arg executor, Fn fn, Token&& token = {}) {
    return detail::initiate<void>(detail::make_for_each_async(flow, executor.get(), std::move(fn)),
                                  std::forward<Token>(token));
}

/// The same, blocking; see run.
///
/// @code
/// auto const send = [&sent](int) -> asio::awaitable<void> {
///     ++sent;  // or write to a socket, awaited
///     co_return;
/// };
/// flow::for_each_async(f, pool, send);
/// @endcode
template <description F, class Fn>
void for_each_async(F const& flow, executor_arg executor, Fn fn) {
    detail::run_and_wait(detail::make_for_each_async(flow, executor.get(), std::move(fn)));
}

/// @cond
// Say what to do with a flow that has no name; see run.hpp.
template <description F, class... More>
auto async_collect(F const&&, More&&...) {
    return detail::refuse_temporary<F>();
}
template <class Container, description F, class... More>
auto async_to(F const&&, More&&...) {
    return detail::refuse_temporary<F>();
}
template <template <class...> class Container, description F, class... More>
auto async_to(F const&&, More&&...) {
    return detail::refuse_temporary<F>();
}
template <description F, class... More>
auto async_reduce_all(F const&&, More&&...) {
    return detail::refuse_temporary<F>();
}
template <description F, class... More>
auto async_count(F const&&, More&&...) {
    return detail::refuse_temporary<F>();
}
template <description F, class... More>
auto async_sum(F const&&, More&&...) {
    return detail::refuse_temporary<F>();
}
template <description F, class... More>
auto async_first(F const&&, More&&...) {
    return detail::refuse_temporary<F>();
}
template <description F, class... More>
auto async_for_each_async(F const&&, More&&...) {
    return detail::refuse_temporary<F>();
}
/// @endcond

}  // namespace sluice::flow
