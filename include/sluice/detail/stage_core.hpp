#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <exception>
#include <memory>
#include <sluice/core/api.hpp>
#include <sluice/detail/byte_lock.hpp>
#include <sluice/detail/link.hpp>
#include <sluice/detail/strand.hpp>
#include <sluice/end_reason.hpp>
#include <sluice/stage_stats.hpp>
#include <string>
#include <typeinfo>
#include <vector>

namespace spdlog {
class logger;
}

namespace sluice::detail {

class run_state;
class source_meter;
class stage_core;
using stage_ptr = boost::intrusive_ptr<stage_core>;

/// A function that is to run once on a stage's strand, between two steps of its body. Destroyed without having run, it
/// tells its handler so.
class visit {
public:
    virtual ~visit() = default;
    virtual void run() noexcept = 0;
};
using visit_ptr = std::unique_ptr<visit>;

/// The life of a stage: created, running, draining, ended. Its ends and its body are the derived class's.
///
/// @par Thread safety
/// run(), stop() and forget() are safe from any thread; everything else belongs to the strand.
class SLUICE_API stage_core : public strand {
public:
    enum class phase : unsigned char { created, running, draining, ended };

    explicit stage_core(asio::any_io_executor const& executor);
    ~stage_core() override;

    /// Starts the body; `owner` hears when the stage has ended. A stage that was run before fails with
    /// errc::already_run.
    void run(boost::intrusive_ptr<run_state> owner);
    /// Ends the stage in a bounded number of steps, with this reason. Idempotent.
    void stop(end_reason reason = end_reason::shutdown());
    /// The same, if it is that run's.
    void stop(run_state const* of);
    /// The user's handle has gone. A stage that was never run ends here; one that runs goes on.
    void forget();

    auto is_stopping() const noexcept -> bool { return stopping_; }
    auto is_failing() const noexcept -> bool { return error_ != nullptr; }
    /// With what it has failed; null if it has not.
    auto failure() const noexcept -> std::exception_ptr const& { return error_; }
    auto current_phase() const noexcept -> phase { return phase_; }

    /// User code of this stage threw outside its body: in a move, a hook, a dispatcher. The stage fails with that.
    void fail(std::exception_ptr error) noexcept;
    /// The body's own thread of execution has begun, with this cancellation slot.
    void body_begins(asio::cancellation_slot const& slot) noexcept;
    /// The body has ended, normally or with an exception.
    void body_ended(std::exception_ptr error) noexcept;
    /// Lets a visit run as soon as the body is there; `in_line`: behind what is queued and buffered by then. From any
    /// thread.
    static void start_visit(stage_ptr const& where, visit_ptr what, bool in_line);
    /// A visit in line has come to the front of what has arrived.
    virtual void pass_on(visit_ptr what);
    /// The body, if it is there and of this type: a handler object.
    virtual auto body_of(std::type_info const&) noexcept -> void* { return nullptr; }

    /// An end has nothing left that waits for a consumer.
    void end_drained() noexcept;

    /// The cancellation slot of the body's own thread of execution: an operation in another one (an operand of ||) has
    /// a different slot, and must not take a batch before it is sure to be resumed with it.
    auto body_slot() const noexcept -> asio::cancellation_slot const& { return body_slot_; }

    /// Ends in order: what produces is asked to end, what receives ends when it has received all. On the strand.
    virtual void wind_down() noexcept;
    /// Takes no more, and ends when it has delivered what it was sent. Of one that receives; on the strand.
    void retire() noexcept;
    auto is_winding_down() const noexcept -> bool { return winding_down_; }
    /// What it receives comes from outside of what it is led with: to those, it is a source.
    void begin_here() noexcept { begins_here_ = true; }
    auto is_source() const noexcept -> bool { return inlets_.empty() || begins_here_; }
    /// How much it has given out, if it is a source that counts that itself. Before it runs.
    virtual auto meter() const -> std::shared_ptr<source_meter const> { return nullptr; }
    /// Of a source: it emits nothing more, and holds what it is given, until it may again. Not once it winds down. On
    /// the strand.
    void set_paused(bool paused) noexcept;
    auto inlets() const noexcept -> std::vector<inlet_base*> const& { return inlets_; }
    auto outlets() const noexcept -> std::vector<outlet_base*> const& { return outlets_; }

    /// Events were lost that its body had in its hands.
    void note_discarded(std::size_t events, char const* why) noexcept;
    void log_discarded(std::size_t events, char const* why) noexcept;
    void log_in_hand(std::size_t events) noexcept;
    void log_warning(std::string const& text) noexcept;

    /// What it has done and what it is doing. From any thread.
    auto stats() const -> stage_stats;
    auto stats_of(link const& subscription) const -> subscription_stats;
    /// Its subscriptions at this moment. From any thread.
    auto subscriptions() const -> std::vector<link_ptr>;
    /// The stages that it runs, if it is made of stages. From any thread.
    virtual auto members() const -> std::vector<stage_ptr> { return {}; }

    // Set before the stage runs.
    std::string name;
    std::shared_ptr<spdlog::logger> logger;

    // Events that a guard in a flow has kept from ending it; see stage_stats.
    published<std::uint64_t> skipped;
    published<std::uint64_t> dead_letters;

protected:
    /// Starts the body on this strand. Called once. With no body there is nothing to do.
    virtual void launch() = 0;
    /// Frees what the body was made of, if it was not launched.
    virtual void drop_body() noexcept = 0;

    virtual void hold(bool holds) noexcept;

    /// Puts a visit behind what is queued and buffered.
    virtual void line_up(visit_ptr what) { what->run(); }

    /// The stage is being stopped. One without a body ends what waits in it, and says so.
    virtual void stopping() noexcept {}

    void add_end(outlet_base& end);
    void add_end(inlet_base& end);
    void mark_running() noexcept { phase_ = phase::running; }

    /// Runs the body's frame on this strand.
    void spawn_body(asio::awaitable<void> body);

    // The body's cancellation. Emitted only in a turn of this strand, between body_begins() and body_ended():
    // Boost 1.81 loses completions, or worse, in any other case.
    asio::cancellation_signal body_signal_;
    void abandoned() noexcept override;

private:
    void start(boost::intrusive_ptr<run_state> owner) noexcept;
    void do_stop() noexcept;
    auto was_cut_short() const noexcept -> bool { return stopping_ && !error_ && !stop_reason_.is_normal(); }
    void finish() noexcept;
    void admit(visit_ptr what, bool in_line);

    asio::cancellation_slot body_slot_;
    published<phase> phase_;  // created
    published<std::uint64_t> discarded_;
    bool begins_here_ = false;
    bool winding_down_ = false;
    bool paused_ = false;
    bool stopping_ = false;
    end_reason stop_reason_ = end_reason::shutdown();
    bool body_active_ = false;
    bool was_run_ = false;
    std::exception_ptr error_;
    std::vector<outlet_base*> outlets_;
    std::vector<inlet_base*> inlets_;
    boost::intrusive_ptr<run_state> owner_;
    work_guard work_;

    struct early_visit {
        visit_ptr what;
        bool in_line;
    };
    std::vector<early_visit> early_visits_;  // came before the body was there
};

/// What to do when all stages of a run have ended; the handler of async_run with its type erased.
class run_completion {
public:
    virtual ~run_completion() = default;
    /// Hands the result to the handler as if by post.
    virtual void complete(std::exception_ptr error) = 0;
};

/// Several stages that run together: ends when all have, with the first failure, which stops the others.
class SLUICE_API run_state : public boost::intrusive_ref_counter<run_state, boost::thread_safe_counter> {
public:
    run_state(std::vector<stage_ptr> stages, std::unique_ptr<run_completion> completion);
    ~run_state();

    void start();
    /// Stops every stage that runs for it. From any thread.
    void stop() noexcept;
    /// Its stages; none when all have ended.
    auto stages() const -> std::vector<stage_ptr>;
    /// A stage that hears of its run only now need not start.
    auto stop_requested() const noexcept -> bool;

    /// A stage has failed; only the first one counts. Called before anybody else can see that failure.
    void failed(std::exception_ptr error) noexcept;
    void ended(bool was_stopped) noexcept;

private:
    mutable byte_lock lock_;
    std::vector<stage_ptr> stages_;
    std::unique_ptr<run_completion> completion_;
    std::size_t left_;
    std::exception_ptr first_;
    bool stop_requested_ = false;
    bool cut_short_ = false;
};

}  // namespace sluice::detail
