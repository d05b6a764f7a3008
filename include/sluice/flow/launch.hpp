#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <sluice/detail/access.hpp>
#include <sluice/detail/flow/layers.hpp>
#include <sluice/detail/flow/progress.hpp>
#include <sluice/detail/flow/run.hpp>
#include <sluice/detail/flow/running_stages.hpp>
#include <sluice/detail/source_meter.hpp>
#include <sluice/executor_arg.hpp>
#include <sluice/progress_report.hpp>
#include <sluice/snapshot.hpp>
#include <sluice/stage_group.hpp>
#include <sluice/stage_stats.hpp>
#include <utility>
#include <vector>

namespace sluice::flow {

/// How a running flow is stopped.
enum class stopping {
    /// Its sources make no more; what is on its way still arrives. A stage that it begins with (flow::from(stage)) is
    /// left, after what that has emitted to the flow by then. After drain_timeout as with now.
    drain,
    now,  ///< What is on its way is discarded, visibly.
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
    auto stats() const -> std::vector<stage_stats> { return stages_->stats(); }
    /// Who waits for whom, and since when; as a value, as text, for Graphviz and for Mermaid.
    auto snapshot() const -> graph_snapshot { return detail::take_snapshot(stages_->all()); }

    /// Waits until the flow has ended. As stage_group::async_join: void(std::exception_ptr), the first failure, or
    /// operation_aborted if it was stopped at once. Giving up to wait does not stop the flow.
    template <class Token = asio::use_awaitable_t<>>
    auto async_join(Token&& token = {}) {
        return group_.async_join(std::forward<Token>(token));
    }
    /// Stops it and waits until it has ended; a pause ends with that. As stage_group::async_stop: null when everything
    /// has arrived, operation_aborted when the time was not enough, or with stopping::now.
    template <class Token = asio::use_awaitable_t<>>
    auto async_stop(stopping how = stopping::drain, Token&& token = {}) {
        using detail::group_end;
        auto const end = how == stopping::now ? group_end::at_once : group_end::in_order;
        return asio::async_initiate<Token, void(std::exception_ptr)>(
            detail::wait_for_group{detail::access::core(group_), end}, token);
    }

    /// The sources give nothing more out until resume(), nor does a stage that the flow begins with to the flow; what
    /// is on its way goes on. Returns at once, idempotent. Nothing for a flow that is being stopped.
    void pause() { stages_->set_paused(true); }
    /// The sources go on. Returns at once, idempotent.
    void resume() { stages_->set_paused(false); }

    /// Gives a layer another number of stages, while events go on; none is lost, and none comes twice. `layer` is the
    /// name that the exchange before it was given: `flow::shuffle().named("look up")`; describe() shows it. So a layer
    /// behind flow::shuffle without a name is not resized.
    ///
    /// @code
    /// auto const doubled = flow::from(std::views::iota(0, 100'000)) | flow::shuffle({.stages = 2}).named("workers") |
    ///                      flow::map([](int i) { return 2 * i; });
    /// auto running = flow::launch(doubled, pool);
    /// running.async_resize("workers", 4, [](std::exception_ptr) {});
    /// running.async_join(asio::use_future).get();
    /// @endcode
    ///
    /// A stage more has the same steps and bodies, new copies of the functions, and takes part in demand at once. A
    /// stage less takes no more events, delivers what it has, and ends; after that it is not in stats() any more.
    /// Bodies behind the layer (flow::stage, flow::map_async) come and go with it. Resizes go on one after the other.
    ///
    /// Throws errc::layer_is_fixed, with a sentence that says why, for a layer behind flow::partition or a join, and
    /// for one whose steps remember something from event to event: reductions, windows, take, uniq. Throws
    /// errc::invalid_option for a name that no layer has, and if `stages` is not 1 to 4096.
    ///
    /// @par Completion signature
    /// @code void(std::exception_ptr) @endcode When the layer has so many stages.
    /// @par Executor
    /// The handler's associated executor, else the flow's, as if by post.
    /// @par Per-operation cancellation
    /// None: a stage that was told to end does.
    /// @par Errors
    /// errc::flow_ended: the flow, or the layer, ended before, or is being stopped.
    template <class Token = asio::use_awaitable_t<>>
    auto async_resize(std::string const& layer, std::size_t stages, Token&& token = {}) {
        auto const index = layers_->index_of(layer, stages);
        return asio::async_initiate<Token, void(std::exception_ptr)>(
            start_resize{layers_, detail::access::core(group_)}, token, index, stages);
    }

    /// How far its sources have come: in events, or in bytes where all of them read lines; of how much, where all know
    /// that: ranges that know their size, files. Of a source with a body, and of a stage that the flow begins with, it
    /// is what they have given to the flow. Costs the flow nothing; files are asked for their sizes once.
    auto progress() const -> progress_report { return meters_->read(); }
    /// The same as a function, which may outlive this handle.
    auto meter() const -> std::function<progress_report()> {
        return [meters = meters_] { return meters->read(); };
    }

    /// Calls `tell(stats())` each time that `interval` has passed, and once more as soon as the flow has ended; on the
    /// flow's executor, one call at a time. What it throws leaves the executor's run(), and it is not called again. A
    /// second call of this function takes the place of the first; that of a flow that has ended is told once. The last
    /// call may come after async_stop() or async_join() has completed: what `tell` refers to must live as long as the
    /// executor runs. Throws errc::invalid_option for an interval that is not more than 0.
    void on_progress(std::chrono::steady_clock::duration interval,
                     std::function<void(std::vector<stage_stats> const&)> tell) {
        progress_->begin(detail::access::core(group_), interval, std::move(tell));
    }

    // How it is made.
    /// For launch().
    running_flow(detail::flow_run<void> run, launch_options const& options)
        : stages_(std::make_shared<detail::running_stages>(run.cores(), run.passages().outside)),
          meters_(std::make_shared<detail::source_meters>(stages_->all())),
          progress_(new detail::progress(run.executor(), stages_)),
          group_(run.executor(), group_options(options)) {
        layers_ = std::make_shared<detail::flow_layers>(run.take_layers(), run.passages().feeding, stages_,
                                                        *detail::access::core(group_));
        detail::access::core(group_)->set_watcher(layers_);
        auto const all = stages_->all();
        for (auto each = all.rbegin(); each != all.rend(); ++each) group_.add(detail::flow_stage(*each));
    }

private:
    static auto group_options(launch_options const& options) -> stage_group_options {
        return {.drain_timeout = options.drain_timeout};
    }

    /// Starts async_resize.
    struct start_resize {
        std::shared_ptr<detail::flow_layers> layers;
        boost::intrusive_ptr<detail::group_core> group;

        template <class Handler>
        void operator()(Handler&& handler, std::size_t layer, std::size_t stages) const {
            using completion = detail::run_handler<std::decay_t<Handler>>;
            auto who = std::make_unique<completion>(std::forward<Handler>(handler), group->fallback_executor());
            auto resize = [all = layers, layer, stages, who = std::move(who)]() mutable {
                all->resize(layer, stages, std::move(who));
            };
            detail::send_function(*group, std::move(resize));
        }
    };

    std::shared_ptr<detail::running_stages> stages_;
    std::shared_ptr<detail::source_meters const> meters_;
    std::shared_ptr<detail::flow_layers> layers_;
    boost::intrusive_ptr<detail::progress> progress_;
    stage_group group_;
};

/// Runs a flow for its effects, as async_run does, and gives a handle to it. Order, memory and copies as there. Throws
/// errc::invalid_option.
///
/// @code
/// auto const endless = flow::from(std::views::iota(0)) | flow::shuffle() | flow::map([](int i) { return i + 1; });
/// auto running = flow::launch(endless, pool);
/// auto const events = running.stats().front().events_out;
/// auto stopped = running.async_stop(flow::stopping::drain, asio::use_future);
/// stopped.get();
/// @endcode
template <description F>
auto launch(F& flow, executor_arg executor, launch_options const& options = {}) -> running_flow {
    return running_flow(detail::make_run(flow, executor.get(), true), options);
}

}  // namespace sluice::flow
