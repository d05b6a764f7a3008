#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <sluice/batch.hpp>
#include <sluice/detail/access.hpp>
#include <sluice/detail/fan_out_core.hpp>
#include <sluice/detail/stages/mistaken_event.hpp>
#include <sluice/dispatcher/dispatcher.hpp>
#include <sluice/executor_arg.hpp>
#include <sluice/options.hpp>
#include <string>
#include <type_traits>
#include <utility>

namespace sluice {

/// A dispatcher with its demand channels, free-standing: what an outlet is inside a stage. Any coroutine of a server
/// owns one, consumers subscribe to it with from(fan) as to a producer, and `co_await fan.dispatch(batch)` returns when
/// every event has found a taker; so whoever dispatches goes no faster than the consumers ask.
///
/// Dispatches are served in the order in which they arrive. A fan-out is not run: it works from the start, and ends
/// with close(). Unlike a producer it stays open by default when its last consumer leaves.
///
/// @par Thread safety
/// Safe, also for shared objects; but for the destructor, which closes.
template <class T>
class fan_out {
public:
    using event_type = T;  ///< What from() wants to know of it.

    /// With any dispatcher: `fan_out<line>{pool, broadcast_dispatcher<line>{}}`.
    template <class Dispatcher = demand_dispatcher<T>>
        requires dispatcher_for<Dispatcher, T>
    explicit fan_out(executor_arg executor, Dispatcher dispatcher = {},
                     outlet_options const& options = {.on_last_cancel = on_last_cancel::stay_open})
        : core_(new core_type(executor.get(), options, detail::erase_dispatcher<T>(std::move(dispatcher)))) {}
    fan_out(fan_out&&) noexcept = default;
    /// The fan-out that was here ends as in the destructor.
    auto operator=(fan_out&& other) noexcept -> fan_out& {
        if (this != &other) {
            release();
            core_ = std::move(other.core_);
        }
        return *this;
    }
    fan_out(fan_out const&) = delete;
    auto operator=(fan_out const&) -> fan_out& = delete;
    /// close(); and what has no consumer now is discarded, even with on_last_cancel::stay_open: none can come.
    ~fan_out() { release(); }

    /// Hands events over, and waits until the last one has found a taker. With any completion token.
    ///
    /// @par Completion signature
    /// @code void(std::exception_ptr, bool taken) @endcode `taken` is false when the fan-out is closed, or every
    /// consumer has left and none is waited for; what found no taker was discarded, and on_discard saw it.
    /// @par Executor
    /// The handler's associated executor, else the fan-out's, as if by post.
    /// @par Per-operation cancellation
    /// terminal, partial, total. Gives operation_aborted; events without a taker are discarded.
    /// @par Errors
    /// What the dispatcher, or a move of an event, has thrown; then the fan-out has ended.
    template <class Token = asio::use_awaitable_t<>>
    auto async_dispatch(batch<T> events, Token&& token = {}) {
        return asio::async_initiate<Token, void(std::exception_ptr, bool)>(
            [core = core_](auto handler, batch<T> given) {
                using handler_type = std::decay_t<decltype(handler)>;
                detail::operation_of<bool, core_type, batch<T>, handler_type>::start(*core, std::move(given),
                                                                                     std::move(handler));
            },
            token, std::move(events));
    }
    /// The same for one event.
    template <class Token = asio::use_awaitable_t<>>
    auto async_dispatch(T event, Token&& token = {}) {
        batch<T> one;
        one.push_back(std::move(event));
        return async_dispatch(std::move(one), std::forward<Token>(token));
    }
    /// `co_await`: true when everything was taken.
    auto dispatch(batch<T>&& events) -> asio::awaitable<bool> {
        return async_dispatch(std::move(events), asio::use_awaitable);
    }
    /// The same for one event.
    auto dispatch(T&& event) -> asio::awaitable<bool> { return async_dispatch(std::move(event), asio::use_awaitable); }
    /// The same for a copy of one event.
    auto dispatch(T const& event) -> asio::awaitable<bool>
        requires std::copy_constructible<T> { return dispatch(T(event)); }
    /// @cond
    /// Says what is wrong with what is no event.
    template <detail::no_event<T> Given>
    auto dispatch(Given&&) {
        return detail::refuse_event<T, Given>();
    }
    /// @endcond

    /// Whether asks are served or wait; in the order of the calls.
    void set_demand(demand_flow flow) {
        detail::send_function(*core_, [core = core_, flow] { core->out().set_flow(flow); });
    }

    /// No more will come. What was dispatched before is delivered first; then the consumers see the end. With
    /// on_last_cancel::stay_open and no consumer it waits for one to come, or for stop(). Idempotent, returns at once.
    void close() noexcept {
        if (core_) core_->close();
    }
    /// Ends at once: what has found no taker is discarded, dispatches that wait fail with operation_aborted, the
    /// consumers see a shutdown. Idempotent, returns at once.
    void stop() noexcept {
        if (core_) core_->stop();
    }

    /// The name for logs. Before the first dispatch.
    void set_name(std::string name) { core_->name = std::move(name); }
    /// Where it says what it discards; null, the default: nowhere. Before the first dispatch.
    void set_logger(std::shared_ptr<spdlog::logger> logger) { core_->logger = std::move(logger); }

    /// Sees every batch that is lost here, and why. Runs on the fan-out's strand. Before the first dispatch.
    void on_discard(std::function<void(batch<T>, discard_reason)> hook) { core_->out().on_discard = std::move(hook); }

    /// As producer::buffered_count.
    auto buffered_count() const noexcept -> std::size_t { return core_->out().buffered_count(); }
    /// As stage::stats. Dispatches that stand in line are not counted.
    auto stats() const -> stage_stats { return core_->stats(); }

private:
    friend struct detail::access;
    auto output() const noexcept -> detail::outlet_core<T>& { return core_->out(); }
    auto core() const noexcept -> detail::stage_ptr { return core_; }

    using core_type = detail::fan_out_core<T>;

    void release() noexcept {
        if (core_) core_->release();
    }

    boost::intrusive_ptr<core_type> core_;
};

}  // namespace sluice
