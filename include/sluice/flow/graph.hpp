#pragma once

#include <cstddef>
#include <optional>
#include <sluice/core/api.hpp>
#include <string>
#include <vector>

namespace sluice::flow {

/// The picture of a flow: its layers, and who feeds whom. Made by describe().
class SLUICE_API graph {
public:
    /// A layer, a stage with a body of its own, or a stage from outside.
    struct node {
        /// What it does, in order: "from_lines(3 files)", "flat_map", …
        std::vector<std::string> steps;
        /// As how many stages it runs; nullopt: one for each thread, which is not known before it is given an executor.
        std::optional<std::size_t> stages;
        /// Only a name for several nodes together, those that feed it; nothing runs here.
        bool is_joint = false;
    };
    /// Every stage of one node feeds every stage of the other, but for chained ones, which feed one another one by one.
    struct edge {
        std::size_t from = 0;     ///< the node that feeds, as a place in nodes()
        std::size_t to = 0;       ///< the node that is fed
        std::string label;        ///< what happens on the way: "partition"; empty: nothing
        bool is_chained = false;  ///< the n-th stage of one feeds the n-th of the other
    };

    graph() = default;
    /// With the number of threads, so that no number of stages is left open.
    explicit graph(std::optional<std::size_t> threads) : threads_(threads) {}

    /// The layers and stages.
    auto nodes() const noexcept -> std::vector<node> const& { return nodes_; }
    /// Who feeds whom.
    auto edges() const noexcept -> std::vector<edge> const& { return edges_; }

    /// As Mermaid draws it: https://mermaid.js.org, "flowchart".
    auto mermaid() const -> std::string;
    /// As Graphviz draws it.
    auto dot() const -> std::string;
    /// For a terminal: a line for each node, numbered, with what feeds it.
    auto text() const -> std::string;

    // How flows draw themselves.

    /// How many stages a layer has of which nothing is said; nullopt: that is not known.
    auto threads() const noexcept -> std::optional<std::size_t> { return threads_; }
    /// A new node without steps.
    auto add(std::optional<std::size_t> stages) -> std::size_t;
    /// A node for several together.
    auto join(std::vector<std::size_t> const& nodes) -> std::size_t;
    /// One more step of a node, with the name that the user has given it; empty: none.
    void add_step(std::size_t to, char const* kind, std::string const& name);
    /// One more edge.
    void connect(std::size_t from, std::size_t to, std::string label, bool is_chained);
    /// What a node does, in a line, as text() shows it: "flat_map | filter".
    auto title_of(std::size_t node) const -> std::string;
    /// As how many stages a node runs.
    auto stages_of(std::size_t of) const -> std::optional<std::size_t> { return nodes_[of].stages; }

private:
    std::optional<std::size_t> threads_;
    std::vector<node> nodes_;
    std::vector<edge> edges_;
};

}  // namespace sluice::flow
