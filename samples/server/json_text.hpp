#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace collector {

/// Text as a string of JSON, quotes and all, of at most so many bytes of it. Bytes that are no UTF-8 become \\xNN.
auto json_string(std::string_view text, std::size_t at_most = -1) -> std::string;

}  // namespace collector
