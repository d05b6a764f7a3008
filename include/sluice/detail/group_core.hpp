#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <sluice/core/api.hpp>
#include <sluice/detail/stage_core.hpp>
#include <sluice/detail/watch.hpp>
#include <sluice/stage_group_options.hpp>
#include <vector>

namespace sluice::detail {

/// Hears what happens to a group, on its strand.
class group_watcher {
public:
    virtual ~group_watcher() = default;
    /// A stage runs no more.
    virtual void ended(stage_core& which) = 0;
    /// The context is going.
    virtual void abandoned() noexcept = 0;
};

/// The stages of a group that run, and who waits for them.
///
/// @par Thread safety
/// Safe.
class SLUICE_API group_core final : public strand {
public:
    group_core(asio::any_io_executor const& executor, stage_group_options const& options);

    auto fallback_executor() const noexcept -> asio::any_io_executor const& { return fallback_; }
    auto next_number() noexcept -> std::uint64_t { return numbers_.fetch_add(1, std::memory_order_relaxed) + 1; }

    static void run_in(boost::intrusive_ptr<group_core> const& group, stage_ptr const& stage);
    /// `who` is told when no stage runs any more; with `wind_down` they are asked to end.
    void wait(std::uint64_t number, bool wind_down, std::unique_ptr<run_completion> who);
    void give_up(std::uint64_t number);
    void stop() noexcept;
    /// The stages that run, in the order in which they were added, as far as the group has heard.
    auto running() const -> std::vector<stage_ptr>;

    /// Before there are stages.
    void set_watcher(std::shared_ptr<group_watcher> watcher) { watcher_ = std::move(watcher); }

    // On the strand.

    /// Runs a stage. Precondition: !is_closing().
    void run_here(stage_ptr const& stage);
    auto is_running(stage_core const& stage) const noexcept -> bool;
    /// It winds down, or is being stopped.
    auto is_closing() const noexcept -> bool { return closing_; }

private:
    struct waiter {
        std::uint64_t number;
        std::unique_ptr<run_completion> who;
    };

    void abandoned() noexcept override;

    auto insert(std::uint64_t number, stage_ptr stage) -> stage_core&;
    void admit(std::uint64_t number, stage_ptr stage);
    void ended(std::uint64_t number, std::exception_ptr const& error);
    void wind_down();
    void stop_all();
    void tell_if_over();

    asio::any_io_executor fallback_;
    stage_group_options options_;
    std::atomic<std::uint64_t> numbers_ = 0;
    mutable std::mutex running_lock_;             // for whoever looks from outside; only the strand changes it
    std::map<std::uint64_t, stage_ptr> running_;  // in the order in which they were added
    std::vector<waiter> waiting_;
    std::exception_ptr first_;
    bool cut_short_ = false;
    bool closing_ = false;   // takes no more
    bool stopping_ = false;  // and stops those that there are
    std::unique_ptr<alarm> deadline_;
    std::shared_ptr<group_watcher> watcher_;
};

}  // namespace sluice::detail
