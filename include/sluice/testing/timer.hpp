#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <sluice/core/api.hpp>
#include <sluice/testing/simulation.hpp>
#include <utility>
#include <vector>

namespace sluice::testing {

/// asio::steady_timer in virtual time, for code under test that takes its timer as a parameter. Needs no more than an
/// executor, at whatever depth of any_io_executor and strand, to find its simulation.
///
/// Must not outlive its simulation. Not thread-safe.
class SLUICE_API timer {
public:
    using clock_type = simulation::clock;         ///< As asio::steady_timer.
    using duration = clock_type::duration;        ///< As asio::steady_timer.
    using time_point = clock_type::time_point;    ///< As asio::steady_timer.
    using executor_type = asio::any_io_executor;  ///< As asio::steady_timer.

    /// Throws std::invalid_argument if the executor does not belong to a simulation.
    explicit timer(asio::any_io_executor executor);
    /// On the simulation's own executor.
    explicit timer(simulation& home) : timer{asio::any_io_executor{home.get_executor()}} {}
    /// Expires so long from now.
    timer(asio::any_io_executor executor, duration after) : timer{std::move(executor)} { expires_after(after); }
    /// Waits that pend go with it.
    timer(timer&& other) noexcept;
    /// The same; what waited for this one is cancelled.
    auto operator=(timer&& other) noexcept -> timer&;
    ~timer() { cancel(); }

    /// Where handlers run that have no executor of their own.
    auto get_executor() const noexcept -> executor_type const& { return executor_; }
    /// When waits end.
    auto expiry() const noexcept -> time_point { return expiry_; }

    /// Sets the time and cancels waits that pend; returns their number.
    auto expires_at(time_point when) -> std::size_t;
    /// The same, so long from now.
    auto expires_after(duration after) -> std::size_t { return expires_at(home_->after(after)); }

    /// Ends all pending waits with operation_aborted; returns their number.
    auto cancel() -> std::size_t;

    /// Waits until expiry().
    /// @par Completion signature
    /// `void(boost::system::error_code)`; operation_aborted if cancelled.
    /// @par Per-operation cancellation
    /// terminal, partial, total: the wait ends, nothing else happens.
    template <typename Token = asio::use_awaitable_t<>>
    auto async_wait(Token&& token = {}) {
        return asio::async_initiate<Token, void(boost::system::error_code)>(initiate_wait{this}, token);
    }

private:
    struct initiate_wait {
        using executor_type = asio::any_io_executor;
        auto get_executor() const noexcept -> executor_type { return self->executor_; }

        template <typename Handler>
        void operator()(Handler&& handler) const {
            using operation = detail::wait_operation<std::decay_t<Handler>, executor_type>;
            self->remember(operation::start(self->scheduler(), self->executor_, self->expiry_,
                                            std::decay_t<Handler>(std::forward<Handler>(handler))));
        }
        timer* self;
    };

    auto scheduler() const noexcept -> detail::scheduler& { return *home_; }
    void remember(detail::scheduler::timer_key key);

    asio::any_io_executor executor_;
    simulation* home_;
    time_point expiry_;
    std::vector<detail::scheduler::timer_key> waits_;
};

}  // namespace sluice::testing
