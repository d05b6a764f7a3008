#pragma once

#include <concepts>
#include <memory>
#include <sluice/detail/access.hpp>
#include <sluice/detail/stage_core.hpp>
#include <sluice/stage_stats.hpp>
#include <string>
#include <type_traits>
#include <utility>

namespace sluice {

/// What every stage's handle can do: producer, producer_consumer and consumer are stages.
///
/// A handle can be moved, not copied. What runs keeps itself alive: a handle that goes while its stage runs changes
/// nothing. A stage whose handle goes before it was run ends, and its consumers hear errc::no_such_stage.
///
/// @par Thread safety
/// stop() is safe from any thread. Distinct objects: safe. Shared objects: unsafe otherwise.
class stage {
public:
    stage(stage&& other) noexcept = default;
    /// A stage that this handle had, and that was not run, ends; one that runs goes on.
    auto operator=(stage&& other) noexcept -> stage& {
        if (this != &other) {
            leave();
            core_ = std::move(other.core_);
        }
        return *this;
    }
    stage(stage const&) = delete;
    auto operator=(stage const&) -> stage& = delete;
    ~stage() { leave(); }

    /// false after the handle was moved from.
    auto valid() const noexcept -> bool { return core_ != nullptr; }

    /// Ends the stage in a bounded number of steps, from any state: waits in its body fail with operation_aborted. What
    /// it had accepted and not delivered is discarded, visibly. Its neighbours hear the reason, behind what had been
    /// delivered. With the default its run ends with operation_aborted, unless a failure came first; with a reason that
    /// holds an exception the stage fails with that; with a normal one its run ends as if its body had returned. From
    /// any thread; only the first call counts. GenStage: `stop/3`.
    void stop(end_reason reason = end_reason::shutdown()) {
        if (core_) core_->stop(std::move(reason));
    }

    /// The name for logs. Before the stage runs.
    void set_name(std::string name) { core_->name = std::move(name); }
    /// The name that set_name() gave it; empty if none did.
    auto name() const -> std::string const& { return core_->name; }
    /// Where the stage says what it discards and why it ended. Null, the default: nowhere.
    /// Before the stage and any of its consumers runs.
    void set_logger(std::shared_ptr<spdlog::logger> logger) { core_->logger = std::move(logger); }

    /// What the stage has done and what it is doing, in numbers. Costs the stage nothing. From any thread, but not
    /// while the stage's execution context is being destroyed. O(subscriptions).
    auto stats() const -> stage_stats { return core_->stats(); }

protected:
    /// For the stages of the library: the shared state.
    explicit stage(detail::stage_ptr core) noexcept : core_(std::move(core)) {}

private:
    friend struct detail::access;
    auto core() const noexcept -> detail::stage_ptr const& { return core_; }

    void leave() noexcept {
        if (core_) core_->forget();
    }

    detail::stage_ptr core_;
};

/// A stage's handle, of whatever kind.
template <class T>
concept any_stage = std::derived_from<std::remove_cvref_t<T>, stage>;

}  // namespace sluice
