#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "session.hpp"

namespace collector {

/// What GET /stats shows: JSON.
auto stats_page(services of) -> asio::awaitable<std::string>;
/// What GET /graph shows: SVG.
auto graph_page(services of) -> std::string;

}  // namespace collector
