#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <concepts>
#include <sluice/batch.hpp>
#include <sluice/detail/access.hpp>
#include <sluice/detail/await.hpp>
#include <sluice/detail/inlet_core.hpp>
#include <sluice/detail/receiving.hpp>
#include <sluice/detail/stages/mistakes.hpp>
#include <sluice/receive_result.hpp>
#include <sluice/shared_batch.hpp>

namespace sluice {

/// The end of a stage through which its body receives events.
///
/// @code
/// auto adder(sluice::inlet<int>& in, long& sum) -> asio::awaitable<void> {
///     while (auto events = co_await in.receive()) sum = std::accumulate(events->begin(), events->end(), sum);
/// }
/// @endcode
///
/// @par Thread safety
/// Unsafe; use it on the stage's strand, where its body runs.
template <class T>
class inlet {
public:
    using clock = std::chrono::steady_clock;  ///< What now() and deadlines count in; virtual in the simulator.

    /// For the stage whose inlet it is.
    explicit inlet(detail::inlet_core<T>& core) noexcept : core_(&core) {}
    inlet(inlet const&) = delete;
    /// @cond
    /// Says what is wrong with a body that takes it by value.
    template <std::same_as<inlet> Other>
    inlet(Other&&) : core_(detail::refuse_end_by_value<Other>()) {}
    /// @endcond
    auto operator=(inlet const&) -> inlet& = delete;

    /// Waits for the next batch: never empty, and of at most max_demand - min_demand events.
    ///
    /// nullopt when every producer has finished and every event has been received, or when a subscription has ended
    /// this consumer without an error. Asking again acknowledges the batch received before: that is when its events
    /// stop counting as under way, and more may be asked of the producer.
    ///
    /// Safe as an operand of `||`: a batch is taken from the inlet only when the operation is sure to be resumed with
    /// it, so the loser's batch stays for the next receive. For a mere timeout receive_for() is simpler and cheaper.
    ///
    /// @par Per-operation cancellation
    /// terminal, partial, total. Throws operation_aborted, and nothing is lost; so when the stage is stopped.
    ///
    /// @par Errors
    /// The exception with which a producer ended, where the subscription's cancel mode says so. errc::already_running
    /// when another receive of this inlet waits.
    auto receive() -> asio::awaitable<receive_result<batch<T>>>;

    /// The same, but gives up after `timeout` with an empty batch.
    auto receive_for(clock::duration timeout) -> asio::awaitable<receive_result<batch<T>>>;
    /// The same, but gives up at `deadline` with an empty batch.
    auto receive_until(clock::time_point deadline) -> asio::awaitable<receive_result<batch<T>>>;

    /// Waits without receiving, and so without asking for more: for bodies that keep a pace. In a simulation time is
    /// virtual.
    ///
    /// @par Per-operation cancellation
    /// terminal, partial, total. Throws operation_aborted; so when the stage is stopped.
    /// @par Errors
    /// errc::already_running when a receive of this inlet waits.
    auto pause_until(clock::time_point when) -> asio::awaitable<void>;
    /// The time as receive_until() and pause_until() know it.
    auto now() const -> clock::time_point { return core_->stage().world().now(); }

    /// Like receive(), but to look at only: events that a broadcast gives to several consumers are not copied for this
    /// one.
    auto receive_shared() -> asio::awaitable<receive_result<shared_batch<T>>>;

    /// Like receive(), with any completion token. Completes on the handler's associated executor, else the stage's
    /// strand, as if by post.
    ///
    /// @par Completion signature
    /// @code void(error_code, batch<T>) @endcode
    /// @par Errors
    /// errc::end_of_stream at the end, errc::already_running, operation_aborted. A producer's failure is given as the
    /// code of its boost::system::system_error, else as errc::producer_failed; receive() gives the exception itself.
    template <class Token = asio::use_awaitable_t<>>
    auto async_receive(Token&& token = {});

private:
    friend struct detail::access;
    auto core() const noexcept -> detail::inlet_core<T>& { return *core_; }

    detail::inlet_core<T>* core_;
};

}  // namespace sluice

#include <sluice/detail/stages/inlet_impl.hpp>
