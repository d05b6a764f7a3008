#pragma once

#include <cstddef>
#include <sluice/core/api.hpp>
#include <string_view>

namespace sluice::testing {

// For explore_options::one_of_equivalent_orders. What a handler does to strands of Sluice, to their messages, to
// subscriptions and to runs, the search sees for itself. What else handlers share must be named. Elsewhere these calls
// do nothing.

/// The present handler looks at something that other handlers change. `name` and `index` stand for the thing.
SLUICE_API void reads(std::string_view name, std::size_t index = 0) noexcept;

/// The present handler changes something that other handlers look at or change.
SLUICE_API void writes(std::string_view name, std::size_t index = 0) noexcept;

/// The present handler shares nothing but what it names. Needed in handlers that are not turns of a strand of Sluice:
/// of those nothing is known, so that each counts as one that touches everything.
SLUICE_API void names_all_it_shares() noexcept;

}  // namespace sluice::testing
