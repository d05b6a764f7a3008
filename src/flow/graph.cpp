#include <algorithm>
#include <sluice/detail/drawing.hpp>
#include <sluice/detail/flow/faults.hpp>
#include <sluice/flow/graph.hpp>
#include <string_view>
#include <utility>

namespace sluice::flow {

using detail::dot_label;
using detail::mermaid_label;

namespace {

auto joined(std::vector<std::string> const& steps, std::string_view between) -> std::string {
    if (steps.empty()) return "pass on";
    std::string all = steps.front();
    for (std::size_t i = 1; i < steps.size(); ++i) all.append(between).append(steps[i]);
    return all;
}

auto count(graph::node const& of) -> std::string {
    if (of.is_joint)
        return of.stages ? "no stage of its own, " + std::to_string(*of.stages) + " before it" : "no stage of its own";
    if (!of.stages) return "1 stage a thread";
    return std::to_string(*of.stages) + (*of.stages == 1 ? " stage" : " stages");
}

}  // namespace

auto graph::add(std::optional<std::size_t> stages) -> std::size_t {
    nodes_.push_back({{}, stages});
    return nodes_.size() - 1;
}

auto graph::join(std::vector<std::size_t> const& nodes) -> std::size_t {
    std::optional<std::size_t> all = 0;
    for (auto each : nodes) {
        auto const stages = stages_of(each);
        all = all && stages ? std::optional(*all + *stages) : std::nullopt;
    }
    nodes_.push_back({{"merge"}, all, true});
    for (auto each : nodes) connect(each, nodes_.size() - 1, "", true);
    return nodes_.size() - 1;
}

auto graph::title_of(std::size_t node) const -> std::string { return joined(nodes_[node].steps, " | "); }

void graph::add_step(std::size_t to, char const* kind, std::string const& name) {
    nodes_[to].steps.push_back(detail::step_title(kind, name));
}

void graph::connect(std::size_t from, std::size_t to, std::string label, bool is_chained) {
    edges_.push_back({from, to, std::move(label), is_chained});
}

auto graph::mermaid() const -> std::string {
    std::string result = "flowchart LR\n";
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        std::vector<std::string> steps;
        for (auto const& step : nodes_[i].steps) steps.push_back(mermaid_label(step));
        result +=
            "    n" + std::to_string(i) + "[\"" + joined(steps, "<br>") + "<br><i>" + count(nodes_[i]) + "</i>\"]\n";
    }
    for (auto const& e : edges_) {
        result += "    n" + std::to_string(e.from) + " -->";
        if (!e.label.empty()) result += "|\"" + mermaid_label(e.label) + "\"|";
        result += " n" + std::to_string(e.to) + "\n";
    }
    return result;
}

auto graph::dot() const -> std::string {
    std::string result = "digraph flow {\n    rankdir=LR;\n    node [shape=box];\n";
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        std::vector<std::string> steps;
        for (auto const& step : nodes_[i].steps) steps.push_back(dot_label(step));
        result +=
            "    n" + std::to_string(i) + " [label=\"" + joined(steps, "\\n") + "\\n" + count(nodes_[i]) + "\"];\n";
    }
    for (auto const& e : edges_) {
        result += "    n" + std::to_string(e.from) + " -> n" + std::to_string(e.to);
        if (!e.label.empty()) result += " [label=\"" + dot_label(e.label) + "\"]";
        result += ";\n";
    }
    return result + "}\n";
}

auto graph::text() const -> std::string {
    std::vector<std::string> titles;
    std::size_t width = 0;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        titles.push_back(title_of(i));
        width = std::max(width, titles.back().size());
    }
    std::string result;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        auto const number = std::to_string(i + 1);
        result += number + ". " + titles[i] + std::string(width - titles[i].size() + 2, ' ') + count(nodes_[i]);
        for (auto const& e : edges_) {
            if (e.to != i) continue;
            bool const from_several = !e.is_chained && nodes_[e.from].stages != std::optional<std::size_t>(1);
            result += from_several ? (nodes_[i].stages == std::optional<std::size_t>(1) ? ", fed by all of "
                                                                                        : ", each fed by all of ")
                                   : ", fed by ";
            result += std::to_string(e.from + 1);
            if (!e.label.empty()) result += " (" + e.label + ")";
        }
        result += '\n';
    }
    return result;
}

}  // namespace sluice::flow
