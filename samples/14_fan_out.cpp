// A chat over TCP. All clients follow one broadcast, each with a selector that leaves out what it said itself. A client
// that does not read is dropped when too much waits for it, and holds back nobody until then.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <memory>
#include <sluice/sluice.hpp>
#include <string>
#include <utility>

namespace asio = boost::asio;
using asio::ip::tcp;

struct message {
    int from = 0;
    std::string text;
};
using room = sluice::fan_out<message>;

constexpr std::size_t most_waiting = 64;  // messages for one client; with more it is dropped
constexpr int lines = 400;
std::string const filler(2000, '.');  // long lines fill the buffers of a client that does not read

// What waits for one client. The program has one thread, so nothing here needs a lock.
struct client {
    client(tcp::socket s, int n) : socket(std::move(s)), number(n), wake(socket.get_executor()) {}

    tcp::socket socket;
    int number;
    std::deque<std::string> outbox = {};
    asio::steady_timer wake;  // rings when there is something in the outbox
    bool dropped = false;
};
using client_ptr = std::shared_ptr<client>;

// [readme:fan_out]
// The consumer of a client. It never waits, so the broadcast need not either.
struct follower {
    client_ptr to;

    void handle_events(sluice::shared_batch<message> const& some) {
        for (auto const& each : some) to->outbox.push_back(each.text);
        if (to->outbox.size() > most_waiting && !std::exchange(to->dropped, true)) {
            std::cout << "client " << to->number << " does not read, and is dropped\n";
            to->socket.close();
        }
        to->wake.cancel();
    }
};
// [readme:end]

auto write_to(client_ptr to) -> asio::awaitable<void> {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    while (to->socket.is_open()) {
        if (to->outbox.empty()) {
            to->wake.expires_at(asio::steady_timer::time_point::max());
            co_await to->wake.async_wait(token);
            continue;
        }
        auto const text = std::move(to->outbox.front());
        to->outbox.pop_front();
        co_await asio::async_write(to->socket, asio::buffer(text), token);
        if (error) co_return;
    }
}

// Reads what a client says, and waits until the room has taken it: so nobody talks faster than all others listen.
auto read_from(client_ptr from, room& all) -> asio::awaitable<void> {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    for (std::string text;;) {
        auto const n =
            co_await asio::async_read_until(from->socket, asio::dynamic_buffer(text, 64 * 1024), '\n', token);
        if (error) co_return;
        message said{from->number, text.substr(0, n)};
        text.erase(0, n);
        const bool taken = co_await all.dispatch(std::move(said));
        if (!taken) co_return;
    }
}

auto serve(tcp::socket socket, int number, room& all) -> asio::awaitable<void> {
    socket.set_option(asio::socket_base::send_buffer_size(8 * 1024));
    auto const executor = socket.get_executor();
    auto const self = std::make_shared<client>(std::move(socket), number);
    auto others = sluice::from(all, {.max_demand = 16}).select([number](message const& m) { return m.from != number; });
    sluice::consumer<message> listening{executor, std::move(others), follower{self}};
    sluice::async_run(listening, asio::detached);
    asio::co_spawn(executor, write_to(self), asio::detached);
    co_await read_from(self, all);
    listening.stop();  // the client has gone, or was dropped
    self->socket.close();
    self->wake.cancel();
}

auto accept(tcp::acceptor& acceptor, room& all) -> asio::awaitable<void> {
    for (int number = 1;; ++number) {
        auto socket = co_await acceptor.async_accept(asio::use_awaitable);
        asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), number, all), asio::detached);
    }
}

// The clients: the first one talks, the second one listens, the third one only connects.

auto talk(tcp::socket& socket) -> asio::awaitable<void> {
    for (int i = 0; i < lines; ++i) {
        auto const line = std::to_string(i) + filler + "\n";
        co_await asio::async_write(socket, asio::buffer(line), asio::use_awaitable);
    }
}
auto listen(tcp::socket& socket, int& heard) -> asio::awaitable<void> {
    std::string text;
    while (heard < lines) {
        auto const n = co_await asio::async_read_until(socket, asio::dynamic_buffer(text), '\n', asio::use_awaitable);
        if (std::stoi(text) == heard) ++heard;  // in order
        text.erase(0, n);
    }
}

int main() {
    asio::io_context context{1};
    room all{context, sluice::broadcast_dispatcher<message>{}};
    tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    asio::co_spawn(context, accept(acceptor, all), asio::detached);

    tcp::socket talker(context), listener(context), sloth(context);
    sloth.open(tcp::v4());
    sloth.set_option(asio::socket_base::receive_buffer_size(4 * 1024));
    for (auto* each : {&talker, &listener, &sloth}) each->connect(acceptor.local_endpoint());

    int heard = 0;
    asio::co_spawn(context, talk(talker), asio::detached);
    asio::co_spawn(context, listen(listener, heard), [&](std::exception_ptr) { context.stop(); });
    context.run();
    std::cout << "the listener heard " << heard << " of " << lines << " lines, in order\n";
    return heard == lines ? EXIT_SUCCESS : EXIT_FAILURE;
}
