#pragma once

#include <boost/asio/awaitable.hpp>

#include "clients.hpp"
#include "connection.hpp"
#include "options.hpp"
#include "pipeline.hpp"

namespace collector {

/// What every session needs of the server; it outlives them all.
struct services {
    options const& with;
    pipeline& events;
    collector::clients& clients;
};

/// Serves a client of the HTTP port until it ends.
auto serve_http(connection_ptr client, services server) -> asio::awaitable<void>;
/// Serves a client of the line port: one event a line, and when it has finished one line for an answer.
auto serve_lines(connection_ptr client, services server) -> asio::awaitable<void>;
/// Sends a client every event from now on, or those of one kind, until one of both sides ends it. After the request.
auto serve_live(connection_ptr client, services server, std::optional<std::string> kind) -> asio::awaitable<void>;

/// What those are told for whom there is no room.
auto refuse_http(connection_ptr client) -> asio::awaitable<void>;
auto refuse_lines(connection_ptr client) -> asio::awaitable<void>;

}  // namespace collector
