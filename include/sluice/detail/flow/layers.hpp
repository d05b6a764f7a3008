#pragma once

#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <sluice/core/api.hpp>
#include <sluice/detail/flow/running_stages.hpp>
#include <sluice/detail/group_core.hpp>
#include <sluice/detail/link.hpp>
#include <sluice/detail/stage_core.hpp>
#include <sluice/stage.hpp>
#include <string>
#include <vector>

namespace sluice::detail {

/// The stages as which a layer of a flow runs, and how another one is made.
struct flow_layer {
    /// Of the exchange that it stands behind; perhaps none.
    std::string name = {};
    /// What its stages are called, without a number, and how many numbers have been given.
    std::string title = {};
    std::size_t numbered = 0;
    /// Why there are always as many; empty: there need not be.
    std::string fixed_because = {};
    /// Each is fed by one stage of the layer before, for which it is made.
    bool is_chained = false;
    std::vector<stage_ptr> stages = {};
    /// A stage more, which nobody feeds yet. Not for fixed ones.
    std::function<stage()> another = nullptr;
};

/// How a stage of a flow is called that is one of `count`: "filter 2".
SLUICE_API auto stage_title(std::string const& title, std::size_t index, std::size_t count) -> std::string;

/// Stages of somebody else's through which a flow goes, and those of its own that feed them.
struct flow_passages {
    std::vector<stage_ptr> outside = {};
    std::vector<stage_ptr> feeding = {};
};

/// Makes layers of a running flow larger and smaller, one after the other. A new stage gets the same subscriptions as
/// one that there is, first to those behind it, which so cannot end before it. One that is to go leaves those before it
/// and ends when it has delivered what they had sent.
///
/// @par Thread safety
/// index_of() is safe; everything else belongs to the group's strand.
class SLUICE_API flow_layers final : public group_watcher, public std::enable_shared_from_this<flow_layers> {
public:
    /// `feeding`: those that feed stages from outside.
    flow_layers(std::vector<flow_layer> layers, std::vector<stage_ptr> const& feeding,
                std::shared_ptr<running_stages> stages, group_core& group);

    /// The layer of that name. Throws errc::invalid_option if there is none, or several, or `stages` is no number of
    /// stages; errc::layer_is_fixed.
    auto index_of(std::string const& name, std::size_t stages) const -> std::size_t;
    /// Tells `who` when the layer has so many stages, or that the flow ended before.
    void resize(std::size_t layer, std::size_t stages, std::unique_ptr<run_completion> who);

    void ended(stage_core& which) override;
    void abandoned() noexcept override;

private:
    struct order {
        std::size_t layer;
        std::size_t stages;
        std::unique_ptr<run_completion> who;
    };
    struct wire {
        stage_ptr consumer;
        inlet_base* in;
        link_ptr over;
    };

    auto layer_of(strand const& s) const -> std::optional<std::size_t>;
    /// Layers that are followed, stage by stage, by a fixed one.
    void fix_those_before(std::size_t fixed);
    /// Those that run and are to go on.
    auto running(std::size_t layer) const -> std::vector<stage_ptr>;

    void next();
    void end_order(std::exception_ptr error);
    void grow(std::size_t layer, stage_core const& model);
    auto copy(stage_core const& model, std::size_t layer) -> stage_core&;
    /// What a stage does that has done what was asked of it.
    auto answer() -> std::function<void()>;
    void answered();
    void run_made(std::vector<stage> const& made, std::vector<link_ptr> const& feeds);
    void shrink(stage_ptr const& which);
    /// It is no part of the flow any more.
    void forget(stage_core const& which);

    std::vector<flow_layer> layers_;
    std::shared_ptr<running_stages> stages_;
    group_core* group_;
    std::deque<order> orders_;
    // Of the first order, while it waits.
    std::vector<stage> made_;         // and do not run yet
    std::vector<link_ptr> feeds_;     // of the first of them
    std::vector<wire> joins_;         // of what they will emit
    std::size_t answers_left_ = 0;    // of stages that were asked for something
    std::vector<stage_ptr> leaving_;  // are to end
};

}  // namespace sluice::detail
