#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <concepts>
#include <sluice/core/planted.hpp>
#include <sluice/detail/waiter.hpp>
#include <type_traits>
#include <utility>

namespace sluice::detail {

/// Starts a wait in a slot; `ready` when it need not wait but must let others run first.
struct start_wait {
    wait_slot* slot;
    bool ready;

    template <class Handler>
    void operator()(Handler&& handler) const {
        slot->start_awaited(std::forward<Handler>(handler));
        if (ready && !SLUICE_BUG(lost_wake_up)) slot->wake();
    }
};

/// What a coroutine of the runtime awaits: one suspension, no frame of its own. Throws operation_aborted when
/// cancelled.
inline auto wait_in(wait_slot& slot, bool ready = false) {
    return asio::async_initiate<asio::deferred_t const&, void(error_code)>(start_wait{&slot, ready}, asio::deferred);
}

[[noreturn]] inline void throw_aborted() { throw boost::system::system_error(asio::error::operation_aborted); }

/// Keeps the executor of a handler busy while its operation is on its way to the strand.
template <class Handler>
auto work_of(strand& s, Handler const& handler) {
    return asio::prefer(asio::get_associated_executor(handler, strand_executor(s)),
                        asio::execution::outstanding_work.tracked);
}

/// Completes with what is known already, as if by post.
template <class Handler, class... Values>
void post_result(strand& s, Handler&& handler, error_code error, Values... values) {
    auto const executor = asio::get_associated_executor(handler, strand_executor(s));
    auto call = [h = std::forward<Handler>(handler), error, ... v = std::move(values)]() mutable {
        std::move(h)(error, std::move(v)...);
    };
    asio::post(executor, std::move(call));
}

template <class T>
inline constexpr bool is_awaitable = false;
template <class T, class Executor>
inline constexpr bool is_awaitable<asio::awaitable<T, Executor>> = true;
/// A coroutine function, or one that gives a coroutine back: called and not awaited, it would do nothing.
template <class Fn, class... Args>
concept gives_awaitable = std::invocable<Fn&, Args...> && is_awaitable<std::invoke_result_t<Fn&, Args...>>;

template <class T>
struct awaited {
    using type = T;
};
template <class T, class Executor>
struct awaited<asio::awaitable<T, Executor>> {
    using type = T;
};
/// What `co_await` makes of a result that may be a value or an awaitable.
template <class T>
using awaited_t = typename awaited<T>::type;

}  // namespace sluice::detail
