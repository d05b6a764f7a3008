#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <sluice/core/api.hpp>
#include <sluice/detail/asio_fwd.hpp>

namespace sluice::detail {

/// A timer that was started. Dropping it cancels it.
class alarm {
public:
    virtual ~alarm() = default;
};

/// What the runtime asks of the world around it: the time, and how far one turn of a strand may go.
///
/// There is one for each execution context. The default is real time on asio::steady_timer; the simulator
/// puts its own in place before anything else uses the context, which is how virtual time and chosen interleavings
/// reach code that holds no more than an any_io_executor.
class SLUICE_API environment {
public:
    using clock = std::chrono::steady_clock;

    virtual ~environment() = default;

    virtual auto now() const -> clock::time_point = 0;

    /// Calls `fire` once on `executor`, as if by post, at `when` or later; never after the alarm was dropped on
    /// that same executor's strand. An alarm must not outlive the context.
    virtual auto set_alarm(asio::any_io_executor const& executor, clock::time_point when, std::function<void()> fire)
        -> std::unique_ptr<alarm> = 0;

    /// May a strand that has just been woken go on in this thread once the present turn ends (true), or must it
    /// be posted to its executor (false)? Asked at each wake-up.
    virtual auto may_continue_here() -> bool = 0;

    /// A cheap count of processor cycles, or 0 always: how long a turn took decides whether other threads are called
    /// in.
    virtual auto ticks() const noexcept -> std::uint64_t { return 0; }

    /// The time as strands note it for statistics: the ticks that they have at hand, where ticks tell the time.
    auto moment(std::uint64_t ticks) const noexcept -> std::uint64_t {
        return ticks_tell_time_ ? ticks : static_cast<std::uint64_t>(now().time_since_epoch().count());
    }
    auto ticks_tell_time() const noexcept -> bool { return ticks_tell_time_; }
    /// What lies between two moments, or two sums of such. Not exact where ticks tell the time.
    static auto duration_of(std::uint64_t moments, bool are_ticks) noexcept -> clock::duration;

    /// How many messages a strand may handle in one turn before it yields; at least 1. Asked at each turn.
    virtual auto messages_per_turn() -> std::size_t = 0;

    /// How many operations of a body may complete without suspending before it yields; at least 1.
    virtual auto operations_per_turn() -> std::size_t = 0;

    /// The environment of a context; made on first use. Thread-safe.
    static auto of(asio::execution_context& context) -> environment&;
    static auto of(asio::any_io_executor const& executor) -> environment&;

    /// Gives the context its environment. The context must not have one yet, else throws std::logic_error.
    static void install(asio::execution_context& context, std::unique_ptr<environment> world);

protected:
    environment() = default;
    explicit environment(bool ticks_tell_time) : ticks_tell_time_(ticks_tell_time) {}

private:
    bool ticks_tell_time_ = false;
};

}  // namespace sluice::detail
