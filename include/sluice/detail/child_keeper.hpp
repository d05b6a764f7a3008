#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <sluice/consumer_supervisor_options.hpp>
#include <sluice/core/api.hpp>
#include <sluice/core/restart_intensity.hpp>
#include <sluice/detail/inlet_side.hpp>
#include <sluice/detail/operation.hpp>
#include <sluice/detail/stage_core.hpp>
#include <sluice/detail/watch.hpp>
#include <vector>

namespace sluice::detail {

/// What a consumer_supervisor knows of a child: all but its event.
struct child_record {
    virtual ~child_record() = default;
    /// A stage that runs the child's function with a copy of its event.
    virtual auto again() -> stage_ptr = 0;

    child_id id = 0;
    child_state state = child_state::active;
    std::size_t restarts = 0;
    link_ptr from;      // whose demand it holds; null if it was started by hand
    stage_ptr running;  // null while it waits to be started again
    std::unique_ptr<alarm> timer;
    std::vector<operation<bool>*> waiting;  // for its end
};

/// A consumer_supervisor without the type of its events: a stage whose work is done by its children.
///
/// Each child is a stage without ends: a strand and a coroutine on it, which is stopped and reports its end as any
/// other stage does.
class SLUICE_API child_keeper : public stage_core {
public:
    child_keeper(asio::any_io_executor const& executor, consumer_supervisor_options const& options);

    auto fallback_executor() const noexcept -> asio::any_io_executor const& { return fallback_; }
    auto next_number() noexcept -> std::uint64_t { return numbers_.fetch_add(1, std::memory_order_relaxed) + 1; }
    /// Somebody wants a child to end.
    void arrived(operation<bool>& op, child_id id) noexcept;
    void cancelled(std::uint64_t number) noexcept;

    auto counts() const -> child_counts;
    auto children() const -> std::vector<child_info>;

protected:
    using record_ptr = std::unique_ptr<child_record>;

    /// The inlet, once; it reports subscriptions, and each is asked by hand.
    void attach(inlet_side& in);
    /// The inlet has a batch: starts a child for each event.
    virtual void take_batch() = 0;
    /// What children are made of is not needed any more.
    void drop_body() noexcept override = 0;

    /// Runs a new child. Throws errc::no_such_stage when the stage is on its way to its end.
    auto adopt(record_ptr child, stage_ptr running, link_ptr from) -> child_id;
    auto keeps_events() const noexcept -> bool { return options_.restart == restart_mode::transient; }
    auto executor() const noexcept -> asio::any_io_executor const& { return fallback_; }
    auto in() const noexcept -> inlet_side& { return *in_; }

    void abandoned() noexcept override;

private:
    struct feed {
        link_ptr over;
        std::size_t finished = 0;  // children that have ended since the last ask
    };
    using child_map = std::map<child_id, record_ptr>;

    void launch() override;
    void stopping() noexcept override;

    void go_on() noexcept;
    void take_call();
    void run(child_record& child);
    void ended(child_id id, std::exception_ptr const& error);
    void restart_later(child_record& child);
    void restart(child_id id) noexcept;
    void remove(child_map::iterator child);
    void end_when_idle() noexcept;
    void give_up_waiting() noexcept;
    void log_end(child_id id, std::exception_ptr const& error, bool again) noexcept;

    asio::any_io_executor fallback_;
    consumer_supervisor_options options_;
    inlet_side* in_ = nullptr;
    core::restart_intensity intensity_;
    std::map<link const*, feed> feeds_;
    child_map children_;
    child_id last_ = 0;
    std::size_t restarting_ = 0;
    std::uint64_t restarted_ = 0;
    std::atomic<std::uint64_t> numbers_ = 0;
    std::unique_ptr<alarm> deadline_;
    bool inlet_over_ = false;
    bool closing_ = false;
};

}  // namespace sluice::detail
