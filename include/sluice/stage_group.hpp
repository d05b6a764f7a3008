#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sluice/detail/access.hpp>
#include <sluice/detail/group_core.hpp>
#include <sluice/detail/stages/group_wait.hpp>
#include <sluice/executor_arg.hpp>
#include <sluice/stage.hpp>
#include <sluice/stage_group_options.hpp>
#include <utility>

namespace sluice {

/// Stages that run together, and that may become more while they do.
///
/// @code
/// sluice::stage_group group{pool};
/// group.add(numbers, doubled);                     // they run
/// group.add(sluice::consumer<int>{pool, sluice::from(doubled), printer});
/// co_await group.async_stop();                     // nothing new; what is on its way arrives; then they have ended
/// @endcode
///
/// As with async_run, the first failure stops all other stages, and is what async_join() and async_stop() give.
///
/// @par Thread safety
/// Safe, also for shared objects; but for the destructor, which stops every stage at once and waits for none.
class stage_group {
public:
    /// Throws errc::invalid_option. The executor is the group's own; stages may live on others.
    explicit stage_group(executor_arg executor, stage_group_options const& options = {})
        : core_(new detail::group_core(executor.get(), options)) {}
    stage_group(stage_group&&) noexcept = default;
    /// The stages of the group that was here are stopped, as in the destructor.
    auto operator=(stage_group&& other) noexcept -> stage_group& {
        if (this != &other) {
            leave();
            core_ = std::move(other.core_);
        }
        return *this;
    }
    stage_group(stage_group const&) = delete;
    auto operator=(stage_group const&) -> stage_group& = delete;
    ~stage_group() { leave(); }

    /// Runs stages as part of the group. Their handles may go. Returns at once. A group that has failed, or is being
    /// stopped, stops what is added to it. Of stages that belong together, add the consumers with their producer or
    /// before it, as anywhere.
    template <class... Stages>
        requires(any_stage<Stages>&&...)
    void add(Stages&&... stages) { (detail::group_core::run_in(core_, detail::access::core(stages)), ...); }

    /// Waits until no stage of the group runs; at once if none does.
    ///
    /// @par Completion signature
    /// @code void(std::exception_ptr) @endcode
    /// @par Errors
    /// The first failure of a stage; else operation_aborted if one was stopped.
    /// @par Executor
    /// The handler's associated executor, else the group's, as if by post.
    /// @par Per-operation cancellation
    /// terminal, partial, total: gives operation_aborted; the group goes on.
    template <class Token = asio::use_awaitable_t<>>
    auto async_join(Token&& token = {}) {
        return asio::async_initiate<Token, void(std::exception_ptr)>(
            detail::wait_for_group{core_, detail::group_end::awaited}, token);
    }

    /// Ends every stage in order, and waits until they have ended.
    ///
    /// Producers first: they are told that no more is wanted (demand() answers nullopt, emit() false once it has
    /// delivered what it was given, a handler object is not called again). What they have emitted is still delivered,
    /// stage by stage, and each stage ends when it has received all. Ends that stay open for later ones are not waited
    /// for. Stages that have not ended after drain_timeout are stopped.
    ///
    /// @par Completion signature
    /// @code void(std::exception_ptr) @endcode
    /// @par Errors
    /// As async_join(): null when everything has arrived, operation_aborted when the time was not enough.
    /// @par Executor, per-operation cancellation
    /// As async_join().
    template <class Token = asio::use_awaitable_t<>>
    auto async_stop(Token&& token = {}) {
        return asio::async_initiate<Token, void(std::exception_ptr)>(
            detail::wait_for_group{core_, detail::group_end::in_order}, token);
    }

    /// Stops every stage at once, as stage::stop() does. Idempotent, returns at once.
    void stop() noexcept {
        if (core_) core_->stop();
    }

private:
    friend struct detail::access;
    auto core() const noexcept -> boost::intrusive_ptr<detail::group_core> const& { return core_; }

    void leave() noexcept {
        if (core_) core_->stop();
    }

    boost::intrusive_ptr<detail::group_core> core_;
};

}  // namespace sluice
