// What /stats and /graph show.
#include "report.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include "graph_svg.hpp"
#include "json_text.hpp"

namespace collector {
namespace {

auto milliseconds(std::chrono::nanoseconds time) -> std::string {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

/// Writes the members of a JSON object, one after the other.
class object {
public:
    auto with(std::string_view name, std::string const& json) -> object& {
        text_ += (text_.size() > 1 ? "," : "") + json_string(name) + ":" + json;
        return *this;
    }
    auto with(std::string_view name, std::uint64_t number) -> object& { return with(name, std::to_string(number)); }
    auto text() const -> std::string { return text_ + "}"; }

private:
    std::string text_ = "{";
};

template <class Range, class ToJson>
auto array_of(Range const& all, ToJson to_json) -> std::string {
    std::string result = "[";
    for (auto const& each : all) result += (result.size() > 1 ? "," : "") + to_json(each);
    return result + "]";
}

auto source_of(sluice::subscription_stats const& over) -> std::string {
    return object()
        .with("producer", json_string(over.producer))
        .with("received", over.received)
        .with("outstanding", over.outstanding)
        .with("max_demand", over.max_demand)
        .text();
}

auto stage_of(sluice::graph_snapshot::node const& node) -> std::string {
    auto const& stage = node.stats;
    return object()
        .with("name", json_string(node.title))
        .with("doing", json_string(to_string(stage.doing)))
        .with("doing_for_ms", milliseconds(stage.doing_for))
        .with("in", stage.events_in)
        .with("out", stage.events_out)
        .with("queued", stage.queued)
        .with("most_queued", stage.most_queued)
        .with("buffered", stage.buffered)
        .with("demand", stage.demand)
        .with("consumers", stage.consumers)
        .with("discarded", stage.discarded)
        .with("dead_letters", stage.dead_letters)
        .with("waited_for_events_ms", milliseconds(stage.waited_for_events))
        .with("waited_for_demand_ms", milliseconds(stage.waited_for_demand))
        .with("takes_from", array_of(stage.subscriptions, source_of))
        .text();
}

/// Asked of the stage that counts, in its turn. Nothing if it has ended.
auto kinds_of(pipeline& events) -> asio::awaitable<std::string> {
    object kinds;
    try {
        auto const counts = co_await events.kinds();
        for (auto const& [kind, count] : counts) kinds.with(kind, count);
    } catch (boost::system::system_error const&) {}
    co_return kinds.text();
}

}  // namespace

auto stats_page(services of) -> asio::awaitable<std::string> {
    auto const kinds = co_await kinds_of(of.events);
    auto const& count = of.events.totals();
    auto const stages = of.events.snapshot();
    co_return object()
            .with("stored", count.stored)
            .with("rejected", count.rejected)
            .with("failed", count.failed)
            .with("connections", of.clients.count())
            .with("live", of.events.live_readers())
            .with("live_dropped", count.live_dropped)
            .with("kinds", kinds)
            .with("stages", array_of(stages.nodes(), stage_of))
            .text() +
        "\n";
}

auto graph_page(services of) -> std::string {
    auto graph = of.events.snapshot();
    auto const readers = of.events.live_readers();
    if (readers > 0) {
        // Hundreds of boxes would say no more than one.
        sluice::graph_snapshot::node node;
        node.title = std::to_string(readers) + " live reader" + (readers == 1 ? "" : "s");
        node.stats.doing = sluice::activity::waiting_for_events;
        sluice::graph_snapshot::edge edge;
        for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
            if (graph.nodes()[i].stats.name == "store") edge.from = i;
        }
        edge.to = graph.add(std::move(node));
        graph.connect(std::move(edge));
    }
    return graph_svg(graph);
}

}  // namespace collector
