#include <algorithm>
#include <sluice/detail/drawing.hpp>
#include <sluice/snapshot.hpp>
#include <utility>

namespace sluice {
namespace {

using std::chrono::nanoseconds;

auto written(nanoseconds time) -> std::string {
    using std::chrono::duration_cast;
    auto const ms = duration_cast<std::chrono::milliseconds>(time).count();
    if (ms >= 10'000) return std::to_string(ms / 1000) + " s";
    if (ms >= 1000) return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + " s";
    if (ms >= 1) return std::to_string(ms) + " ms";
    return std::to_string(duration_cast<std::chrono::microseconds>(time).count()) + " us";
}

auto doing(stage_stats const& of) -> std::string {
    std::string result = to_string(of.doing);
    if (of.doing_for > nanoseconds::zero()) result += " for " + written(of.doing_for);
    return result;
}

auto level(std::size_t now, std::size_t most, char const* what) -> std::string {
    return std::to_string(now) + " " + what + " (most " + std::to_string(most) + ")";
}

// The numbers that mean something for a stage of this kind, in order.
auto numbers(stage_stats const& of, bool receives) -> std::vector<std::string> {
    std::vector<std::string> all;
    if (receives || of.events_in > 0) {
        all.push_back("in " + std::to_string(of.events_in));
        all.push_back(level(of.queued, of.most_queued, "queued"));
    }
    if (of.consumers > 0 || of.events_out > 0) {
        all.push_back("out " + std::to_string(of.events_out));
        all.push_back(std::to_string(of.demand) + " asked for");
        all.push_back(level(of.buffered, of.most_buffered, "buffered"));
    }
    if (!of.held_back_by.empty()) all.push_back("held back by partition " + of.held_back_by);
    if (of.discarded > 0) all.push_back(std::to_string(of.discarded) + " discarded");
    if (of.lost_in_hand > 0) all.push_back(std::to_string(of.lost_in_hand) + " lost in hand");
    return all;
}

auto joined(std::vector<std::string> const& parts, char const* between) -> std::string {
    std::string result;
    for (auto const& each : parts) {
        if (!result.empty()) result += between;
        result += each;
    }
    return result;
}

auto flow_of(subscription_stats const& over) -> std::string {
    auto text = std::to_string(over.received) + " received, " + std::to_string(over.outstanding) + " outstanding";
    if (over.max_demand > 0) text += " of at most " + std::to_string(over.max_demand);
    return text;
}

// What stands at an edge of a picture.
auto facts(graph_snapshot const& graph, graph_snapshot::edge const& e) -> std::vector<std::string> {
    std::vector<std::string> all{flow_of(e.stats), "asked " + written(e.stats.since_ask) + " ago"};
    for (auto const& w : graph.waits()) {
        bool const for_events = w.what == activity::waiting_for_events;
        if ((for_events ? w.who : w.whom) != e.to || (for_events ? w.whom : w.who) != e.from) continue;
        all.push_back(std::string("waits for ") + (for_events ? "events" : "demand") + " for " + written(w.how_long));
    }
    return all;
}

auto receives(graph_snapshot const& graph, std::size_t node) -> bool {
    return std::ranges::any_of(graph.edges(), [node](auto const& e) { return e.to == node; });
}

// The number is its place in the snapshot, as in the text.
auto title_of(detail::stage_core const& stage, std::size_t place) -> std::string {
    if (!stage.name.empty()) return stage.name;
    bool const receives = !stage.inlets().empty();
    bool const emits = !stage.outlets().empty();
    char const* const kind = receives && emits ? "producer_consumer " : emits ? "producer " : "consumer ";
    return (receives || emits ? kind : "stage ") + std::to_string(place + 1);
}

}  // namespace

auto graph_snapshot::add(node n) -> std::size_t {
    if (n.title.empty()) n.title = "stage " + std::to_string(nodes_.size() + 1);
    nodes_.push_back(std::move(n));
    return nodes_.size() - 1;
}

auto graph_snapshot::waits() const -> std::vector<wait> {
    std::vector<wait> all;
    for (auto const& e : edges_) {
        auto const& consumer = nodes_[e.to].stats;
        auto const& producer = nodes_[e.from].stats;
        if (consumer.doing == activity::waiting_for_events && e.stats.awaited > 0) {
            all.push_back({e.to, e.from, activity::waiting_for_events, consumer.doing_for});
        }
        if (producer.doing == activity::waiting_for_demand && e.stats.awaited == 0) {
            all.push_back({e.from, e.to, activity::waiting_for_demand, producer.doing_for});
        }
    }
    return all;
}

auto graph_snapshot::stalled(nanoseconds at_least) const -> std::vector<std::size_t> {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < edges_.size(); ++i) {
        auto const& e = edges_[i];
        if (nodes_[e.to].stats.doing != activity::busy) continue;
        if (e.stats.in_hand() > 0 && e.stats.since_ask >= at_least) all.push_back(i);
    }
    return all;
}

auto graph_snapshot::is_stalled(std::size_t node) const -> bool {
    return std::ranges::any_of(stalled(), [&](std::size_t e) { return edges_[e].to == node; });
}

auto graph_snapshot::text() const -> std::string {
    std::string result;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        auto const& n = nodes_[i];
        auto const facts = joined(numbers(n.stats, receives(*this, i)), ", ");
        result += std::to_string(i + 1) + ". " + n.title + ": " + doing(n.stats);
        result += facts.empty() ? "\n" : "; " + facts + "\n";
        for (auto const& e : edges_) {
            if (e.to != i) continue;
            result += "   from " + std::to_string(e.from + 1) + ": " + flow_of(e.stats) + ", asked " +
                      written(e.stats.since_ask) + " ago\n";
        }
    }
    for (auto const& w : waits()) {
        char const* const what = w.what == activity::waiting_for_events ? "events" : "demand";
        result += "`" + nodes_[w.who].title + "` has waited for " + what + " from `" + nodes_[w.whom].title + "` for " +
                  written(w.how_long) + "\n";
    }
    for (auto const i : stalled()) {
        auto const& e = edges_[i];
        result += "stalled: `" + nodes_[e.to].title + "` has " + std::to_string(e.stats.in_hand()) +
                  " events outstanding and has not asked for " + written(e.stats.since_ask) + "\n";
    }
    return result;
}

auto graph_snapshot::dot() const -> std::string {
    std::string result = "digraph stages {\n    rankdir=LR;\n    node [shape=box];\n";
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        auto const& n = nodes_[i];
        auto label = detail::dot_label(n.title) + "\\n" + doing(n.stats);
        for (auto const& each : numbers(n.stats, receives(*this, i))) label += "\\n" + each;
        result +=
            "    n" + std::to_string(i) + " [label=\"" + label + "\"" + (is_stalled(i) ? ", color=red" : "") + "];\n";
    }
    for (auto const& e : edges_) {
        result += "    n" + std::to_string(e.from) + " -> n" + std::to_string(e.to) + " [label=\"" +
                  joined(facts(*this, e), "\\n") + "\"];\n";
    }
    return result + "}\n";
}

auto graph_snapshot::mermaid() const -> std::string {
    std::string result = "flowchart LR\n";
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        auto const& n = nodes_[i];
        auto label = detail::mermaid_label(n.title) + "<br><i>" + doing(n.stats) + "</i>";
        for (auto const& each : numbers(n.stats, receives(*this, i))) label += "<br>" + each;
        result += "    n" + std::to_string(i) + "[\"" + label + "\"]\n";
        if (is_stalled(i)) result += "    style n" + std::to_string(i) + " stroke:red\n";
    }
    for (auto const& e : edges_) {
        result += "    n" + std::to_string(e.from) + " -->|\"" + joined(facts(*this, e), "<br>") + "\"| n" +
                  std::to_string(e.to) + "\n";
    }
    return result;
}

auto detail::take_snapshot(std::vector<stage_ptr> stages) -> graph_snapshot {
    std::vector<std::pair<std::size_t, link_ptr>> links;  // by consumer
    for (std::size_t i = 0; i < stages.size(); ++i) {     // grows by what they are subscribed to
        auto const stage = stages[i];
        auto const again = std::find(stages.begin(), stages.begin() + static_cast<std::ptrdiff_t>(i), stage);
        if (again != stages.begin() + static_cast<std::ptrdiff_t>(i)) {  // it was named twice
            stages.erase(stages.begin() + static_cast<std::ptrdiff_t>(i--));
            continue;
        }
        auto const members = stage->members();
        stages.insert(stages.end(), members.begin(), members.end());
        for (auto& over : stage->subscriptions()) {
            stage_ptr const producer(&static_cast<stage_core&>(over->producer()));
            if (std::ranges::find(stages, producer) == stages.end()) stages.push_back(producer);
            links.emplace_back(i, std::move(over));
        }
    }
    std::vector<graph_snapshot::node> nodes;
    for (std::size_t i = 0; i < stages.size(); ++i) {
        nodes.push_back({title_of(*stages[i], i), stages[i]->stats()});
        nodes.back().stats.subscriptions.clear();  // those that it had when it was looked at, with titles
    }
    graph_snapshot graph;
    for (auto const& [consumer, over] : links) {
        auto const found = std::ranges::find(stages, static_cast<stage_core*>(&over->producer()), &stage_ptr::get);
        auto const producer = static_cast<std::size_t>(found - stages.begin());
        auto stats = stages[consumer]->stats_of(*over);
        stats.producer = nodes[producer].title;
        nodes[consumer].stats.subscriptions.push_back(stats);
        graph.connect({producer, consumer, std::move(stats)});
    }
    for (auto& each : nodes) graph.add(std::move(each));
    return graph;
}

}  // namespace sluice
