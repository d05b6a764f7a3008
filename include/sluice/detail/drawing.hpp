#pragma once

#include <sluice/core/api.hpp>
#include <string>
#include <string_view>

namespace sluice::detail {

/// A text as it stands in a quoted label of Graphviz: without what would end it, or mean something in it.
SLUICE_API auto dot_label(std::string_view text) -> std::string;

/// The same for Mermaid, which reads HTML in labels.
SLUICE_API auto mermaid_label(std::string_view text) -> std::string;

}  // namespace sluice::detail
