#pragma once

#include <sluice/outlet.hpp>

namespace sluice {

template <class T>
auto outlet<T>::demand() -> asio::awaitable<std::optional<std::size_t>> {
    auto& core = *core_;
    bool rest = !core.stage().take_operation();  // enough for this turn: let others run
    for (;;) {
        detail::check_running(*core_);
        if (core.all_left() || core.is_winding_down()) co_return std::nullopt;
        bool const ready = core.wanted() > 0 && !core.has_backlog();
        if (ready && !rest) co_return core.wanted();
        if (core.demand_wait().waiting()) detail::throw_error(errc::already_running);
        co_await detail::wait_in(core.demand_wait(), ready);
        rest = false;
    }
}

template <class T>
auto outlet<T>::emit(batch<T>&& events) -> asio::awaitable<emit_result<T, batch<T>>> {
    return detail::emit<T, batch<T>>(*core_, std::move(events));
}

template <class T>
auto outlet<T>::emit(T&& event) -> asio::awaitable<emit_result<T, T>> {
    return detail::emit<T, T>(*core_, std::move(event));
}

template <class T>
auto outlet<T>::room(std::size_t bound) -> asio::awaitable<std::optional<std::size_t>> {
    auto& core = *core_;
    bool rest = !core.stage().take_operation();
    for (;;) {
        detail::check_running(*core_);
        if (core.all_left() || core.is_winding_down()) co_return std::nullopt;
        bool const ready = core.buffered() < bound;
        if (ready && !rest) co_return bound - core.buffered();
        if (core.emit_wait().waiting()) detail::throw_error(errc::already_running);
        co_await detail::wait_in(core.emit_wait(), ready);
        rest = false;
    }
}

template <class T>
auto outlet<T>::pause_until(clock::time_point when) -> asio::awaitable<bool> {
    auto& core = *core_;
    if (core.pause_wait().waiting()) detail::throw_error(errc::already_running);
    core.deadline().set(when);
    auto const clear = core::on_exit([&core] { core.deadline().clear(); });
    for (;;) {
        detail::check_running(core);
        if (core.all_left() || core.is_winding_down()) co_return false;
        if (core.deadline().has_passed()) co_return true;
        co_await detail::wait_in(core.pause_wait());
    }
}

namespace detail {

/// What async_demand tells its handler.
template <class T>
struct demand_answer {
    outlet_core<T>* core;

    auto take(error_code error) const -> std::pair<error_code, std::size_t> {
        if (!error && (core->all_left() || core->is_winding_down())) error = errc::no_consumers;
        return {error, error ? 0 : core->wanted()};
    }
    template <class Handler>
    void call(Handler&& handler, error_code error) const {
        auto const [code, wanted] = take(error);
        std::forward<Handler>(handler)(code, wanted);
    }
    template <class Handler, class Executor>
    void send(Handler&& handler, error_code error, Executor const& executor) const {
        auto const [code, wanted] = take(error);
        asio::dispatch(executor, [h = std::forward<Handler>(handler), code = code, wanted = wanted]() mutable {
            std::move(h)(code, wanted);
        });
    }
};

/// What async_emit tells its handler.
template <class T>
struct emit_answer {
    outlet_core<T>* core;
    std::size_t events;
    std::uint64_t discarded_before;

    auto take(error_code error) const -> std::pair<error_code, std::size_t> {
        auto const gone = core->all_left();
        core->discard_carry(gone ? discard_reason::no_consumers : discard_reason::cancelled);
        auto const lost = std::min<std::size_t>(events, core->discarded() - discarded_before);
        if (!error && lost > 0)
            error = gone ? error_code(errc::no_consumers) : error_code(asio::error::operation_aborted);
        return {error, events - lost};
    }
    template <class Handler>
    void call(Handler&& handler, error_code error) const {
        auto const [code, handed_over] = take(error);
        std::forward<Handler>(handler)(code, handed_over);
    }
    template <class Handler, class Executor>
    void send(Handler&& handler, error_code error, Executor const& executor) const {
        auto const [code, handed_over] = take(error);
        asio::dispatch(executor, [h = std::forward<Handler>(handler), code = code,
                                  handed_over = handed_over]() mutable { std::move(h)(code, handed_over); });
    }
};

}  // namespace detail

template <class T>
template <class Token>
auto outlet<T>::async_demand(Token&& token) {
    return asio::async_initiate<Token, void(detail::error_code, std::size_t)>(
        [core = core_](auto handler) {
            auto& slot = core->demand_wait();
            if (slot.waiting()) {
                detail::post_result(core->stage(), std::move(handler), errc::already_running, std::size_t{0});
                return;
            }
            slot.start(std::move(handler), detail::demand_answer<T>{core});
            if (core->stage().is_stopping()) slot.abort();
            bool const over = core->all_left() || core->is_winding_down();
            if (over || (core->wanted() > 0 && !core->has_backlog())) slot.wake();
        },
        token);
}

template <class T>
template <class Token>
auto outlet<T>::async_emit(batch<T> events, Token&& token) {
    return asio::async_initiate<Token, void(detail::error_code, std::size_t)>(
        [core = core_](auto handler, batch<T> given) {
            auto& slot = core->emit_wait();
            if (slot.waiting() || core->is_in_line()) {
                core->refuse(std::move(given), discard_reason::cancelled);
                detail::post_result(core->stage(), std::move(handler), errc::already_running, std::size_t{0});
                return;
            }
            auto const n = given.size();
            bool const gone = core->all_left();
            bool const stopping = core->stage().is_stopping();
            slot.start(std::move(handler), detail::emit_answer<T>{core, n, core->discarded()});
            core->begin_emit(std::move(given));
            if (stopping) slot.abort();
            if (gone || core->is_taken()) slot.wake();
        },
        token, std::move(events));
}

}  // namespace sluice
