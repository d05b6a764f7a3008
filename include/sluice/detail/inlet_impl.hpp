#pragma once

#include <boost/asio/post.hpp>
#include <sluice/detail/on_exit.hpp>
#include <sluice/inlet.hpp>
#include <utility>

namespace sluice {

template <class T>
template <class Batch>
auto inlet<T>::receive(limit until) -> asio::awaitable<std::optional<Batch>> {
    constexpr bool shared = std::is_same_v<Batch, shared_batch<T>>;
    using detail::inlet_state;
    auto& core = *core_;
    core.acknowledge();
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    // In another thread of execution than the body's, say an operand of ||, suspend first: Boost 1.81 posts before it
    // completes an operation that never suspended, and the batch could be lost on that way.
    bool const elsewhere = cancellation.slot() != core.stage().body_slot();
    bool rest = elsewhere || !core.stage().take_operation();
    for (;;) {
        auto const state = core.poll();
        if (state == inlet_state::stopping) detail::throw_aborted();
        if (state != inlet_state::waiting && !rest) {
            if (state == inlet_state::ready) {
                if constexpr (shared) {
                    co_return core.take_shared();
                } else {
                    co_return core.take();
                }
            }
            if (state == inlet_state::failed) std::rethrow_exception(core.doom());
            co_return std::nullopt;
        }
        if (until == limit::deadline && core.timed_out() && !rest) co_return Batch();
        if (core.receive_wait().waiting()) detail::throw_error(errc::already_running);
        bool const ready = state != inlet_state::waiting || (until == limit::deadline && core.timed_out());
        co_await detail::wait_in(core.receive_wait(), ready);
        if (cancellation.cancelled() != asio::cancellation_type::none) detail::throw_aborted();
        rest = false;
    }
}

template <class T>
auto inlet<T>::receive() -> asio::awaitable<std::optional<batch<T>>> {
    return receive<batch<T>>(limit::none);
}

template <class T>
auto inlet<T>::receive_shared() -> asio::awaitable<std::optional<shared_batch<T>>> {
    return receive<shared_batch<T>>(limit::none);
}

template <class T>
auto inlet<T>::receive_for(clock::duration timeout) -> asio::awaitable<std::optional<batch<T>>> {
    auto const now = core_->stage().world().now();
    return receive_until(timeout < clock::time_point::max() - now ? now + timeout : clock::time_point::max());
}

template <class T>
auto inlet<T>::receive_until(clock::time_point deadline) -> asio::awaitable<std::optional<batch<T>>> {
    if (core_->receive_wait().waiting()) detail::throw_error(errc::already_running);
    core_->set_deadline(deadline);
    auto const clear = detail::on_exit([core = core_] { core->clear_deadline(); });
    co_return co_await receive<batch<T>>(limit::deadline);
}

template <class T>
auto inlet<T>::pause_until(clock::time_point when) -> asio::awaitable<void> {
    auto& core = *core_;
    if (core.receive_wait().waiting()) detail::throw_error(errc::already_running);
    core.set_deadline(when);
    auto const clear = detail::on_exit([&core] { core.clear_deadline(); });
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    while (!core.timed_out()) {  // events that arrive wake it too
        if (core.stage().is_stopping()) detail::throw_aborted();
        co_await detail::wait_in(core.receive_wait());
        if (cancellation.cancelled() != asio::cancellation_type::none) detail::throw_aborted();
    }
}

namespace detail {

/// What async_receive tells its handler. The batch is taken in the same breath in which the handler is called or sent
/// off.
template <class T>
struct receive_result {
    inlet_core<T>* core;

    auto take(error_code& error) const -> batch<T> {
        if (error) return {};
        try {
            switch (core->poll()) {
                case inlet_state::ready: return core->take();
                case inlet_state::failed: std::rethrow_exception(core->doom());
                case inlet_state::ended: error = errc::end_of_stream; break;
                default: error = asio::error::operation_aborted; break;
            }
        } catch (boost::system::system_error const& failure) {
            error = failure.code();
        } catch (...) {
            error = errc::producer_failed;
        }
        return {};
    }
    template <class Handler>
    void call(Handler&& handler, error_code error) const {
        auto events = take(error);
        std::forward<Handler>(handler)(error, std::move(events));
    }
    template <class Handler, class Executor>
    void send(Handler&& handler, error_code error, Executor const& executor) const {
        auto events = take(error);
        asio::dispatch(executor, [h = std::forward<Handler>(handler), error, events = std::move(events)]() mutable {
            std::move(h)(error, std::move(events));
        });
    }
};

/// Starts a receive on the strand.
template <class T, class Handler>
void start_receive(inlet_core<T>& core, Handler&& handler) {
    auto& slot = core.receive_wait();
    if (slot.waiting()) {
        post_result(core.stage(), std::forward<Handler>(handler), errc::already_running, batch<T>());
        return;
    }
    core.acknowledge();
    slot.start(std::forward<Handler>(handler), receive_result<T>{&core});
    if (core.poll() != inlet_state::waiting) slot.wake();
}

}  // namespace detail

template <class T>
template <class Token>
auto inlet<T>::async_receive(Token&& token) {
    return asio::async_initiate<Token, void(detail::error_code, batch<T>)>(
        [core = core_](auto handler) { detail::start_receive(*core, std::move(handler)); }, token);
}

}  // namespace sluice
