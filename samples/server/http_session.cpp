// One client of the HTTP port. Everything that is compiled with Boost.Beast is in this file.
#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <optional>
#include <string>
#include <utility>

#include "json_text.hpp"
#include "line_cutter.hpp"
#include "query.hpp"
#include "report.hpp"
#include "session.hpp"

namespace collector {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t piece = 16 * 1024;  // of a body, that goes to the pipeline at a time

using parser = http::request_parser<http::string_body>;

struct answer {
    http::status status = http::status::ok;
    std::string body = {};
    char const* type = "application/json";
    char const* allowed = nullptr;  // the methods, with 405
};

auto problem(http::status status, std::string_view what) -> answer {
    return {status, "{\"error\":" + json_string(what) + "}\n"};
}

auto path_of(std::string_view target) -> std::string_view { return target.substr(0, target.find('?')); }

/// One client of the HTTP port.
class http_session {
public:
    http_session(connection_ptr client, services server)
        : client_(std::move(client)), server_(server), buffer_(server.with.max_header) {}

    auto run() -> asio::awaitable<void>;

private:
    auto wait_for_request() -> asio::awaitable<bool>;
    auto read_header() -> asio::awaitable<std::optional<answer>>;
    auto respond() -> asio::awaitable<std::optional<answer>>;
    auto store_body() -> asio::awaitable<std::optional<answer>>;
    auto read_body() -> asio::awaitable<std::optional<answer>>;
    auto feed(std::shared_ptr<receipt> all) -> asio::awaitable<void>;
    auto too_slow() const -> answer;
    auto write(answer what) -> asio::awaitable<bool>;

    connection_ptr client_;
    services server_;
    boost::beast::flat_buffer buffer_;
    std::optional<parser> request_;
    bool has_answered_ = false;
    bool goes_on_ = true;  // another request may follow on this connection
    bool goes_live_ = false;
};

auto http_session::run() -> asio::awaitable<void> {
    while (goes_on_) {
        const bool has_begun = co_await wait_for_request();
        if (!has_begun) break;
        auto const feeding = server_.clients.feed();
        auto reply = co_await read_header();
        if (!reply) reply = co_await respond();
        if (!reply) break;  // the client has gone, or becomes a live reader
        const bool written = co_await write(std::move(*reply));
        if (!written) co_return;
    }
    if (goes_live_) {
        co_await serve_live(client_, server_, query_value(request_->get().target(), "kind"));
    } else {
        co_await client_->close_gently();
    }
}

/// Until the first bytes of a request are there. false: none will come.
auto http_session::wait_for_request() -> asio::awaitable<bool> {
    request_.emplace();
    request_->header_limit(static_cast<std::uint32_t>(server_.with.max_header));
    request_->body_limit(server_.with.max_body);
    client_->begin_request();
    if (buffer_.size() > 0) co_return true;
    auto const count =
        co_await client_->read_when_idle(buffer_.prepare(std::min<std::size_t>(4096, buffer_.max_size())));
    buffer_.commit(count);
    client_->begin_request();  // the time between two requests is not the second one's
    if (count > 0) co_return true;
    if (client_->is_cut_off() && !has_answered_) {
        auto late = too_slow();
        co_await write(std::move(late));
    }
    co_return false;
}

/// nullopt: it is there, and right.
auto http_session::read_header() -> asio::awaitable<std::optional<answer>> {
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    {
        connection::patience const waiting(*client_, connection::patience::with::reading);
        // Some at a time: Beast's own limit holds for what it has in hand, not for all lines together.
        for (std::size_t size = 0; !error && !request_->is_header_done();) {
            size += co_await http::async_read_some(client_->socket(), buffer_, *request_, token);
            if (!error && size > server_.with.max_header) error = http::error::header_limit;
        }
    }
    std::optional<answer> wrong;
    if (!error) {
        goes_on_ = request_->keep_alive();
        co_return wrong;
    }
    goes_on_ = false;
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        wrong = problem(http::status::request_header_fields_too_large, "the header is too large");
    } else if (error == http::error::body_limit) {
        wrong = problem(http::status::payload_too_large, "the body is too large");
    } else if (client_->is_cut_off()) {
        wrong = too_slow();
    } else {
        wrong = problem(http::status::bad_request, error.message());
    }
    co_return wrong;
}

/// nullopt: there is nobody to answer any more, or not here.
auto http_session::respond() -> asio::awaitable<std::optional<answer>> {
    auto const path = path_of(request_->get().target());
    auto const method = request_->get().method();
    bool const looks = method == http::verb::get || method == http::verb::head;
    bool const is_page = path == "/live" || path == "/stats" || path == "/graph";
    std::optional<answer> result;
    if (server_.clients.is_stopping()) {
        result = problem(http::status::service_unavailable, "the server is being stopped");
    } else if (path == "/events" && method == http::verb::post) {
        co_return co_await store_body();
    } else if (path == "/live" && method == http::verb::get) {
        goes_live_ = true;
        co_return result;
    } else if (path == "/stats" && looks) {
        auto page = co_await stats_page(server_);
        result = answer{http::status::ok, std::move(page)};
    } else if (path == "/graph" && looks) {
        result = answer{http::status::ok, graph_page(server_), "image/svg+xml"};
    } else if (path == "/events" || is_page) {
        result = problem(http::status::method_not_allowed, "not with this method");
        result->allowed = path == "/events" ? "POST" : "GET, HEAD";
    } else {
        result = problem(http::status::not_found, "there is no such page");
    }
    if (!request_->is_done()) goes_on_ = false;  // a body that nobody reads
    co_return result;
}

/// Nothing of a request is stored before all of it is there: so a client that is refused can send it again.
auto http_session::store_body() -> asio::awaitable<std::optional<answer>> {
    auto reply = co_await read_body();
    if (reply || !request_->is_done()) co_return reply;
    auto const all = std::make_shared<receipt>(client_->executor());
    co_await feed(all);
    auto const result = co_await all->settled();
    if (result.failed > 0) {
        reply = problem(http::status::internal_server_error, "not everything could be stored");
    } else {
        reply = answer{http::status::ok, "{\"stored\":" + std::to_string(result.stored) +
                                             ",\"rejected\":" + std::to_string(result.rejected) + "}\n"};
    }
    co_return reply;
}

/// nullopt: all of it is there, or the client has gone.
auto http_session::read_body() -> asio::awaitable<std::optional<answer>> {
    std::optional<answer> wrong;
    if (boost::beast::iequals(request_->get()[http::field::expect], "100-continue")) {
        const bool told = co_await client_->write("HTTP/1.1 100 Continue\r\n\r\n");
        if (!told) co_return wrong;
    }
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    {
        connection::patience const waiting(*client_, connection::patience::with::reading);
        co_await http::async_read(client_->socket(), buffer_, *request_, token);
    }
    if (!error) co_return wrong;
    goes_on_ = false;
    if (error == http::error::body_limit) {
        wrong = problem(http::status::payload_too_large, "the body is too large");
    } else if (client_->is_cut_off()) {
        wrong = too_slow();
    } else if (error != http::error::partial_message && error.category() != asio::error::get_system_category()) {
        wrong = problem(http::status::bad_request, error.message());
    }
    co_return wrong;
}

/// Hands the lines to the pipeline, no faster than it takes them. Meanwhile nothing more is read from this client. What
/// is not taken counts as failed.
auto http_session::feed(std::shared_ptr<receipt> all) -> asio::awaitable<void> {
    auto const body = std::move(request_->get().body());
    line_cutter cutter(std::move(all), server_.with.max_line);
    for (std::string_view rest = body; !rest.empty(); rest.remove_prefix(std::min(rest.size(), piece))) {
        auto lines = cutter.cut(rest.substr(0, piece));
        co_await server_.events.clients().emit(std::move(lines));
    }
    auto last = cutter.finish();
    co_await server_.events.clients().emit(std::move(last));
}

auto http_session::too_slow() const -> answer {
    if (server_.clients.is_stopping()) return problem(http::status::service_unavailable, "the server is being stopped");
    return problem(http::status::request_timeout, "the request took too long");
}

auto http_session::write(answer what) -> asio::awaitable<bool> {
    if (server_.clients.is_stopping()) goes_on_ = false;
    http::response<http::string_body> response(what.status, 11);
    response.set(http::field::server, "collector");
    response.set(http::field::content_type, what.type);
    if (what.allowed) response.set(http::field::allow, what.allowed);
    if (request_->get().version() < 11) response.version(request_->get().version());
    response.keep_alive(goes_on_);
    response.body() = std::move(what.body);
    response.prepare_payload();
    if (request_->get().method() == http::verb::head) response.body().clear();  // its length stays told
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    connection::patience const waiting(*client_, connection::patience::with::writing);
    co_await http::async_write(client_->socket(), response, token);
    has_answered_ = true;
    co_return !error;
}

}  // namespace

auto serve_http(connection_ptr client, services server) -> asio::awaitable<void> {
    http_session session(std::move(client), server);
    co_await session.run();
}

auto refuse_http(connection_ptr client) -> asio::awaitable<void> {
    const bool told = co_await client->write(
        "HTTP/1.1 503 Service Unavailable\r\nServer: collector\r\nConnection: close\r\nContent-Type: "
        "application/json\r\n"
        "Content-Length: 33\r\n\r\n{\"error\":\"too many connections\"}\n");
    if (told) co_await client->close_gently();
}

}  // namespace collector
