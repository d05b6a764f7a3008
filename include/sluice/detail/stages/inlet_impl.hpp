#pragma once

#include <boost/asio/post.hpp>
#include <sluice/core/on_exit.hpp>
#include <sluice/inlet.hpp>
#include <utility>

namespace sluice {

template <class T>
auto inlet<T>::receive() -> asio::awaitable<receive_result<batch<T>>> {
    return detail::receive<batch<T>>(*core_);
}

template <class T>
auto inlet<T>::receive_shared() -> asio::awaitable<receive_result<shared_batch<T>>> {
    return detail::receive<shared_batch<T>>(*core_);
}

template <class T>
auto inlet<T>::receive_for(clock::duration timeout) -> asio::awaitable<receive_result<batch<T>>> {
    auto const now = core_->stage().world().now();
    return receive_until(timeout < clock::time_point::max() - now ? now + timeout : clock::time_point::max());
}

template <class T>
auto inlet<T>::receive_until(clock::time_point deadline) -> asio::awaitable<receive_result<batch<T>>> {
    if (core_->receive_wait().waiting()) detail::throw_error(errc::already_running);
    core_->deadline().set(deadline);
    auto const clear = core::on_exit([core = core_] { core->deadline().clear(); });
    co_return co_await detail::receive_later<batch<T>>(*core_, detail::limit::deadline);
}

template <class T>
auto inlet<T>::pause_until(clock::time_point when) -> asio::awaitable<void> {
    auto& core = *core_;
    if (core.receive_wait().waiting()) detail::throw_error(errc::already_running);
    core.deadline().set(when);
    auto const clear = core::on_exit([&core] { core.deadline().clear(); });
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    while (!core.deadline().has_passed()) {  // events that arrive wake it too
        if (core.stage().is_stopping()) detail::throw_aborted();
        co_await detail::wait_in(core.receive_wait());
        if (cancellation.cancelled() != asio::cancellation_type::none) detail::throw_aborted();
    }
}

namespace detail {

/// What async_receive tells its handler. The batch is taken in the same breath in which the handler is called or sent
/// off.
template <class T>
struct receive_answer {
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
    slot.start(std::forward<Handler>(handler), receive_answer<T>{&core});
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
