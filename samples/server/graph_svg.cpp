// Draws a snapshot of the running stages.
#include "graph_svg.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

namespace collector {
namespace {

using sluice::activity;
using sluice::graph_snapshot;

constexpr int box_width = 250, line_height = 17, box_height = 6 * line_height + 10;
constexpr int gap_across = 120, gap_down = 40, margin = 24;

struct place {
    int x = margin;
    int y = margin;
};

/// Each stage one column to the right of the last of those it takes from. A graph without cycles ends this.
auto columns(graph_snapshot const& graph) -> std::vector<std::size_t> {
    std::vector<std::size_t> column(graph.nodes().size(), 0);
    for (std::size_t round = 0; round < column.size(); ++round) {
        for (auto const& each : graph.edges()) column[each.to] = std::max(column[each.to], column[each.from] + 1);
    }
    return column;
}

auto places(graph_snapshot const& graph) -> std::vector<place> {
    auto const column = columns(graph);
    std::vector<place> result(column.size());
    std::vector<int> used(column.size() + 1, 0);
    for (std::size_t i = 0; i < column.size(); ++i) {
        result[i].x = margin + static_cast<int>(column[i]) * (box_width + gap_across);
        result[i].y = margin + used[column[i]]++ * (box_height + gap_down);
    }
    return result;
}

auto escaped(std::string_view text) -> std::string {
    std::string result;
    for (char const c : text) {
        switch (c) {
            case '&': result += "&amp;"; break;
            case '<': result += "&lt;"; break;
            case '>': result += "&gt;"; break;
            case '"': result += "&quot;"; break;
            default: result += c;
        }
    }
    return result;
}

auto text_at(int x, int y, std::string_view text, std::string_view style = "") -> std::string {
    return "<text x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\"" + std::string(style) + ">" +
           escaped(text) + "</text>\n";
}

auto written(std::chrono::nanoseconds time) -> std::string {
    auto const ms = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
    return ms < 10'000 ? std::to_string(ms) + " ms" : std::to_string(ms / 1000) + " s";
}

auto colour(activity doing) -> char const* {
    switch (doing) {
        case activity::busy: return "#ffd9a0";
        case activity::waiting_for_demand: return "#c9dcf7";
        case activity::waiting_for_events: return "#e4f3df";
        default: return "#eeeeee";
    }
}

auto facts(graph_snapshot::node const& node) -> std::vector<std::string> {
    auto const& stage = node.stats;
    std::vector<std::string> lines{to_string(stage.doing)};
    if (stage.doing_for.count() > 0) lines[0] += " for " + written(stage.doing_for);
    if (stage.events_in > 0 || stage.events_out > 0) {
        lines.push_back("in " + std::to_string(stage.events_in) + ", out " + std::to_string(stage.events_out));
    }
    if (stage.queued > 0) lines.push_back(std::to_string(stage.queued) + " queued");
    if (stage.consumers > 0) {
        lines.push_back(std::to_string(stage.demand) + " asked for, " + std::to_string(stage.buffered) + " buffered");
    }
    if (stage.dead_letters > 0) lines.push_back(std::to_string(stage.dead_letters) + " dead letters");
    if (stage.discarded > 0) lines.push_back(std::to_string(stage.discarded) + " discarded");
    return lines;
}

auto box(graph_snapshot::node const& node, place at, bool is_stalled) -> std::string {
    auto result = "<rect x=\"" + std::to_string(at.x) + "\" y=\"" + std::to_string(at.y) + "\" width=\"" +
                  std::to_string(box_width) + "\" height=\"" + std::to_string(box_height) + "\" rx=\"6\" fill=\"" +
                  colour(node.stats.doing) + "\" stroke=\"" + (is_stalled ? "#cc0000" : "#555555") + "\"/>\n";
    int y = at.y + line_height;
    result += text_at(at.x + 10, y, node.title, " font-weight=\"bold\"");
    for (auto const& each : facts(node)) result += text_at(at.x + 10, y += line_height, each);
    return result;
}

auto arrow(graph_snapshot::edge const& edge, place from, place to) -> std::string {
    auto const x1 = from.x + box_width, y1 = from.y + box_height / 2, y2 = to.y + box_height / 2;
    auto const middle = (x1 + to.x) / 2;
    auto const point = [](int x, int y) { return std::to_string(x) + " " + std::to_string(y); };
    auto result = "<path d=\"M " + point(x1, y1) + " C " + point(middle, y1) + ", " + point(middle, y2) + ", " +
                  point(to.x - 8, y2) + "\" fill=\"none\" stroke=\"#555555\" marker-end=\"url(#head)\"/>\n";
    if (edge.stats.max_demand == 0) return result;
    auto const centred = " text-anchor=\"middle\" font-size=\"11\"";
    auto const y = (y1 + y2) / 2;
    result += text_at(middle, y - 8, std::to_string(edge.stats.outstanding) + " under way", centred);
    result += text_at(middle, y + 16, "of at most " + std::to_string(edge.stats.max_demand), centred);
    return result;
}

}  // namespace

auto graph_svg(graph_snapshot const& graph) -> std::string {
    auto const at = places(graph);
    int width = 0, height = 0;
    for (auto const& each : at) {
        width = std::max(width, each.x + box_width + margin);
        height = std::max(height, each.y + box_height + margin);
    }
    auto const size = "width=\"" + std::to_string(width) + "\" height=\"" + std::to_string(height) + "\"";
    auto result =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" " + size +
        " font-family=\"sans-serif\" font-size=\"13\">\n"
        "<defs><marker id=\"head\" markerWidth=\"8\" markerHeight=\"8\" refX=\"0\" refY=\"4\" orient=\"auto\">"
        "<path d=\"M 0 0 L 8 4 L 0 8 z\" fill=\"#555555\"/></marker></defs>\n"
        "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
    std::vector<bool> stalled(at.size(), false);
    for (auto const i : graph.stalled()) stalled[graph.edges()[i].to] = true;
    for (auto const& each : graph.edges()) result += arrow(each, at[each.from], at[each.to]);
    for (std::size_t i = 0; i < at.size(); ++i) result += box(graph.nodes()[i], at[i], stalled[i]);
    return result + "</svg>\n";
}

}  // namespace collector
