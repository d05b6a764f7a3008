#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <sluice/batch.hpp>
#include <sluice/detail/executor_arg.hpp>
#include <sluice/detail/stream_core.hpp>
#include <sluice/detail/subscribing.hpp>
#include <sluice/from.hpp>
#include <string>
#include <utility>

namespace sluice {

/// The way out of a pipeline for code outside any stage: `while (auto events = co_await results.receive())` in any
/// coroutine.
///
/// It subscribes as a consumer does, and works from the start; it is not run. Several coroutines may draw from it: each
/// batch goes to one of them, in the order in which they asked. A stream that is closed or destroyed gives its
/// subscriptions up; producers whose last consumer it was end.
///
/// @par Thread safety
/// Safe, also for shared objects; but for the destructor, which closes.
template <class T>
class stream {
public:
    using event_type = T;

    stream(detail::executor_arg executor, sources<T> const& from) : core_(new detail::stream_core<T>(executor.get())) {
        detail::subscribe_all(detail::stage_ptr(core_), core_->in(), from);
        core_->begin();
    }
    stream(stream&&) noexcept = default;
    auto operator=(stream&& other) noexcept -> stream& {
        if (this != &other) {
            close();
            core_ = std::move(other.core_);
        }
        return *this;
    }
    stream(stream const&) = delete;
    auto operator=(stream const&) -> stream& = delete;
    ~stream() { close(); }

    /// Waits for the next batch; nullopt when every producer has finished, or the stream was closed. Asking again
    /// acknowledges the batch received before, as with inlet::receive.
    ///
    /// Safe as an operand of `||`: a batch whose operation lost goes back to the stream.
    ///
    /// @par Executor
    /// Resumes on the coroutine's executor, as if by post.
    /// @par Per-operation cancellation
    /// terminal, partial, total. Throws operation_aborted, and nothing is lost.
    /// @par Errors
    /// The exception with which a producer ended, where the subscription's cancel mode says so.
    auto receive() -> asio::awaitable<std::optional<batch<T>>> { return receive(core_); }

    /// The same with any completion token. A batch that is given to the handler is the handler's.
    ///
    /// @par Completion signature
    /// @code void(std::exception_ptr, std::optional<batch<T>>) @endcode
    template <class Token = asio::use_awaitable_t<>>
    auto async_receive(Token&& token = {}) {
        return async_receive(core_, std::forward<Token>(token));
    }

    /// Gives the subscriptions up. Idempotent, returns at once.
    void close() noexcept {
        if (core_) core_->close();
    }

    /// The name for logs, and where it says what it discards. Before the first receive.
    void set_name(std::string name) { core_->name = std::move(name); }
    void set_logger(std::shared_ptr<spdlog::logger> logger) { core_->logger = std::move(logger); }

    /// Sees every batch that was on its way when the stream was closed. Runs on the stream's strand. Before the first
    /// receive.
    void on_discard(std::function<void(batch<T>, discard_reason)> hook) { core_->in().on_discard = std::move(hook); }

    /// As stage::stats: what it receives, and what it holds.
    auto stats() const -> stage_stats { return core_->stats(); }
    /// The runtime's part; nothing for users.
    auto core() const noexcept -> detail::stage_ptr { return core_; }

private:
    using core_ptr = boost::intrusive_ptr<detail::stream_core<T>>;

    template <class Token>
    static auto async_receive(core_ptr const& core, Token&& token) {
        return asio::async_initiate<Token, void(std::exception_ptr, std::optional<batch<T>>)>(
            [core](auto handler) {
                using core_type = detail::stream_core<T>;
                using handler_type = std::decay_t<decltype(handler)>;
                detail::operation_of<std::optional<batch<T>>, core_type, typename core_type::nothing,
                                     handler_type>::start(*core, {}, std::move(handler));
            },
            token);
    }

    static auto receive(core_ptr core) -> asio::awaitable<std::optional<batch<T>>> {
        auto const cancellation = co_await asio::this_coro::cancellation_state;
        auto waiting = async_receive(core, asio::use_awaitable);
        auto events = co_await std::move(waiting);
        if (events && cancellation.cancelled() != asio::cancellation_type::none) {
            core->put_back(std::move(*events));
            detail::throw_aborted();
        }
        co_return events;
    }

    core_ptr core_;
};

}  // namespace sluice
