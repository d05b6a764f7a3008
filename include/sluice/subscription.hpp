#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <sluice/core/api.hpp>
#include <sluice/detail/access.hpp>
#include <sluice/detail/await.hpp>
#include <sluice/detail/link.hpp>
#include <sluice/errc.hpp>
#include <utility>

namespace sluice {

/// One consumer's agreement with one producer. A handle: copies name the same subscription, and none keeps it from
/// ending.
///
/// @par Thread safety
/// Safe, also for shared objects.
class SLUICE_API subscription {
public:
    subscription() = default;
    /// For the stages of the library.
    explicit subscription(detail::link_ptr over) noexcept : over_(std::move(over)) {}

    /// false: it names no subscription. One that has ended is still named.
    auto valid() const noexcept -> bool { return over_ != nullptr; }

    /// Asks for `n` more events; with demand_mode::manual only. Asks add up, and saturate. Returns at once.
    ///
    /// errc::invalid_demand when n is less than 1, errc::automatic_demand when the subscription asks by itself; an ask
    /// on a subscription that has ended is nothing.
    auto ask(std::ptrdiff_t n) const noexcept -> boost::system::error_code;

    /// Gives the subscription up. What is under way is still delivered; then it ends with this reason. Idempotent,
    /// returns at once. With the default reason a transient consumer lives on.
    void cancel(end_reason reason = {}) const noexcept;

    /// cancel(), and completes when the producer has confirmed: nothing more will come.
    ///
    /// @par Completion signature
    /// @code void(error_code) @endcode
    /// @par Executor
    /// The handler's associated executor, else the consumer's strand, as if by post.
    /// @par Per-operation cancellation
    /// Not supported: the subscription ends in a bounded number of steps.
    template <class Token = asio::use_awaitable_t<>>
    auto async_cancel(end_reason reason = {}, Token&& token = {}) const {
        return asio::async_initiate<Token, void(boost::system::error_code)>(
            [over = over_](auto handler, end_reason why) { start_cancel(over, std::move(why), std::move(handler)); },
            token, std::move(reason));
    }

    /// Whether both name the same subscription.
    friend auto operator==(subscription const& a, subscription const& b) noexcept -> bool { return a.over_ == b.over_; }

private:
    friend struct detail::access;
    auto link() const noexcept -> detail::link_ptr const& { return over_; }

    template <class Handler>
    static void start_cancel(detail::link_ptr const& over, end_reason why, Handler handler) {
        if (!over) {
            auto const executor = asio::get_associated_executor(handler);
            asio::post(executor,
                       [h = std::move(handler)]() mutable { std::move(h)(make_error_code(errc::subscription_ended)); });
            return;
        }
        auto& consumer = over->consumer();
        auto work = detail::work_of(consumer, handler);
        auto start = [over, work = std::move(work), why = std::move(why), h = std::move(handler)]() mutable {
            auto* slot = over->inlet().end_wait(*over);
            over->cancel(std::move(why));
            if (!slot || slot->waiting()) {
                auto const error = slot ? detail::error_code(errc::already_running) : detail::error_code();
                detail::post_result(over->consumer(), std::move(h), error);
            } else {
                slot->start_uncancelled(std::move(h), detail::no_result());
            }
        };
        detail::send_function(consumer, std::move(start));
    }

    detail::link_ptr over_;
};

}  // namespace sluice
