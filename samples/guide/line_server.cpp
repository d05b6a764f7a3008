// A server that writes its clients' lines to a database, many at a time, and tells each client what is stored:
// line_server PORT DATABASE REJECTS. SIGINT and SIGTERM end it in order.
#include <array>
#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <ranges>
#include <sluice/sluice.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "database.hpp"

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using namespace std::chrono_literals;

constexpr std::size_t longest_line = 4096;

// What travels. An event tells by a number whose it is: the client itself lives on the network's thread alone.
struct message {
    std::uint64_t client = 0;
    line text;
};
using messages = std::vector<message>;
struct reject {
    std::uint64_t client = 0;
    std::string_view reason;
    std::string text;
};
struct receipt {
    std::uint64_t client = 0;
    std::uint64_t lines = 0;  // so many more of its lines are in the database
};

struct client {
    explicit client(tcp::socket from) : socket(std::move(from)), changed(socket.get_executor()) {}

    tcp::socket socket;
    asio::steady_timer changed;  // never expires; cancelled when something below has changed
    std::uint64_t number = 0;
    std::uint64_t taken = 0;   // lines that the pipeline has
    std::uint64_t stored = 0;  // lines that are in the database
    bool stats_wanted = false;
    bool has_sent_all = false;
    bool server_ends = false;

    auto is_done() const -> bool { return server_ends || (has_sent_all && stored == taken); }
};
using client_ptr = std::shared_ptr<client>;
using clients = std::map<std::uint64_t, client_ptr>;

// On the disk's thread. A group is a transaction; when it is committed, its receipts go on.
auto store(sluice::inlet<messages>& in, sluice::outlet<receipt>& out, database& table) -> asio::awaitable<void> {
    while (auto groups = co_await in.receive()) {
        for (auto const& group : *groups) {
            table.insert(group | std::views::transform(&message::text));
            std::map<std::uint64_t, std::uint64_t> count;
            for (auto const& each : group) ++count[each.client];
            auto receipts = out.make_batch();
            for (auto const& [number, lines] : count) receipts.push_back({number, lines});
            const bool taken = co_await out.emit(std::move(receipts));
            if (!taken) co_return;
        }
    }
}

// On the network's thread, where the clients are.
auto tell(sluice::inlet<receipt>& in, clients& all) -> asio::awaitable<void> {
    while (auto receipts = co_await in.receive()) {
        for (auto const& each : *receipts) {
            auto const found = all.find(each.client);
            if (found == all.end()) continue;  // it has gone; its lines are stored all the same
            found->second->stored += each.lines;
            found->second->changed.cancel();
        }
    }
}

// On the disk's thread.
auto put_aside(sluice::inlet<reject>& in, std::ofstream& file) -> asio::awaitable<void> {
    while (auto rejects = co_await in.receive()) {
        for (auto const& each : *rejects) file << each.client << '\t' << each.reason << '\t' << each.text << '\n';
        if (!file.flush()) throw std::runtime_error("cannot write the rejected lines");
    }
}

class server {
public:
    server(unsigned short port, char const* database_file, char const* rejects_file)
        : table_(database_file),
          rejects_(rejects_file, std::ios::app),
          acceptor_(network_, {asio::ip::address_v4::loopback(), port}) {
        if (!rejects_) throw std::runtime_error("cannot open the file for rejected lines");
        good_.set_name("good lines");  // for the statistics
        bad_.set_name("bad lines");
        groups_.set_name("groups");
        stored_.set_name("store");
        told_.set_name("tell");
        put_aside_.set_name("put aside");
    }

    void run();
    auto port() const -> unsigned short { return acceptor_.local_endpoint().port(); }

private:
    auto accept() -> asio::awaitable<void>;
    auto serve(client_ptr c) -> asio::awaitable<void>;
    auto read(client_ptr c) -> asio::awaitable<void>;
    auto answer(client_ptr c) -> asio::awaitable<void>;
    auto take(client& c, line text, bool is_too_long) -> asio::awaitable<bool>;
    void stop();
    void pipeline_has_ended(std::exception_ptr error);
    auto statistics() const -> std::string;

    asio::io_context network_{1};
    database table_;
    std::ofstream rejects_;
    clients clients_;
    std::uint64_t last_number_ = 0;
    std::exception_ptr failure_;
    bool has_ended_ = false;
    sluice::thread_pool disk_{1};  // a thread for what blocks; it goes before what it uses

    sluice::intake<message> good_{network_};
    sluice::intake<reject> bad_{network_};
    sluice::producer_consumer<message, messages> groups_ =
        sluice::batcher(network_, sluice::from(good_), {.size = 500, .timeout = 200ms});
    sluice::producer_consumer<messages, receipt> stored_{disk_, sluice::from(groups_, {.max_demand = 2}), store,
                                                         std::ref(table_)};
    sluice::consumer<receipt> told_{network_, sluice::from(stored_), tell, std::ref(clients_)};
    sluice::consumer<reject> put_aside_{disk_, sluice::from(bad_), put_aside, std::ref(rejects_)};

    tcp::acceptor acceptor_;
    asio::signal_set signals_{network_, SIGINT, SIGTERM};
    asio::steady_timer patience_{network_};
};

// False when the server is stopping: this line is not taken.
auto server::take(client& c, line text, bool is_too_long) -> asio::awaitable<bool> {
    if (text == "stats") {
        c.stats_wanted = true;
        c.changed.cancel();
        co_return true;
    }
    if (text.empty() || is_too_long) {
        reject bad{c.number, text.empty() ? "empty" : "too long", std::move(text)};
        co_return co_await bad_.emit(std::move(bad));
    }
    message good{c.number, std::move(text)};
    ++c.taken;  // before the receipt can come
    const bool taken = co_await good_.emit(std::move(good));
    if (!taken) --c.taken;
    co_return taken;
}

// Reads no further before the pipeline has taken the last line: so a slow database closes the client's TCP window.
auto server::read(client_ptr c) -> asio::awaitable<void> {
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    std::array<char, 16 * 1024> buffer;
    std::string text;
    bool is_too_long = false;
    for (bool taking = true;;) {
        auto const n = co_await c->socket.async_read_some(asio::buffer(buffer), token);
        if (error) break;  // it has sent all, or has gone
        // When nothing more is taken, this reads on until the client hangs up: to close before that could cost it the
        // last answer.
        for (std::size_t i = 0; i < n && taking; ++i) {
            if (buffer[i] != '\n' && text.size() < longest_line) {
                text.push_back(buffer[i]);
            } else if (buffer[i] != '\n') {
                is_too_long = true;  // the rest of the line is not kept
            } else {
                line whole = std::exchange(text, {});
                const bool was_too_long = std::exchange(is_too_long, false);
                taking = co_await take(*c, std::move(whole), was_too_long);
            }
        }
    }
    if (!text.empty()) {
        reject half{c->number, "no end of line", std::move(text)};
        co_await bad_.emit(std::move(half));
    }
    c->has_sent_all = true;
    c->changed.cancel();
}

// Writes "ok N" when N lines of the client are in the database: for each group that has some, and in the end.
auto server::answer(client_ptr c) -> asio::awaitable<void> {
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    bool said = false;
    for (std::uint64_t told = 0; !error;) {
        const bool done = c->is_done();
        std::string text;
        if (c->stored > told || (done && !said)) {
            told = c->stored;
            said = true;
            text = "ok " + std::to_string(told) + '\n';
        }
        if (std::exchange(c->stats_wanted, false)) text += statistics();
        if (!text.empty()) {
            co_await asio::async_write(c->socket, asio::buffer(text), token);
        } else if (done) {
            break;
        } else {
            c->changed.expires_at(asio::steady_timer::time_point::max());
            co_await c->changed.async_wait(asio::as_tuple(asio::use_awaitable));
        }
    }
    c->socket.shutdown(tcp::socket::shutdown_send, error);
}

auto server::serve(client_ptr c) -> asio::awaitable<void> {
    using namespace asio::experimental::awaitable_operators;
    co_await (read(c) && answer(c));
    clients_.erase(c->number);
    if (has_ended_ && clients_.empty()) network_.stop();
}

auto server::accept() -> asio::awaitable<void> {
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    asio::steady_timer pause(network_);
    while (acceptor_.is_open()) {
        auto socket = co_await acceptor_.async_accept(token);
        if (error) {  // there are no more file descriptors, or that client has gone already
            pause.expires_after(50ms);
            co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
            continue;
        }
        auto const c = std::make_shared<client>(std::move(socket));
        c->number = ++last_number_;
        c->server_ends = has_ended_;
        clients_[c->number] = c;
        asio::co_spawn(network_, serve(c), asio::detached);
    }
}

auto server::statistics() const -> std::string {
    auto const lines = groups_.stats().events_in;
    auto const groups = stored_.stats().events_in;
    auto const rejects = put_aside_.stats().events_in;
    return std::to_string(lines) + " lines in " + std::to_string(groups) + " groups, " + std::to_string(rejects) +
           " rejected\n" + sluice::snapshot(told_, put_aside_).text();  // and what these two draw from
}

void server::run() {
    asio::co_spawn(network_, accept(), asio::detached);
    signals_.async_wait([this](error_code error, int) {
        if (!error) stop();
    });
    // All stages, and no intake: an intake works from the start and ends with close().
    sluice::async_run(groups_, stored_, told_, put_aside_,
                      [this](std::exception_ptr error) { pipeline_has_ended(error); });
    network_.run();
    if (failure_) std::rethrow_exception(failure_);
}

void server::stop() {
    acceptor_.close();
    good_.close();  // what was emitted before is still stored, and told; then the pipeline ends
    bad_.close();
}

void server::pipeline_has_ended(std::exception_ptr error) {
    failure_ = error;
    has_ended_ = true;
    acceptor_.close();
    for (auto const& [number, c] : clients_) {  // the last answer, and goodbye
        c->server_ends = true;
        c->changed.cancel();
    }
    if (clients_.empty()) network_.stop();
    patience_.expires_after(2s);  // for clients that do not read their answers
    patience_.async_wait([this](error_code) { network_.stop(); });
}

auto main(int argc, char** argv) -> int try {
    if (argc != 4) throw std::invalid_argument("usage: line_server PORT DATABASE REJECTS");
    server lines(static_cast<unsigned short>(std::stoi(argv[1])), argv[2], argv[3]);
    std::cout << "listening on port " << lines.port() << std::endl;
    lines.run();
    return EXIT_SUCCESS;
} catch (std::exception const& error) {
    std::cerr << "line_server: " << error.what() << std::endl;
    return EXIT_FAILURE;
}
