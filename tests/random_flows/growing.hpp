#pragma once

#include <cstddef>
#include <string>

#include "grown.hpp"

namespace equivalence {

/// Options of an exchange, and how they read.
template <class Options>
auto draw_options(chooser& decide) -> Options {
    Options options;
    options.stages = decide.between(std::size_t{1}, 4);
    options.max_demand = decide.between(std::size_t{1}, 20);
    if (decide.coin()) options.min_demand = decide.choose(options.max_demand);
    return options;
}
template <class Options>
auto text_of(Options const& options) -> std::string {
    return std::to_string(*options.stages) + " stages, demand " +
           (options.min_demand ? std::to_string(*options.min_demand) + " to " : std::string("up to ")) +
           std::to_string(options.max_demand);
}

/// Such events as plain loops say go to each partition.
auto placed_by(key_function const& key, hash_function const& hash, result const& before, std::size_t stages) -> result;

}  // namespace equivalence
