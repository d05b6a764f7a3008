#pragma once

#include <sluice/snapshot.hpp>
#include <string>

namespace collector {

/// A running graph as a picture: a box for each stage, in layers from left to right, with what it is doing and its
/// numbers; an arrow for each subscription, with what is under way on it. Stages that hold others back stand out.
auto graph_svg(sluice::graph_snapshot const& graph) -> std::string;

}  // namespace collector
