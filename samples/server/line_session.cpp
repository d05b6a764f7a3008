// One client of the line port.
#include <array>
#include <boost/asio/buffer.hpp>
#include <string>

#include "line_cutter.hpp"
#include "session.hpp"

namespace collector {

auto serve_lines(connection_ptr client, services server) -> asio::awaitable<void> {
    auto const feeding = server.clients.feed();
    auto const all = std::make_shared<receipt>(client->executor());
    line_cutter cutter(all, server.with.max_line);
    std::array<char, 16 * 1024> bytes;
    bool taken = true;
    while (taken) {
        // A client may be idle for the time-out, and take as long for each line; when the server stops, what has come
        // must do.
        auto const count = co_await client->read_when_idle(asio::buffer(bytes));
        if (count == 0) break;
        auto lines = cutter.cut({bytes.data(), count});
        if (!lines.empty()) client->begin_request();
        taken = co_await server.events.clients().emit(std::move(lines));
    }
    if (taken && client->has_finished()) {
        auto last = cutter.finish();
        taken = co_await server.events.clients().emit(std::move(last));
    }
    auto const result = co_await all->settled();
    // The first so many of its lines, in order: so a client that is stopped knows where to go on.
    auto answer = "stored " + std::to_string(result.stored) + " rejected " + std::to_string(result.rejected);
    if (result.failed > 0) answer += " failed " + std::to_string(result.failed);
    answer += '\n';
    const bool told = co_await client->write(answer);
    if (told) co_await client->close_gently();
}

auto refuse_lines(connection_ptr client) -> asio::awaitable<void> {
    const bool told = co_await client->write("too many connections\n");
    if (told) co_await client->close_gently();
}

}  // namespace collector
