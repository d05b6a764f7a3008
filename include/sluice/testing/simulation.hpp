#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <sluice/core/api.hpp>
#include <sluice/detail/asio_fwd.hpp>
#include <sluice/testing/chooser.hpp>
#include <sluice/testing/counted.hpp>
#include <sluice/testing/detail/scheduler.hpp>
#include <sluice/testing/detail/step_observer.hpp>
#include <sluice/testing/detail/wait_operation.hpp>
#include <sluice/testing/executor.hpp>
#include <sluice/testing/simulation_options.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::testing {

/// How a call of simulation::run() came to its end.
struct run_result {
    /// Nothing is left to run: no handler is queued and no timer pends. Work may still be outstanding: then somebody
    /// waits for a completion that will never come.
    bool quiescent = false;
    /// The step budget ran out first.
    bool budget_exhausted = false;
    /// Handlers that ran in this call.
    std::size_t steps = 0;
    /// Executors with outstanding_work.tracked that are alive: operations that have not completed.
    std::size_t outstanding_work = 0;

    /// Everything that was begun has come to its end.
    auto complete() const noexcept -> bool { return quiescent && outstanding_work == 0; }
};

/// An execution context for tests: one thread, virtual time, and an order of handlers that a chooser decides.
///
/// What runs on it is real: stages, coroutines, strands, any_io_executor. What differs from io_context is that any
/// ready handler may be the next one, not just the oldest, that time passes without waiting, and that the same
/// decisions give the same run. So a test sees in milliseconds the interleavings that threads show once in a month,
/// and sees them again.
///
/// @code
/// sluice::testing::random_chooser chooser{seed};
/// sluice::testing::simulation simulation{chooser};
/// sluice::producer<int> numbers{simulation.get_executor(), counter, 0, 100};
/// sluice::consumer<int> summed{simulation.get_executor(), sluice::from(numbers), adder, std::ref(sum)};
/// sluice::async_run(numbers, summed, [&](std::exception_ptr error) { ended = !error; });
/// auto const result = simulation.run();
/// @endcode
///
/// Time: when nothing is ready, now() jumps to the next deadline; now and then it does so although handlers are ready.
/// Timers that are due at the same time join the ready handlers together, so their order is chosen too. Virtual time
/// reaches the library through its own clock and user code through async_wait() or testing::timer.
/// asio::steady_timer keeps real time and starts a thread behind your back: do not use it here.
///
/// Interleavings are those of whole handlers. asio::strand runs all that is queued on it as one handler.
///
/// Not thread-safe: everything happens in the thread that calls run().
class SLUICE_API simulation : public asio::execution_context, private detail::scheduler {
public:
    using clock = std::chrono::steady_clock;                            ///< Virtual time has its types.
    using executor_type = basic_executor<std::allocator<void>, false>;  ///< What get_executor() gives.

    /// The chooser must outlive the simulation.
    explicit simulation(chooser& decider, simulation_options options = {});

    /// Drops all that is queued, in the manner of ~io_context. See destroy_context().
    ~simulation();

    /// Submits to this simulation.
    auto get_executor() noexcept -> executor_type { return executor_type{*this}; }

    /// The simulation behind an executor or context; null if it is another kind of context.
    static auto find(asio::execution_context& context) -> simulation*;
    /// The simulation behind an executor, at whatever depth; null if there is none.
    static auto find(asio::any_io_executor const& executor) -> simulation*;

    /// Runs handlers until none is left, the budget (default: of the options) is used up, stop() or destroy_context()
    /// is called. Exceptions that escape handlers go to failures(), and the run goes on. May be called again.
    /// Throws std::logic_error inside a handler.
    auto run() -> run_result { return run(options_.step_budget); }
    /// The same with a budget of its own.
    auto run(std::size_t step_budget) -> run_result;

    /// The same without letting time pass: ends when no handler is ready, whatever timers pend.
    auto run_ready() -> run_result { return run_ready(options_.step_budget); }
    /// The same with a budget of its own.
    auto run_ready(std::size_t step_budget) -> run_result;

    /// Runs one handler; false if none is left.
    auto step() -> bool;

    /// Ends run() after the present handler.
    void stop() noexcept;
    /// Whether the last run() was ended by stop().
    auto stopped() const noexcept -> bool { return stopped_; }

    /// Does now what the destructor does: services shut down, handlers are dropped without being called, services are
    /// destroyed. The object stays, and what is submitted to it later counts as a failure: with an io_context that
    /// would be a use after free. Allowed between handlers and in after_step(); throws std::logic_error inside a
    /// handler.
    void destroy_context();
    /// Whether destroy_context() was called.
    auto destroyed() const noexcept -> bool { return ended_; }

    /// Calls `action` once, when `steps()` has reached `count`; between handlers, inside run(). 0: before the first.
    void after_step(std::uint64_t count, std::function<void(simulation&)> action);

    /// The virtual time. It starts a day after the clock's epoch.
    auto now() const noexcept -> clock::time_point { return now_; }
    /// How much virtual time has passed.
    auto elapsed() const noexcept -> clock::duration { return now_ - start; }

    /// Waits in virtual time.
    /// @par Completion signature
    /// `void(boost::system::error_code)`; operation_aborted if cancelled.
    /// @par Per-operation cancellation
    /// terminal, partial, total: the wait ends, nothing else happens.
    template <typename Token = asio::use_awaitable_t<>>
    auto async_wait(clock::duration duration, Token&& token = {}) {
        return async_wait_until(after(duration), std::forward<Token>(token));
    }
    /// The same until a moment.
    template <typename Token = asio::use_awaitable_t<>>
    auto async_wait_until(clock::time_point when, Token&& token = {}) {
        return asio::async_initiate<Token, void(boost::system::error_code)>(initiate_wait{this}, token, when);
    }

    /// now() + duration without overflow; a negative duration counts as zero.
    auto after(clock::duration duration) const noexcept -> clock::time_point;

    /// Who decides here.
    auto get_chooser() noexcept -> chooser& { return chooser_; }
    /// How it was made.
    auto options() const noexcept -> simulation_options const& { return options_; }

    /// Counts events: counted<T>{simulation.events(), …}. explore() fails a schedule that leaves one alive.
    auto events() noexcept -> census& { return *events_; }
    /// The same, to keep beyond the simulation.
    auto shared_events() const noexcept -> std::shared_ptr<census> { return events_; }

    /// Has `count` called when a schedule is over: what it returns must be 0, else explore() reports so many `name`
    /// left.
    void expect_none(std::string name, std::function<std::size_t()> count);
    /// What is left over now: queued handlers, timers, work, and whatever expect_none() names; a sentence each.
    auto leftovers() const -> std::vector<std::string>;

    /// Records a failure and goes on.
    void fail(std::string_view text);
    /// The same.
    void fail(std::exception_ptr error) { handler_threw(std::move(error)); }
    /// What escaped handlers, and what fail() was told, in order.
    auto failures() const noexcept -> std::vector<std::exception_ptr> const& { return failures_; }

    /// Handlers that ran so far.
    auto steps() const noexcept -> std::uint64_t { return steps_; }
    /// Handlers that are queued.
    auto ready() const noexcept -> std::size_t { return ready_.size(); }
    /// Deadlines that have not come.
    auto timers() const noexcept -> std::size_t { return timers_.size(); }
    /// Work that executors track and that has not completed.
    auto outstanding_work() const noexcept -> std::size_t { return outstanding_work_; }
    /// The most handlers that were ever queued together.
    auto high_water() const noexcept -> std::size_t { return high_water_; }
    /// Handlers that were submitted after destroy_context().
    auto late_submissions() const noexcept -> std::size_t { return late_submissions_; }
    /// Identity of the interleaving so far: equal for runs in which the same handlers ran in the same order.
    auto schedule_hash() const noexcept -> std::uint64_t { return hash_; }

private:
    friend class timer;

    struct initiate_wait {
        using executor_type = simulation::executor_type;
        auto get_executor() const noexcept -> executor_type { return home->get_executor(); }

        template <typename Handler>
        void operator()(Handler&& handler, clock::time_point when) const {
            using operation = detail::wait_operation<std::decay_t<Handler>, executor_type>;
            operation::start(*home, get_executor(), when, std::decay_t<Handler>(std::forward<Handler>(handler)));
        }
        simulation* home;
    };
    struct hook {
        std::uint64_t at;
        std::function<void(simulation&)> action;
    };
    struct expectation {
        std::string name;
        std::function<std::size_t()> count;
    };

    auto run_while(std::size_t step_budget, bool time_passes) -> run_result;
    auto let_time_pass() -> bool;
    void run_next();
    void advance_time();
    void run_hooks();
    void drop_everything() noexcept;
    void refuse_inside(char const* what) const;

    chooser& chooser_;
    detail::step_observer* observer_;
    simulation_options options_;
    std::shared_ptr<census> events_;
    std::vector<hook> hooks_;
    std::vector<expectation> expectations_;
    std::uint64_t steps_ = 0;
    bool stopped_ = false;
    bool budget_exhausted_ = false;
};

}  // namespace sluice::testing
