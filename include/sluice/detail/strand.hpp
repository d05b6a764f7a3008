#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstddef>
#include <cstdint>
#include <sluice/core/api.hpp>
#include <sluice/detail/asio_fwd.hpp>
#include <sluice/detail/environment.hpp>
#include <sluice/detail/footprint.hpp>
#include <sluice/detail/message.hpp>
#include <sluice/detail/published.hpp>

namespace sluice::detail {

class strand_service;
class turn_end;
struct ready_list;

/// Runs messages one at a time on an executor: what a stage is made of.
///
/// One atomic word holds both the messages sent from elsewhere and whether a turn is due, so that a message costs
/// one read-modify-write, and only the first one to an idle strand wakes it. A strand that is woken inside a turn of
/// another one on the same executor is gone on with in that thread, cache-hot, after that turn; surplus goes to other
/// threads (strand.cpp).
///
/// A turn handles a bounded number of messages and then lets others run. When the execution context is destroyed the
/// strand drops what it holds (abandoned()), as does everything that is sent to it later.
///
/// @par Thread safety
/// send() and running_here() are safe from any thread; everything else is for messages of the strand itself.
class SLUICE_API strand : public boost::intrusive_ref_counter<strand, boost::thread_safe_counter> {
public:
    explicit strand(asio::any_io_executor const& executor);
    strand(strand const&) = delete;
    auto operator=(strand const&) -> strand& = delete;
    virtual ~strand();

    /// Hands over a message, to be handled in the order sent by each thread. Never runs it inside this call.
    void send(message& m) noexcept;

    /// true inside a turn of this strand.
    auto running_here() const noexcept -> bool;

    /// Nothing is waiting for this strand and no turn is due, as far as another thread can tell.
    auto looks_idle() const noexcept -> bool {
        leave(footprint::reads, &inbox_);
        return inbox_.load(std::memory_order_relaxed) == idle_mark();
    }

    /// Ends the present turn after the present message, so that others get their share.
    void yield_turn() noexcept { messages_left_ = 0; }

    /// Takes one from the number of operations that may complete in this turn without suspending; false when there is
    /// none left. Then the caller suspends, and its turn is over.
    auto take_operation() noexcept -> bool {
        if (operations_left_ == 0) {
            yield_turn();
            return false;
        }
        --operations_left_;
        return true;
    }

    /// Asks for a call when the present turn ends, before others can see the strand idle.
    void at_turn_end(turn_end& hook) noexcept;

    /// When the present turn began, as statistics note the time (environment::moment).
    auto moment() const noexcept -> std::uint64_t { return world_->moment(turn_began_); }
    /// The present. From any thread, while the context lives.
    auto moment_now() const noexcept -> std::uint64_t {
        return world_->moment(world_->ticks_tell_time() ? world_->ticks() : 0);
    }
    auto ticks_tell_time() const noexcept -> bool { return ticks_tell_time_; }
    /// A wait begins in this turn, and so with its end.
    void waits(waiting_time& what) noexcept {
        what.begin(moment());
        begun_wait_ = &what;
    }

    auto context() const noexcept -> asio::execution_context& { return *context_; }
    auto world() const noexcept -> environment& { return *world_; }
    /// The executor it runs on, blocking.never. Empty after the context was destroyed.
    auto inner() const noexcept -> asio::any_io_executor const& { return inner_; }

    /// Runs a turn. For the executor's handler alone. `now`: ticks when it begins; then, when it ends.
    void turn(std::uint64_t& now) noexcept;
    /// What the executor's handler does when it is destroyed without having run.
    void lose_turn() noexcept;

protected:
    /// The context is going: drop every handler, coroutine and peer held here. Called once, after all messages were
    /// dropped.
    virtual void abandoned() noexcept {}

private:
    friend class strand_service;
    friend struct ready_list;

    static auto idle_mark() noexcept -> message*;

    void put(message& m) noexcept;
    [[gnu::cold]] void send_and_tell(message& m) noexcept;
    void schedule() noexcept;
    auto shares_executor(ready_list const& list) noexcept -> bool;
    auto is_heavy() const noexcept -> bool;
    auto is_worth_another_thread(strand const& waker) const noexcept -> bool;
    auto affordable_operations() const noexcept -> std::size_t;
    void note_turn(std::uint64_t began, std::uint64_t ended) noexcept;
    void refill() noexcept;
    void run_turn_ends() noexcept;
    void abandon() noexcept;
    /// Closes the inbox, and drops what is in it and what has been taken from it.
    void drop_messages() noexcept;
    void drop_local() noexcept;

    std::atomic<message*> inbox_;
    message_queue local_;  // taken from the inbox, in order, or sent by the strand to itself
    turn_end* turn_ends_ = nullptr;
    std::size_t messages_left_ = 0;
    std::size_t operations_left_ = 0;
    std::size_t operations_granted_ = 0;  // in this turn
    std::uint64_t operation_cost_;        // in ticks, the average of the last ones; bounds how many a turn may have
    strand* next_ready_ = nullptr;
    std::uint64_t average_turn_;    // in ticks, of the last ones; tells whether its turns are worth another thread
    bool ticks_tell_time_;          // also when the world has gone
    std::uint64_t turn_began_ = 0;  // in ticks
    waiting_time* begun_wait_ = nullptr;
    std::uint64_t executor_number_;  // the same for strands of equal executors, as far as has been found out

    asio::any_io_executor inner_;
    asio::execution_context* context_;
    environment* world_;

    strand* previous_ = nullptr;  // strand_service's list of all that live
    strand* following_ = nullptr;
    strand_service* service_ = nullptr;
};

using strand_ptr = boost::intrusive_ptr<strand>;

/// A call at the end of a turn; intrusive, registered at most once at a time.
class turn_end {
public:
    virtual void turn_ends() noexcept = 0;

protected:
    ~turn_end() = default;

private:
    friend class strand;
    turn_end* next_ = nullptr;
    bool registered_ = false;
};

/// Keeps the context's work outstanding while it lives, as an asynchronous operation must.
using work_guard = asio::any_io_executor;
SLUICE_API auto make_work(asio::any_io_executor const& executor) -> work_guard;

}  // namespace sluice::detail
