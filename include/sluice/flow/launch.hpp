#pragma once

#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <sluice/detail/executor_arg.hpp>
#include <sluice/detail/flow_progress.hpp>
#include <sluice/detail/flow_run.hpp>
#include <sluice/snapshot.hpp>
#include <sluice/stage_group.hpp>
#include <sluice/stage_stats.hpp>
#include <utility>
#include <vector>

namespace sluice::flow {

/// How a running flow is stopped.
enum class stopping {
    drain,  ///< Its sources make no more; what is on its way still arrives. After drain_timeout as with now.
    now,    ///< What is on its way is discarded, visibly.
};

/// Options of flow::launch.
struct launch_options {
    /// How long stopping::drain may take; see stage_group_options.
    std::chrono::steady_clock::duration drain_timeout = stage_group_options().drain_timeout;
};
static_assert(std::is_trivially_destructible_v<launch_options>);

/// A flow that runs for its effects, and the handle by which it is watched and led. Made by launch(). When the handle
/// goes the flow is stopped at once.
///
/// @par Thread safety
/// Safe, also for shared objects; but for the destructor, and not while the execution context is being destroyed.
class running_flow {
public:
    /// One entry for each stage, sources first, in the order of the flow's layers. Costs the flow nothing.
    auto stats() const -> std::vector<stage_stats> {
        std::vector<stage_stats> all;
        for (auto const& each : stages_) all.push_back(each->stats());
        return all;
    }
    /// Who waits for whom, and since when; as a value, as text, for Graphviz and for Mermaid.
    auto snapshot() const -> graph_snapshot { return detail::take_snapshot(stages_); }

    /// Waits until the flow has ended. As stage_group::async_join: void(std::exception_ptr), the first failure, or
    /// operation_aborted if it was stopped at once. Giving up to wait does not stop the flow.
    template <class Token = asio::use_awaitable_t<>>
    auto async_join(Token&& token = {}) {
        return group_.async_join(std::forward<Token>(token));
    }
    /// Stops it and waits until it has ended. As stage_group::async_stop: null when everything has arrived,
    /// operation_aborted when the time was not enough, or with stopping::now.
    template <class Token = asio::use_awaitable_t<>>
    auto async_stop(stopping how = stopping::drain, Token&& token = {}) {
        resume();
        if (how == stopping::now) group_.stop();
        return group_.async_stop(std::forward<Token>(token));
    }

    /// The sources give nothing more out until resume(); what is on its way goes on. Returns at once, idempotent.
    void pause() { set_paused(true); }
    void resume() { set_paused(false); }

    /// Calls `tell(stats())` each time that `interval` has passed, and once more at the end; on the flow's executor,
    /// one call at a time. What it throws leaves the executor's run(), and it is not called again. A second call of
    /// this function takes the place of the first. Throws errc::invalid_option for an interval that is not more than 0.
    void on_progress(std::chrono::steady_clock::duration interval,
                     std::function<void(std::vector<stage_stats> const&)> tell) {
        detail::progress::start(progress_, executor_, stages_, interval, std::move(tell));
    }

    // How it is made.
    running_flow(detail::flow_run<void> run, launch_options const& options)
        : executor_(run.executor()), stages_(run.cores()), group_(executor_, group_options(options)) {
        for (auto each = stages_.rbegin(); each != stages_.rend(); ++each) group_.add(detail::flow_stage(*each));
    }

private:
    static auto group_options(launch_options const& options) -> stage_group_options {
        return {.drain_timeout = options.drain_timeout};
    }
    void set_paused(bool paused) {
        for (auto const& each : stages_) detail::send_function(*each, [each, paused] { each->set_paused(paused); });
    }

    asio::any_io_executor executor_;
    std::vector<detail::stage_ptr> stages_;
    detail::progress_ptr progress_;
    stage_group group_;
};

/// Runs a flow for its effects, as async_run does, and gives a handle to it. Throws errc::invalid_option.
template <description F>
auto launch(F& flow, detail::executor_arg executor, launch_options const& options = {}) -> running_flow {
    return running_flow(detail::make_run(flow, executor.get()), options);
}

}  // namespace sluice::flow
