// One live reader: a consumer that follows the broadcast, and a coroutine that writes what it has got.
#include <algorithm>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <exception>
#include <memory>
#include <sluice/consumer.hpp>
#include <sluice/run.hpp>
#include <sluice/shared_batch.hpp>
#include <string>
#include <utility>

#include "session.hpp"

namespace collector {
namespace {

using boost::system::error_code;

/// What waits for one reader. On the strand of its connection alone.
struct outbox {
    outbox(asio::any_io_executor const& strand, std::size_t lag) : most(lag), rings(strand) {}

    std::size_t most;
    std::deque<std::pair<std::int64_t, std::shared_ptr<std::string const>>> events = {};
    asio::steady_timer rings;  // when something has changed here
    bool is_too_slow = false;  // more than `most` events have waited; they are gone
    bool has_ended = false;    // no more will come
    bool has_left = false;     // the reader
};
using outbox_ptr = std::shared_ptr<outbox>;

/// A reader has fallen too far behind.
class too_slow : public std::exception {};

/// The consumer of one reader. It never waits, so the broadcast waits for no reader; what a slow one costs is bounded
/// by its outbox. When that is full the consumer fails, which ends its subscription and nobody else's.
struct follower {
    outbox_ptr to;
    totals* count;

    void handle_events(sluice::shared_batch<stored_event> const& events) {
        for (auto const& each : events) {
            to->events.emplace_back(each.number, each.body);
            if (to->events.size() > to->most) give_up();
        }
        to->rings.cancel();
    }

    [[noreturn]] void give_up() {
        to->events.clear();
        to->is_too_slow = true;
        ++count->live_dropped;
        throw too_slow();
    }
};

/// A reader says nothing; but that it leaves is noticed only by who reads.
auto notice_leave(connection_ptr client, outbox_ptr box) -> asio::awaitable<void> {
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    char ignored[256];
    while (!error) co_await client->socket().async_read_some(asio::buffer(ignored), token);
    if (error == asio::error::eof && client->is_cut_off()) co_return;  // it was the server that reads no more
    box->has_left = true;
    box->rings.cancel();
}

/// Writes what waits, some at a time. false: the reader has gone, or takes nothing.
auto write_some(connection_ptr client, outbox_ptr box) -> asio::awaitable<bool> {
    auto const count = std::min<std::size_t>(box->events.size(), 64);
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        auto const& [number, body] = box->events[i];
        text += "id: " + std::to_string(number) + "\ndata: " + *body + "\n\n";
    }
    bool const written = co_await client->write(text);
    if (!box->is_too_slow) box->events.erase(box->events.begin(), box->events.begin() + static_cast<long>(count));
    co_return written;
}

/// false: something has gone wrong with the client.
auto write_all(connection_ptr client, outbox_ptr box) -> asio::awaitable<bool> {
    error_code rung;
    auto token = asio::redirect_error(asio::use_awaitable, rung);
    bool written = true;
    while (written && !box->has_left && !box->is_too_slow) {
        if (!box->events.empty()) {
            written = co_await write_some(client, box);
        } else if (box->has_ended) {
            break;
        } else {
            box->rings.expires_after(std::chrono::seconds(15));
            co_await box->rings.async_wait(token);
            if (!rung) written = co_await client->write(":\n\n");  // a comment, to see whether it is still there
        }
    }
    co_return written && !box->has_left;
}

}  // namespace

auto serve_live(connection_ptr client, services server, std::optional<std::string> kind) -> asio::awaitable<void> {
    error_code ignored;
    client->listen_only();
    client->socket().set_option(asio::socket_base::send_buffer_size(64 * 1024),
                                ignored);  // else the kernel hides a lag
    auto const box = std::make_shared<outbox>(client->executor(), server.with.live_lag);
    auto events = server.events.stored();
    if (kind) events = std::move(events).select([wanted = *kind](stored_event const& e) { return e.kind == wanted; });
    sluice::consumer<stored_event> reader(client->executor(), std::move(events),
                                          follower{box, &server.events.totals()});
    auto ended = [box](std::exception_ptr) {
        box->has_ended = true;
        box->rings.cancel();
    };
    sluice::async_run(reader, asio::bind_executor(client->executor(), std::move(ended)));
    asio::co_spawn(client->executor(), notice_leave(client, box), asio::detached);

    bool is_there = co_await client->write(
        "HTTP/1.1 200 OK\r\nServer: collector\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
        "Connection: close\r\n\r\n");
    if (is_there) is_there = co_await write_all(client, box);
    reader.stop();
    if (box->is_too_slow && is_there) {
        auto const lag = std::to_string(box->most);
        auto const why = "event: dropped\ndata: {\"reason\":\"more than " + lag + " events behind\"}\n\n";
        co_await client->write(why);
    }
    client->socket().shutdown(tcp::socket::shutdown_send, ignored);
    client->socket().close(ignored);
}

}  // namespace collector
