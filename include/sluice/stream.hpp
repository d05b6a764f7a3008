#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <sluice/batch.hpp>
#include <sluice/detail/access.hpp>
#include <sluice/detail/stages/subscribing.hpp>
#include <sluice/detail/stream_core.hpp>
#include <sluice/executor_arg.hpp>
#include <sluice/from.hpp>
#include <sluice/options.hpp>
#include <string>
#include <type_traits>
#include <utility>

namespace sluice {

/// Options of a stream.
struct stream_options {
    /// Set on its producers once it has subscribed to them: `forward` lets those go that accumulate demand until all
    /// consumers are there. Not set: they stay as they are. GenStage: `:demand`, where the default is forward.
    std::optional<demand_flow> demand = std::nullopt;
};
static_assert(std::is_trivially_destructible_v<stream_options>);

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
    using event_type = T;  ///< The type of the events.

    /// What each subscription's end means for the stream its cancel mode says: receive() gives the failure of a
    /// producer, or nullopt, or goes on with the others.
    stream(executor_arg executor, sources<T> const& from, stream_options const& options = {})
        : core_(new detail::stream_core<T>(executor.get())) {
        detail::subscribe_all(detail::stage_ptr(core_), core_->in(), from);
        core_->begin();
        if (!options.demand) return;
        for (auto const& each : from) {  // a message behind the one that subscribes
            auto& out = detail::access::output(each);
            detail::send_function(out.stage(), [&out, keep = detail::strand_ptr(&out.stage()), flow = *options.demand] {
                out.set_flow(flow);
            });
        }
    }
    stream(stream&&) noexcept = default;
    /// The stream that was here is closed.
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

    /// Subscribes to one more producer. Completion, errors and cancellation as of consumer::async_subscribe;
    /// errc::end_of_stream when the stream has ended or was closed.
    template <class Token = asio::use_awaitable_t<>>
    auto async_subscribe(source<T> from, Token&& token = {}) {
        return detail::async_subscribe<T>(core_, core_->in(), std::move(from), std::forward<Token>(token));
    }

    /// Gives the subscriptions up. Idempotent, returns at once.
    void close() noexcept {
        if (core_) core_->close();
    }

    /// The name for logs. Before the first receive.
    void set_name(std::string name) { core_->name = std::move(name); }
    /// Where it says what it discards; null, the default: nowhere. Before the first receive.
    void set_logger(std::shared_ptr<spdlog::logger> logger) { core_->logger = std::move(logger); }

    /// Sees every batch that was on its way when the stream was closed. Runs on the stream's strand. Before the first
    /// receive.
    void on_discard(std::function<void(batch<T>, discard_reason)> hook) { core_->in().on_discard = std::move(hook); }

    /// As stage::stats: what it receives, and what it holds.
    auto stats() const -> stage_stats { return core_->stats(); }

private:
    friend struct detail::access;
    auto core() const noexcept -> detail::stage_ptr { return core_; }

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
