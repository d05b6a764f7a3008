// A server that writes its clients' lines to a database, many at a time: line_store PORT FILE. SIGINT and SIGTERM end
// it in order.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <sluice/sluice.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "database.hpp"

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

// [readme:session]
// A client. Its next line is not read before the pipeline has taken this one: so a slow database closes its TCP window.
auto session(tcp::socket socket, sluice::intake<line>& into) -> asio::awaitable<void> {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    for (std::string text;;) {
        auto const n = co_await asio::async_read_until(socket, asio::dynamic_buffer(text, 64 * 1024), '\n', token);
        if (error) co_return;  // the client has gone, or its line is too long
        line next = text.substr(0, n - 1);
        text.erase(0, n);
        const bool taken = co_await into.emit(std::move(next));
        if (!taken) co_return;  // the server is stopping
    }
}

auto accept(tcp::acceptor& acceptor, sluice::intake<line>& into) -> asio::awaitable<void> {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    asio::steady_timer pause(acceptor.get_executor());
    while (acceptor.is_open()) {
        auto socket = co_await acceptor.async_accept(token);
        if (error) {  // that client has gone already, or there are no more file descriptors
            pause.expires_after(50ms);
            co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
            continue;
        }
        auto const executor = socket.get_executor();
        asio::co_spawn(executor, session(std::move(socket), into), asio::detached);
    }
}
// [readme:end]

// [readme:store]
// The consumer. What it receives are groups of lines, because a batcher stands before it.
auto store(sluice::inlet<lines>& in, database& table, std::size_t& stored) -> asio::awaitable<void> {
    while (auto groups = co_await in.receive()) {
        for (auto const& group : *groups) {
            table.insert(group);
            stored += group.size();
        }
    }
}
// [readme:end]

auto main(int argc, char** argv) -> int try {
    if (argc != 3) throw std::invalid_argument("usage: line_store PORT FILE");
    database table(argv[2]);
    std::size_t stored = 0;

    asio::io_context network(1);
    sluice::thread_pool disk(1);  // a thread for what blocks

    // [readme:pipeline]
    sluice::intake<line> into{network};
    auto groups = sluice::batcher(network, sluice::from(into), {.size = 500, .timeout = 50ms});
    sluice::consumer<lines> storing{disk, sluice::from(groups, {.max_demand = 2}), store, std::ref(table),
                                    std::ref(stored)};
    // [readme:end]

    tcp::acceptor acceptor(network,
                           {asio::ip::address_v4::loopback(), static_cast<unsigned short>(std::stoi(argv[1]))});
    std::cout << "listening on port " << acceptor.local_endpoint().port() << std::endl;
    asio::co_spawn(network, accept(acceptor, into), asio::detached);

    asio::signal_set signals(network, SIGINT, SIGTERM);
    signals.async_wait([&](boost::system::error_code, int) {
        acceptor.close();
        into.close();  // what was emitted before is still stored; then the pipeline ends
    });

    std::exception_ptr failure;
    sluice::async_run(groups, storing, [&](std::exception_ptr error) {
        failure = error;
        network.stop();  // and with it the clients that are still there
    });
    network.run();
    if (failure) std::rethrow_exception(failure);
    std::cout << stored << " lines stored" << std::endl;
    return EXIT_SUCCESS;
} catch (std::exception const& error) {
    std::cerr << "line_store: " << error.what() << std::endl;
    return EXIT_FAILURE;
}
