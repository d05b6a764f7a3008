#pragma once

#include <concepts>
#include <cstddef>
#include <sluice/detail/access.hpp>
#include <sluice/detail/flow/build.hpp>
#include <sluice/detail/stages/subscribing.hpp>
#include <sluice/flow/graph.hpp>
#include <sluice/flow/into.hpp>
#include <sluice/flow/pipeline.hpp>
#include <sluice/from.hpp>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::detail {

/// A producer_consumer that somebody else runs.
template <class In, class Out>
struct middle_stage {
    stage_ptr core;
    inlet_core<In>* in;
    source<Out> from;
};

/// Stages of somebody else's in the place of a layer.
template <class Before, class Out>
class through_layer {
public:
    using input_type = typename Before::event_type;
    using event_type = Out;
    static constexpr bool is_direct = false;  // as stage_origin
    static constexpr bool is_stage = true;

    through_layer(Before before, std::vector<middle_stage<input_type, Out>> stages)
        : before_(std::move(before)), stages_(std::move(stages)) {}

    template <class Visit>
    void feeds(flow_builder& b, Visit const& visit) const {
        subscribe_options const options;
        auto const from = subscriptions(before_.emitters(b, batch_size(options)), options);
        for (auto const& each : stages_) {
            visit(inlet_feed<Out>(), sources<Out>(each.from));
            b.lead_through(each.core, from);
            subscribe_on_strand(each.core, *each.in, from);
        }
    }
    auto draw(flow::graph& g) const -> std::size_t {
        auto const from = before_.draw(g);
        std::string names;
        for (auto const& each : stages_) {
            names += (names.empty() ? "" : ", ") + (each.core->name.empty() ? std::string("stage") : each.core->name);
        }
        auto const at = g.add(stages_.size());
        g.add_step(at, "through", names);
        g.connect(from, at, "", false);
        return at;
    }

private:
    Before before_;
    std::vector<middle_stage<input_type, Out>> stages_;
};

template <class... Stages>
struct through_step {
    static constexpr bool is_sink = false;

    template <class Flow>
    auto attach(Flow const& flow) const {
        using in = typename Flow::event_type;
        constexpr bool fit = (flow::receiver_of<Stages, in> && ...);
        static_assert(fit,
                      "flow::through: the stages must receive the events that reach them: "
                      "sluice::producer_consumer<Event, Out>.");
        if constexpr (fit) {
            using out = typename std::tuple_element_t<0, std::tuple<Stages...>>::event_type;
            std::vector<middle_stage<in, out>> middles;
            std::apply([&](auto const&... each) { (middles.push_back({each.core, each.in, each.from}), ...); }, stages);
            using origin = through_layer<Flow, out>;
            return flow::pipeline<origin>(origin(flow, std::move(middles)), std::tuple<>());
        } else {
            return flow;
        }
    }

    template <class S>
    using input_of = std::remove_pointer_t<decltype(&access::input(std::declval<S const&>()))>;
    template <class S>
    struct kept {
        stage_ptr core;
        input_of<S>* in;
        source<typename S::event_type> from;
    };

    std::tuple<kept<Stages>...> stages;
    std::string label = {};
};

template <class S>
concept middle = any_stage<S> && emitter<std::remove_cvref_t<S>> && requires(std::remove_cvref_t<S> const& s) {
    access::input(s);
};

}  // namespace sluice::detail

namespace sluice::flow {

/// Leads a flow through stages that somebody else runs, before or after: producer_consumers, made with nothing to
/// subscribe to, or with more. Each gets a part of what comes out of the layer before, and what they emit goes on; the
/// steps behind run in a stage for each of them.
///
/// @code
/// sluice::producer_consumer<int, int> doubled{pool, {}, doubler};
/// auto const f = flow::from(std::views::iota(1, 4)) | flow::through(doubled) | flow::map([](int i) { return i + 1; });
/// auto ended = sluice::async_run(doubled, asio::use_future);
/// auto const all = flow::collect(f, pool);  // 3, 5, 7
/// @endcode
///
/// When the flow before has ended they hear it, and the flow ends when they have; so one that stays open keeps it open.
/// Their failure fails the flow, and a flow that fails or is stopped ends their subscriptions. The options of both
/// sides are the defaults. A stage runs once, and so does such a flow. For stages that the flow runs itself see
/// flow::stage.
///
/// Order: kept from one stage to one stage. Memory: 1000 events from each stage to each. Copies: none.
/// Flow: `through_stages`.
template <class First, class... Rest>
auto through(First const& first, Rest const&... rest) {
    constexpr bool are_middles = detail::middle<First> && (detail::middle<Rest> && ...);
    static_assert(are_middles, "flow::through takes stages that receive and emit: sluice::producer_consumer<In, Out>.");
    if constexpr (are_middles) {
        constexpr bool are_alike = (std::same_as<typename First::event_type, typename Rest::event_type> && ...);
        static_assert(are_alike, "flow::through: what the stages emit must be of one type.");
        using step = detail::through_step<First, Rest...>;
        return closure<step>(
            std::tuple(step{{{detail::access::core(first), &detail::access::input(first), sluice::from(first)},
                             {detail::access::core(rest), &detail::access::input(rest), sluice::from(rest)}...}}));
    }
}

}  // namespace sluice::flow
