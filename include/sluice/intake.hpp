#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <sluice/batch.hpp>
#include <sluice/detail/access.hpp>
#include <sluice/detail/stages/mistaken_event.hpp>
#include <sluice/dispatcher/demand_dispatcher.hpp>
#include <sluice/fan_out.hpp>
#include <sluice/options.hpp>
#include <string>
#include <utility>

namespace sluice {

/// The way into a pipeline for code outside any stage: `co_await lines.emit(event)` from any coroutine on any executor,
/// or from any thread with another completion token. A fan_out whose consumers share the work.
///
/// An emit completes when the last of its events has found a taker, so whoever feeds the pipeline goes no faster than
/// it does. Emits are served in the order in which they arrive. Consumers subscribe with from(intake), as to a
/// producer. An intake is not run: it works from the start, and ends with close().
///
/// @par Thread safety
/// Safe, also for shared objects; but for the destructor, which closes.
template <class T>
class intake {
public:
    using event_type = T;  ///< What from() wants to know of it.

    /// Throws errc::invalid_option.
    explicit intake(executor_arg executor, outlet_options const& options = {})
        : out_(executor, demand_dispatcher<T>(), options) {}

    /// Hands events over, and waits until the last one has found a taker. With any completion token.
    ///
    /// @par Completion signature
    /// @code void(std::exception_ptr, bool taken) @endcode `taken` is false when the intake is closed or every consumer
    /// has left for good; what found no taker was discarded, and on_discard saw it.
    /// @par Executor
    /// The handler's associated executor, else the intake's, as if by post.
    /// @par Per-operation cancellation
    /// terminal, partial, total. Gives operation_aborted; events without a taker are discarded.
    template <class Token = asio::use_awaitable_t<>>
    auto async_emit(batch<T> events, Token&& token = {}) {
        return out_.async_dispatch(std::move(events), std::forward<Token>(token));
    }

    /// The same for one event.
    template <class Token = asio::use_awaitable_t<>>
    auto async_emit(T event, Token&& token = {}) {
        return out_.async_dispatch(std::move(event), std::forward<Token>(token));
    }

    /// `co_await`: true when everything was taken.
    auto emit(batch<T>&& events) -> asio::awaitable<bool> { return async_emit(std::move(events), asio::use_awaitable); }
    /// The same for one event.
    auto emit(T&& event) -> asio::awaitable<bool> { return async_emit(std::move(event), asio::use_awaitable); }
    /// The same for a copy of one event.
    auto emit(T const& event) -> asio::awaitable<bool>
        requires std::copy_constructible<T> { return emit(T(event)); }
    /// @cond
    /// Says what is wrong with what is no event.
    template <detail::no_event<T> Given>
    auto emit(Given&&) {
        return detail::refuse_event<T, Given>();
    }
    /// @endcond

    /// No more will come. What was emitted before is delivered first; then the consumers see the end. With
    /// on_last_cancel::stay_open and no consumer it waits for one to come, or for stop(). Idempotent, returns at once.
    /// The destructor closes, and waits for none: none can come.
    void close() noexcept { out_.close(); }

    /// Ends at once: what has found no taker is discarded, emits that wait fail with operation_aborted, the consumers
    /// see a shutdown. Idempotent, returns at once.
    void stop() noexcept { out_.stop(); }

    /// The name for logs. Before the first emit.
    void set_name(std::string name) { out_.set_name(std::move(name)); }
    /// Where it says what it discards; null, the default: nowhere. Before the first emit.
    void set_logger(std::shared_ptr<spdlog::logger> logger) { out_.set_logger(std::move(logger)); }

    /// Sees every batch that is lost here, and why. Runs on the intake's strand. Before the first emit.
    void on_discard(std::function<void(batch<T>, discard_reason)> hook) { out_.on_discard(std::move(hook)); }

    /// As producer::buffered_count.
    auto buffered_count() const noexcept -> std::size_t { return out_.buffered_count(); }
    /// As stage::stats. Emits that stand in line are not counted.
    auto stats() const -> stage_stats { return out_.stats(); }

private:
    friend struct detail::access;
    auto output() const noexcept -> detail::outlet_core<T>& { return detail::access::output(out_); }
    auto core() const noexcept -> detail::stage_ptr { return detail::access::core(out_); }

    fan_out<T> out_;
};

}  // namespace sluice
