#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <sluice/detail/access.hpp>
#include <sluice/detail/flow/lane.hpp>
#include <sluice/detail/flow/layers.hpp>
#include <sluice/detail/flow/parts.hpp>
#include <sluice/detail/thread_count.hpp>
#include <sluice/stage.hpp>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::detail {

/// A handle that keeps a stage ready until it is run.
class flow_stage : public stage {
public:
    explicit flow_stage(stage_ptr core) noexcept : stage(std::move(core)) {}
};

/// Makes the stages of a flow. Stages that are not run end with it.
class flow_builder {
public:
    explicit flow_builder(asio::any_io_executor const& executor, bool notes_layers = false)
        : executor_(executor), notes_layers_(notes_layers) {}

    auto executor() const noexcept -> asio::any_io_executor const& { return executor_; }
    /// As how many stages a layer runs whose options do not say so.
    auto default_stages() const -> std::size_t { return detail::default_stages(executor_); }
    void add(stage made) { stages_.push_back(std::move(made)); }
    auto take() && -> std::vector<stage> { return std::move(stages_); }

    /// The layers may be resized later: they are to be noted.
    auto notes_layers() const noexcept -> bool { return notes_layers_; }
    void add(flow_layer layer) { layers_.push_back(std::move(layer)); }
    auto take_layers() -> std::vector<flow_layer> { return std::move(layers_); }
    /// A stage of somebody else's that gets what those emit; what it emits comes back into the flow.
    template <class T>
    void lead_through(stage_ptr const& outside, sources<T> const& from) {
        passages_.outside.push_back(outside);
        for (auto const& each : from) passages_.feeding.emplace_back(&access::output(each).stage());
    }
    auto take_passages() -> flow_passages { return std::move(passages_); }

private:
    asio::any_io_executor executor_;
    bool notes_layers_;
    std::vector<stage> stages_;
    std::vector<flow_layer> layers_;
    flow_passages passages_;
};

/// The outlets of a layer's stages, to which the next one subscribes.
template <class T>
using outlet_list = std::vector<outlet_core<T>*>;

template <class T>
auto subscriptions(outlet_list<T> const& to, subscribe_options const& options) -> sources<T> {
    std::vector<source<T>> all;
    for (auto* out : to) all.emplace_back(*out, options);
    return all;
}

/// How many events travel together to subscribers with these options.
inline auto batch_size(subscribe_options const& options) -> std::size_t { return options.max_demand - options.min(); }

/// The event type behind a step, and behind all of some steps.
template <class Step, class In>
using step_output_t = typename Step::template on<In>::out;

template <class In, class... Steps>
struct chain_output {
    using type = In;
};
template <class In, class First, class... Rest>
struct chain_output<In, First, Rest...> : chain_output<step_output_t<First, In>, Rest...> {};

/// A node of a step. One that handles what those behind it throw is told where that is noted, and which step it is.
template <class In, class Step, class Next>
auto make_node(Step const& step, Next next, step_faults& faults, std::size_t place) {
    if constexpr (requires { step.template node<In>(std::move(next), faults, place); }) {
        return step.template node<In>(std::move(next), faults, place);
    } else {
        return step.template node<In>(std::move(next));
    }
}

/// The fused steps from the I-th on, which end in `end`; as one step, where errors are concerned.
template <class In, std::size_t I, class Steps, class End>
auto make_chain(Steps const& steps, End end) {
    if constexpr (I == std::tuple_size_v<Steps>) {
        return end;
    } else {
        using step = std::tuple_element_t<I, Steps>;
        auto next = make_chain<step_output_t<step, In>, I + 1>(steps, std::move(end));
        return std::get<I>(steps).template node<In>(std::move(next));
    }
}

/// The same for the steps of a layer. Each tells its name when it throws.
template <class In, std::size_t I, class Steps, class End>
auto make_layer_chain(Steps const& steps, End end, step_faults& faults) {
    if constexpr (I == std::tuple_size_v<Steps>) {
        faults.add_step(End::title);
        return place_end(std::move(end), faults, I);
    } else {
        using step = std::tuple_element_t<I, Steps>;
        auto const& here = std::get<I>(steps);
        if constexpr (requires { here.title(); }) {
            faults.add_step(here.title());
        } else {
            faults.add_step(step_title(here.kind, here.label));
        }
        auto next = make_layer_chain<step_output_t<step, In>, I + 1>(steps, std::move(end), faults);
        auto node = make_node<In>(here, std::move(next), faults, I);
        return placed_node<decltype(node), never_held<step>>(std::move(node), faults, I);
    }
}

/// Makes one stage of a layer, and answers it: `feed` and, where it has an inlet, `from` are where its events come
/// from.
template <class Outlets, class Feed, class Steps, class MakeEnd, class... Counts>
auto make_lane(flow_builder& b, Feed feed, sources<typename Feed::event_type> const& from, Steps const& steps,
               MakeEnd const& make_end, Counts... counts) -> auto& {
    using inlet_type = lane_inlet<Feed>;
    auto* const made = new lane<inlet_type, Outlets>(b.executor(), counts...);
    stage_ptr const core(made);
    auto node = make_layer_chain<typename Feed::event_type, 0>(steps, make_end(made->outlets()), made->faults());
    auto* const work = new fused_work<Feed, decltype(node)>(std::move(feed), std::move(node), made->faults());
    made->set_work(std::unique_ptr<lane_work>(work));
    work->open_nodes(*made);
    b.add(flow_stage(core));
    if constexpr (inlet_type::exists) {
        made->inlet().feed = &work->feed;
        subscribe_all(core, made->inlet().core, from);
    }
    return *made;
}

/// A stage more of a layer, which nobody feeds yet.
template <class Outlets, class T, class Steps, class MakeEnd, class... Counts>
auto another_lane(asio::any_io_executor const& executor, Steps const& steps, MakeEnd const& make_end, Counts... counts)
    -> stage {
    flow_builder alone(executor);
    make_lane<Outlets>(alone, inlet_feed<T>(), sources<T>(), steps, make_end, counts...);
    return std::move(std::move(alone).take().front());
}

}  // namespace sluice::detail
