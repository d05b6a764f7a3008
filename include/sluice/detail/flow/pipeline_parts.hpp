#pragma once

#include <concepts>
#include <cstddef>
#include <sluice/detail/flow/build.hpp>
#include <sluice/detail/flow/parts.hpp>
#include <sluice/flow/graph.hpp>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::flow {
template <class Origin, class... Steps>
class pipeline;
template <class Before, class Sink>
class sunk;
template <class... Steps>
class closure;
}  // namespace sluice::flow

namespace sluice::detail {

template <class Origin, class... Steps>
auto make_pipeline(Origin origin, std::tuple<Steps...> steps) {
    return flow::pipeline<Origin, Steps...>(std::move(origin), std::move(steps));
}

/// Whether it is a flow to which steps can be added.
template <class T>
inline constexpr bool is_pipeline = false;
template <class Origin, class... Steps>
inline constexpr bool is_pipeline<flow::pipeline<Origin, Steps...>> = true;
/// Whether it is a flow that ends in a sink.
template <class T>
inline constexpr bool is_sunk = false;
template <class Before, class Sink>
inline constexpr bool is_sunk<flow::sunk<Before, Sink>> = true;
/// Whether it is steps without a source.
template <class T>
inline constexpr bool is_closure = false;
template <class... Steps>
inline constexpr bool is_closure<flow::closure<Steps...>> = true;

/// What a flow consists of, and how its stages are made: what the library wants of a pipeline, and users do not.
template <class Origin, class... Steps>
class pipeline_parts {
public:
    using event_type = typename chain_output<typename Origin::event_type, Steps...>::type;

    pipeline_parts(Origin origin, std::tuple<Steps...> steps) : origin_(std::move(origin)), steps_(std::move(steps)) {}

    /// With one step more in the last layer.
    template <class Step>
    auto with(Step step) const {
        if constexpr (sizeof...(Steps) == 0 && hands_on_remarks<Origin>) {
            return make_pipeline(origin_, std::tuple_cat(origin_.remarks(), std::tuple<Step>(std::move(step))));
        } else {
            return flow::pipeline<Origin, Steps..., Step>(origin_,
                                                          std::tuple_cat(steps_, std::tuple<Step>(std::move(step))));
        }
    }
    /// The same for a step of a terminal operation: the remarks of the layer before are not for it.
    template <class Step>
    auto with_last(Step step) const {
        return flow::pipeline<Origin, Steps..., last_step<Step>>(
            origin_, std::tuple_cat(steps_, std::tuple(last_step<Step>{std::move(step)})));
    }
    /// What the last layer begins with.
    auto origin() const noexcept -> Origin const& { return origin_; }

    /// With other steps in the last layer.
    template <class... Others>
    auto with_steps(std::tuple<Others...> others) const -> flow::pipeline<Origin, Others...> {
        return {origin_, std::move(others)};
    }
    /// The steps of the last layer, in order.
    auto steps() const noexcept -> std::tuple<Steps...> const& { return steps_; }

    /// The last layer has a reduction.
    static constexpr bool has_reduction = (Steps::is_reduction || ...);
    /// The last layer has windows, or says something about them.
    static constexpr bool has_window_part = (window_part<Steps> || ...);
    /// The last layer has a part of that kind.
    template <part_kind Kind>
    static constexpr auto has_part() noexcept -> bool {
        return (is_part_of_kind<Kind, Steps> || ...);
    }
    /// The last layer has a trigger that looks at events.
    static constexpr bool has_event_trigger = (is_event_trigger<Steps> || ...);
    /// The last step is windows, or says something about them.
    static constexpr bool ends_in_window_part = (false, ..., window_part<Steps>);
    /// The last step is a reduction of which something may be said.
    static constexpr bool ends_in_window_reduction = (false, ..., window_reduction<Steps>);
    /// The last step gives events together with the window that they are of.
    static constexpr bool gives_tagged = (false, ..., tagging_step<Steps>);
    /// The last step is session windows.
    static constexpr bool ends_in_sessions = (false, ..., session_step<Steps>);
    /// No step of the layer takes single events.
    static constexpr bool has_only_batches = (batch_step<Steps> && ...);

    /// Makes the stages up to here. The last layer has one outlet a stage, with batches of that many events.
    auto emitters(flow_builder& b, std::size_t batch) const -> outlet_list<event_type> {
        if constexpr (is_bare && is_joint) {
            return origin_.emitters(b, batch);
        } else if constexpr (is_bare) {
            return origin_.emitters(b);
        } else {
            outlet_list<event_type> all;
            auto const end = [](outlets& made) { return outlet_end<event_type>(made); };
            build<outlets>(
                b, end, [&](outlets& made) { all.push_back(&made[0].core()); }, std::size_t{1}, batch);
            return all;
        }
    }

    /// The same with `count` outlets a stage, one for each partition. Answers the outlets of each partition.
    template <class Key, class Hash>
    auto partitions(flow_builder& b, Key const& key, Hash const& hash, std::size_t count, std::size_t batch) const
        -> std::vector<outlet_list<event_type>> {
        if constexpr (is_bare && is_joint) {
            return origin_.partitions(b, key, hash, count, batch);
        } else {
            using partition_end = partition_end<event_type, Key, Hash>;
            std::vector<outlet_list<event_type>> all(count);
            auto const end = [key, hash](outlets& made) { return partition_end(made, key, hash); };
            auto const built = [&](outlets& made) {
                for (std::size_t i = 0; i < count; ++i) all[i].push_back(&made[i].core());
            };
            build<outlets>(b, end, built, count, batch);
            return all;
        }
    }

    /// The same without outlets: what comes out is dropped.
    void effects(flow_builder& b) const {
        if constexpr (is_bare && is_joint) {
            origin_.effects(b);
        } else {
            auto const end = [](no_outlets&) { return no_end<event_type>(); };
            build<no_outlets>(b, end, [](no_outlets&) {});
        }
    }

    /// Draws everything up to here; answers the last node.
    auto draw(flow::graph& g) const -> std::size_t {
        auto at = origin_.draw(g);
        if constexpr (Origin::is_stage && !is_bare) {
            auto const layer = g.add(g.stages_of(at));
            g.connect(at, layer, "", true);
            at = layer;
        }
        std::apply([&](auto const&... step) { (draw_step(g, at, step), ...); }, steps_);
        return at;
    }

private:
    using outlets = flow_outlets<event_type>;

    template <class Step>
    static void draw_step(flow::graph& g, std::size_t at, Step const& step) {
        if constexpr (requires { step.draw(g, at); }) {
            step.draw(g, at);
        } else {
            g.add_step(at, step.kind, step.label);
        }
    }

    /// No more than stages that can be subscribed to as they are.
    static constexpr bool is_bare = Origin::is_direct && (remark_step<Steps> && ...);
    /// Those stages are of several flows, which end in what way they are told.
    static constexpr bool is_joint = requires(flow_builder & b) { std::declval<Origin const&>().effects(b); };

    template <class Outlets, class MakeEnd, class Built, class... Counts>
    void build(flow_builder& b, MakeEnd const& make_end, Built const& built, Counts... counts) const {
        std::vector<lane_core*> layer;
        origin_.feeds(b, [&](auto feed, sources<typename Origin::event_type> const& from) {
            auto& lane = make_lane<Outlets>(b, std::move(feed), from, steps_, make_end, counts...);
            layer.push_back(&lane);
            built(lane.outlets());
        });
        auto const name = title();
        for (std::size_t i = 0; i < layer.size(); ++i) {
            layer[i]->set_place({i, layer.size()});
            layer[i]->name = stage_title(name, i, layer.size());
        }
        if (b.notes_layers()) note_layer<Outlets>(b, name, layer, make_end, counts...);
    }

    /// How the stages of the last layer are called: as the exchange before it, or what they do.
    auto title() const -> std::string {
        if constexpr (named_origin<Origin>) {
            if (!origin_.name().empty()) return origin_.name();
        }
        flow::graph g;
        auto const at = draw(g);
        return g.title_of(at);
    }

    template <class Outlets, class MakeEnd, class... Counts>
    void note_layer(flow_builder& b, std::string const& title, std::vector<lane_core*> const& stages,
                    MakeEnd const& make_end, Counts... counts) const {
        constexpr bool is_fed_alike = even_origin<Origin> || Origin::is_stage;
        constexpr bool is_stateless = (stateless_step<Steps> && ...);
        flow_layer layer{.title = title, .is_chained = Origin::is_stage, .stages = {stages.begin(), stages.end()}};
        if constexpr (named_origin<Origin>) layer.name = origin_.name();
        if constexpr (!is_fed_alike) {
            layer.fixed_because = "its events are dealt out by key";
        } else if constexpr (!is_stateless) {
            layer.fixed_because = "its steps remember something from one event to the next";
        } else {
            layer.another = [executor = b.executor(), steps = steps_, make_end, counts...] {
                return another_lane<Outlets, typename Origin::event_type>(executor, steps, make_end, counts...);
            };
        }
        b.add(std::move(layer));
    }

    Origin origin_;
    std::tuple<Steps...> steps_;
};

/// The same of a flow that ends in a sink.
template <class Before, class Sink>
class sunk_parts {
public:
    sunk_parts(Before before, Sink sink) : before_(std::move(before)), sink_(std::move(sink)) {}

    /// Makes the stages up to here, and the one that runs the sink.
    void effects(flow_builder& b) const { sink_.build(b, before_.emitters(b, sink_.batch())); }
    /// Draws them; answers the node of the sink.
    auto draw(flow::graph& g) const -> std::size_t {
        auto const from = before_.draw(g);
        auto const at = g.add(1);
        g.add_step(at, "sink", sink_.label);
        g.connect(from, at, "", false);
        return at;
    }

private:
    Before before_;
    Sink sink_;
};

/// Pipes steps into a flow, from the I-th on.
template <std::size_t I, class Flow, class Steps>
auto attach(Flow const& flow, Steps const& steps) {
    static_assert(!is_sunk<Flow>, "flow::sink: a sink ends a flow. Nothing can be piped behind it.");
    if constexpr (is_sunk<Flow>) {
        return flow;
    } else if constexpr (I + 1 == std::tuple_size_v<Steps>) {
        return std::get<I>(steps).attach(flow);
    } else {
        return attach<I + 1>(std::get<I>(steps).attach(flow), steps);
    }
}

}  // namespace sluice::detail
