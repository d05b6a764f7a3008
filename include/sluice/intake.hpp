#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <sluice/batch.hpp>
#include <sluice/detail/executor_arg.hpp>
#include <sluice/detail/intake_core.hpp>
#include <sluice/options.hpp>
#include <string>
#include <utility>

namespace sluice {

/// The way into a pipeline for code outside any stage: `co_await lines.emit(event)` from any coroutine on any executor,
/// or from any thread with another completion token.
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
    using event_type = T;

    explicit intake(detail::executor_arg executor, outlet_options const& options = {})
        : core_(new detail::intake_core<T>(executor.get(), options)) {}
    intake(intake&&) noexcept = default;
    auto operator=(intake&& other) noexcept -> intake& {
        if (this != &other) {
            release();
            core_ = std::move(other.core_);
        }
        return *this;
    }
    intake(intake const&) = delete;
    auto operator=(intake const&) -> intake& = delete;
    /// close(); and what has no consumer now is discarded, even with on_last_cancel::stay_open: none can come.
    ~intake() { release(); }

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
        return asio::async_initiate<Token, void(std::exception_ptr, bool)>(
            [core = core_](auto handler, batch<T> given) {
                using handler_type = std::decay_t<decltype(handler)>;
                detail::operation_of<bool, detail::intake_core<T>, batch<T>, handler_type>::start(
                    *core, std::move(given), std::move(handler));
            },
            token, std::move(events));
    }

    /// The same for one event.
    template <class Token = asio::use_awaitable_t<>>
    auto async_emit(T event, Token&& token = {}) {
        batch<T> one;
        one.push_back(std::move(event));
        return async_emit(std::move(one), std::forward<Token>(token));
    }

    /// `co_await`: true when everything was taken.
    auto emit(batch<T> events) -> asio::awaitable<bool> { return async_emit(std::move(events), asio::use_awaitable); }
    auto emit(T event) -> asio::awaitable<bool> { return async_emit(std::move(event), asio::use_awaitable); }

    /// No more will come. What was emitted before is delivered first; then the consumers see the end. With
    /// on_last_cancel::stay_open and no consumer it waits for one to come, or for stop(). Idempotent, returns at once.
    void close() noexcept {
        if (core_) core_->close();
    }

    /// Ends at once: what has found no taker is discarded, emits that wait fail with operation_aborted, the consumers
    /// see a shutdown. Idempotent, returns at once.
    void stop() noexcept {
        if (core_) core_->stop();
    }

    /// The name for logs, and where it says what it discards. Before the first emit.
    void set_name(std::string name) { core_->name = std::move(name); }
    void set_logger(std::shared_ptr<spdlog::logger> logger) { core_->logger = std::move(logger); }

    /// Sees every batch that is lost here, and why. Runs on the intake's strand. Before the first emit.
    void on_discard(std::function<void(batch<T>, discard_reason)> hook) { core_->out().on_discard = std::move(hook); }

    /// The runtime's way to subscribe; users call from().
    auto output() const noexcept -> detail::outlet_core<T>& { return core_->out(); }
    auto core() const noexcept -> detail::stage_ptr { return core_; }

private:
    void release() noexcept {
        if (core_) core_->release();
    }

    boost::intrusive_ptr<detail::intake_core<T>> core_;
};

}  // namespace sluice
