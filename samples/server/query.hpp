#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace collector {

/// The value of a parameter in a request's target, such as "/live?kind=click"; nullopt: it is not there.
auto query_value(std::string_view target, std::string_view name) -> std::optional<std::string>;

}  // namespace collector
