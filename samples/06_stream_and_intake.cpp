// A server whose clients feed a pipeline through an intake, and a coroutine that draws the results from a stream.
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <iostream>
#include <map>
#include <sluice/sluice.hpp>
#include <string>
#include <utility>

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr int clients = 3;
constexpr int lines_per_client = 200;

// [readme:intake]
// One client. No line is read before the pipeline has wanted the last one: so TCP itself slows the client.
auto session(tcp::socket socket, sluice::intake<std::string>& lines) -> asio::awaitable<void> {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    for (std::string text;;) {
        auto const n = co_await asio::async_read_until(socket, asio::dynamic_buffer(text, 64 * 1024), '\n', token);
        if (error) co_return;  // the client has gone
        std::string line = text.substr(0, n - 1);
        text.erase(0, n);
        const bool taken = co_await lines.emit(std::move(line));
        if (!taken) co_return;  // the pipeline has gone
    }
}
// [readme:end]

auto serve(tcp::acceptor acceptor, sluice::intake<std::string>& lines, std::atomic<int>& left)
    -> asio::awaitable<void> {
    for (int i = 0; i < clients; ++i) {
        auto socket = co_await acceptor.async_accept(asio::use_awaitable);
        auto const executor = socket.get_executor();
        auto serving = session(std::move(socket), lines);
        asio::co_spawn(executor, std::move(serving), [&](std::exception_ptr) {
            if (--left == 0) lines.close();  // then the pipeline ends, when all that was emitted has gone through
        });
    }
}

auto client(tcp::socket socket, tcp::endpoint server, std::string name) -> asio::awaitable<void> {
    co_await socket.async_connect(server, asio::use_awaitable);
    name += '\n';
    for (int i = 0; i < lines_per_client; ++i)
        co_await asio::async_write(socket, asio::buffer(name), asio::use_awaitable);
}

auto greeter(sluice::inlet<std::string>& in, sluice::outlet<std::string>& out) -> asio::awaitable<void> {
    while (auto names = co_await in.receive()) {
        for (auto& name : *names) name.insert(0, "hello ");
        const bool taken = co_await out.emit(std::move(*names));
        if (!taken) co_return;
    }
}

// [readme:stream]
auto draw(sluice::stream<std::string>& results, std::map<std::string, int>& seen) -> asio::awaitable<void> {
    while (auto greetings = co_await results.receive()) {
        for (auto const& greeting : *greetings) ++seen[greeting];
    }
}
// [readme:end]

int main() {
    std::atomic<int> left = clients;
    std::map<std::string, int> seen;
    sluice::thread_pool pool;
    auto const executor = pool.get_executor();
    tcp::acceptor acceptor(executor, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    auto const address = acceptor.local_endpoint();

    sluice::intake<std::string> lines{pool};
    sluice::producer_consumer<std::string, std::string> greeted{pool, sluice::from(lines, {.max_demand = 10}), greeter};
    sluice::stream<std::string> results{pool, sluice::from(greeted, {.max_demand = 10})};
    auto ended = sluice::async_run(greeted, asio::use_future);
    auto drawn = asio::co_spawn(executor, draw(results, seen), asio::use_future);
    asio::co_spawn(executor, serve(std::move(acceptor), lines, left), asio::detached);
    for (char name = 'a'; name < 'a' + clients; ++name) {
        asio::co_spawn(executor, client(tcp::socket(executor), address, std::string(1, name)), asio::detached);
    }
    drawn.get();
    ended.get();
    for (auto const& [greeting, count] : seen) std::cout << greeting << ": " << count << " times\n";
    std::map<std::string, int> const expected{{"hello a", 200}, {"hello b", 200}, {"hello c", 200}};
    return seen == expected ? EXIT_SUCCESS : EXIT_FAILURE;
}
