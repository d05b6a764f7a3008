#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <concepts>
#include <exception>
#include <memory>
#include <sluice/detail/flow/run.hpp>
#include <sluice/executor_arg.hpp>
#include <sluice/flow/pipeline.hpp>
#include <type_traits>
#include <utility>

namespace sluice::flow {

// Terminal operations: they give a flow an executor, and so run it. Here are those without a result; those with one are
// in results.hpp.
//
// Of all of them holds: an exception anywhere in the flow, in a source, a function, a body, or when an event is copied
// or moved, ends the whole flow, and is the one that the operation ends with; the first one, if there are several.
// Sources stop, and nothing is left running. Each stage runs on a strand of its own, so any executor will do.
// Options and whatever else can be known before are checked in the call itself, which throws.
//
// The async ones take a *named* flow, of which they keep a copy only of what runs.

/// Runs a flow for its effects; what comes out is dropped where it comes out. For flows that end in flow::sink this is
/// the terminal operation. Order: that of the steps. Memory and copies: none.
///
/// @par Completion signature
/// @code void(std::exception_ptr) @endcode
/// @par Executor
/// The handler's associated executor, else the given one, as if by post; never inside this call.
/// @par Per-operation cancellation
/// terminal, partial: stops the flow in a bounded number of steps; operation_aborted.
/// @par Errors
/// The first exception in the flow.
template <description F, class Token = asio::use_awaitable_t<>>
auto async_run(F& flow, executor_arg executor, Token&& token = {}) {
    return detail::initiate<void>(detail::make_run(flow, executor.get()), std::forward<Token>(token));
}

/// The same, blocking: for main(). Other threads must run the executor: a thread_pool does; called in one of its own
/// threads this waits for ever. Throws what the flow ended with.
///
/// @code
/// auto const loud = f | flow::tap([](int i) { BOOST_TEST_MESSAGE(i); });
/// flow::run(loud, pool);
/// @endcode
template <description F>
void run(F const& flow, executor_arg executor) {
    detail::run_and_wait(detail::make_run(flow, executor.get()));
}

/// Runs a flow and calls `fn(event)` for each event that comes out, one after the other, in one stage. Order: that of
/// arrival, so kept from each stage of the last layer. Memory: a batch, and 1000 events from each stage. Copies: none.
/// The rest as async_run.
///
/// @par Completion signature
/// @code void(std::exception_ptr) @endcode
template <description F, class Fn, class Token = asio::use_awaitable_t<>>
auto async_for_each(F& flow, executor_arg executor, Fn fn, Token&& token = {}) {
    return detail::initiate<void>(detail::make_for_each(flow, executor.get(), std::move(fn)),
                                  std::forward<Token>(token));
}

/// The same, blocking; see run.
///
/// @code
/// int product = 1;
/// flow::for_each(f, pool, [&product](int i) { product *= i; });
/// @endcode
template <description F, class Fn>
void for_each(F const& flow, executor_arg executor, Fn fn) {
    detail::run_and_wait(detail::make_for_each(flow, executor.get(), std::move(fn)));
}

/// @cond
// Say what to do with a flow that has no name: name it, then run it.
//     auto numbers = flow::from(range) | flow::map(f);
//     co_await flow::async_run(numbers, executor);
// GCC 12 destroys closures twice when they are temporaries of an expression that awaits.
template <description F, class... More>
auto async_run(F const&&, More&&...) {
    return detail::refuse_temporary<F>();
}
template <description F, class... More>
auto async_for_each(F const&&, More&&...) {
    return detail::refuse_temporary<F>();
}
/// @endcond

}  // namespace sluice::flow
