#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <sluice/core/api.hpp>
#include <sluice/testing/detail/node_pool.hpp>
#include <sluice/testing/detail/operation.hpp>
#include <sluice/testing/detail/ready_list.hpp>
#include <sluice/testing/random_source.hpp>
#include <utility>
#include <vector>

namespace sluice::testing {
class chooser;
class simulation;
}  // namespace sluice::testing

namespace sluice::testing::detail {

/// The part of a simulation that executors, timers and alarms see: what waits to be run, and what time it is.
class SLUICE_API scheduler {
public:
    using clock = std::chrono::steady_clock;
    /// Names a pending timer. Never used twice.
    using timer_key = std::pair<clock::time_point, std::uint64_t>;

    explicit scheduler(simulation& owner) noexcept : owner_{owner} {}
    scheduler(scheduler const&) = delete;
    auto operator=(scheduler const&) -> scheduler& = delete;

    auto owner() const noexcept -> simulation& { return owner_; }
    auto now() const noexcept -> clock::time_point { return now_; }
    auto pool() noexcept -> node_pool& { return pool_; }

    /// true while a handler runs.
    auto inside() const noexcept -> bool { return inside_; }

    /// Records what escaped a handler.
    void handler_threw(std::exception_ptr error) { failures_.push_back(std::move(error)); }

    /// The context was destroyed.
    auto ended() const noexcept -> bool { return ended_; }

    void work_started() noexcept { ++outstanding_work_; }
    void work_finished() noexcept { --outstanding_work_; }

    /// Queues an operation. After the end of the context it is dropped at once and counted as late.
    void submit(operation* op) {
        if (ended_) {
            ++late_submissions_;
            op->drop();
            return;
        }
        op->number = ++submitted_;
        ready_.push(op);
        if (ready_.size() > high_water_) high_water_ = ready_.size();
    }

    /// Queues the operation when the time has come; at once if it has come already. time_point::max() never comes.
    auto submit_at(clock::time_point when, operation* op) -> timer_key;

    auto is_pending(timer_key key) const noexcept -> bool { return timers_.contains(key); }

    /// Takes a pending timer back; null if its time has come.
    auto take_timer(timer_key key) noexcept -> operation*;

protected:
    ~scheduler() = default;

    simulation& owner_;
    ready_list ready_;
    std::map<timer_key, operation*> timers_;
    node_pool pool_;
    clock::time_point now_ = start;
    std::uint64_t submitted_ = 0;
    std::uint64_t timers_set_ = 0;
    std::uint64_t hash_ = 0;
    std::vector<std::exception_ptr> failures_;
    std::size_t outstanding_work_ = 0;
    std::size_t high_water_ = 0;
    std::size_t late_submissions_ = 0;
    bool inside_ = false;
    bool ended_ = false;

    /// Virtual time starts a day after the clock's epoch: code that goes back from now() stays in range.
    static constexpr clock::time_point start{std::chrono::hours{24}};
};

}  // namespace sluice::testing::detail
