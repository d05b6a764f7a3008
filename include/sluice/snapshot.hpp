#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <ranges>
#include <sluice/core/api.hpp>
#include <sluice/detail/access.hpp>
#include <sluice/detail/stage_core.hpp>
#include <sluice/stage.hpp>
#include <sluice/stage_group.hpp>
#include <sluice/stage_stats.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice {

/// A running graph at a moment: its stages with their numbers, who is subscribed to whom, and who waits for whom. A
/// value, made by snapshot().
class SLUICE_API graph_snapshot {
public:
    /// A stage.
    struct node {
        /// Its name. If it has none, what it is, and its place among the nodes, counted from 1: "consumer 3".
        std::string title;
        /// What it said of itself.
        stage_stats stats;
    };
    /// A subscription: from the producer to the consumer, both as places in nodes().
    struct edge {
        /// The producer.
        std::size_t from = 0;
        /// The consumer.
        std::size_t to = 0;
        /// What the consumer said of it.
        subscription_stats stats;
    };
    /// `who` waits for something that `whom` has to do.
    struct wait {
        /// The one that waits, as a place in nodes().
        std::size_t who = 0;
        /// The one it waits for, as a place in nodes().
        std::size_t whom = 0;
        /// activity::waiting_for_events or activity::waiting_for_demand.
        activity what = activity::waiting_for_events;
        /// Since it began to wait.
        std::chrono::nanoseconds how_long{};
    };

    /// The stages: first those that snapshot() was given, then those it has found.
    auto nodes() const noexcept -> std::vector<node> const& { return nodes_; }
    /// The subscriptions between them.
    auto edges() const noexcept -> std::vector<edge> const& { return edges_; }

    /// Who waits for whom. A stage that waits for events waits for those producers that owe it some; one that waits for
    /// demand, for those consumers that have all they asked for.
    auto waits() const -> std::vector<wait>;

    /// Where it is stuck: subscriptions whose consumer has events in hand, waits for nobody, and has not asked for that
    /// long. As places in edges().
    auto stalled(std::chrono::nanoseconds at_least = std::chrono::seconds(1)) const -> std::vector<std::size_t>;

    /// For a terminal: a line for each stage, with what it takes from whom; then who waits for whom, and what is
    /// stalled: ``stalled: `writer` has 500 events outstanding and has not asked for 12 s``.
    auto text() const -> std::string;
    /// As Graphviz draws it; stalled consumers are red.
    auto dot() const -> std::string;
    /// As Mermaid draws it: https://mermaid.js.org, "flowchart"; stalled consumers are red.
    auto mermaid() const -> std::string;

    // How it is made.

    /// One more stage; answers its place.
    auto add(node n) -> std::size_t;
    /// One more subscription.
    void connect(edge e) { edges_.push_back(std::move(e)); }

private:
    auto is_stalled(std::size_t node) const -> bool;

    std::vector<node> nodes_;
    std::vector<edge> edges_;
};

namespace detail {

SLUICE_API auto take_snapshot(std::vector<stage_ptr> stages) -> graph_snapshot;

/// A stage, intake, fan-out, stream or supervisor, or what converts to a stage, as std::reference_wrapper does.
template <class S>
concept shown_stage = std::convertible_to<S const&, stage const&> || requires(S const& s) {
    { access::core(s) } -> std::convertible_to<stage_ptr>;
};
/// The same, or a pointer of any kind to one, or a std::reference_wrapper.
template <class S>
concept shown_element = shown_stage<S> || requires(S const& s) {
    requires shown_stage<std::remove_cvref_t<decltype(*s)>>;
} || requires(S const& s) {
    requires shown_stage<std::remove_cvref_t<decltype(s.get())>>;
};

template <shown_element S>
auto shown_core(S const& s) -> stage_ptr {
    if constexpr (std::convertible_to<S const&, stage const&>) {
        return access::core(static_cast<stage const&>(s));
    } else if constexpr (shown_stage<S>) {
        return access::core(s);
    } else if constexpr (requires { *s; }) {
        return shown_core(*s);
    } else {
        return shown_core(s.get());
    }
}

}  // namespace detail

/// The running graph of these stages, of whatever they are subscribed to, and so on: stages, intakes, fan-outs and
/// streams; of a supervisor, the stages that it runs at the moment. It is taken without stopping them, so the numbers
/// of two stages need not be of one moment: a batch may have left one and not have come to the other. From any thread,
/// but not while an execution context of theirs is being destroyed. O(stages * subscriptions).
template <detail::shown_stage... Stages>
auto snapshot(Stages const&... stages) -> graph_snapshot {
    return detail::take_snapshot({detail::shown_core(stages)...});
}

/// The same of as many as are known when the program runs: a range of them, of std::reference_wrapper or of pointers of
/// any kind to them, none of which may be null. Handles may not be added or moved meanwhile.
template <class Stages>
    requires(std::ranges::input_range<Stages const> && !detail::shown_stage<Stages> &&
             detail::shown_element<std::ranges::range_value_t<Stages const>>)
auto snapshot(Stages const& stages) -> graph_snapshot {
    std::vector<detail::stage_ptr> cores;
    for (auto const& each : stages) cores.push_back(detail::shown_core(each));
    return detail::take_snapshot(std::move(cores));
}

/// The same of the stages that run in a group at the moment. One that was just added may not be among them.
inline auto snapshot(stage_group const& group) -> graph_snapshot {
    return detail::take_snapshot(detail::access::core(group)->running());
}

}  // namespace sluice
