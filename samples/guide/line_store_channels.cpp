// What line_store.cpp does, with a channel of Asio's in place of the pipeline: to compare.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>

#include "database.hpp"

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

using channel = asio::experimental::concurrent_channel<void(error_code, line)>;

auto session(tcp::socket socket, channel& into) -> asio::awaitable<void> {
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    for (std::string text;;) {
        auto const n = co_await asio::async_read_until(socket, asio::dynamic_buffer(text, 64 * 1024), '\n', token);
        if (error) co_return;
        line next = text.substr(0, n - 1);
        text.erase(0, n);
        co_await into.async_send(error_code(), std::move(next), token);
        if (error) co_return;
    }
}

auto accept(tcp::acceptor& acceptor, channel& into) -> asio::awaitable<void> {
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    asio::steady_timer pause(acceptor.get_executor());
    while (acceptor.is_open()) {
        auto socket = co_await acceptor.async_accept(token);
        if (error) {  // that client has gone already, or there are no more file descriptors
            pause.expires_after(std::chrono::milliseconds(50));
            co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
            continue;
        }
        auto const executor = socket.get_executor();
        asio::co_spawn(executor, session(std::move(socket), into), asio::detached);
    }
}

// [readme:store]
// Runs on the disk's thread. Takes the lines that are there, up to 500; there is no time limit.
auto store(channel& from, database& table, std::size_t& stored) -> asio::awaitable<void> {
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    for (bool more = true; more;) {
        lines group;
        line first = co_await from.async_receive(token);
        if (error) co_return;  // the end marker, with nothing before it
        group.push_back(std::move(first));
        auto const take = [&](error_code end, line next) {
            more = !end;
            if (more) group.push_back(std::move(next));
        };
        while (more && group.size() < 500 && from.try_receive(take)) {}
        table.insert(group);
        stored += group.size();
    }
}
// [readme:end]

auto main(int argc, char** argv) -> int try {
    if (argc != 3) throw std::invalid_argument("usage: line_store_channels PORT FILE");
    database table(argv[2]);
    std::size_t stored = 0;

    asio::io_context network(1);
    asio::thread_pool disk(1);
    channel into(network, 1000);

    tcp::acceptor acceptor(network,
                           {asio::ip::address_v4::loopback(), static_cast<unsigned short>(std::stoi(argv[1]))});
    std::cout << "listening on port " << acceptor.local_endpoint().port() << std::endl;
    asio::co_spawn(network, accept(acceptor, into), asio::detached);

    // [readme:stop]
    asio::signal_set signals(network, SIGINT, SIGTERM);
    signals.async_wait([&](error_code, int) {
        acceptor.close();
        // Not close(): in Boost 1.81 that forgets what is in the channel. So an end marker, behind the lines.
        into.async_send(asio::error::eof, line(), asio::detached);
    });
    std::exception_ptr failure;
    asio::co_spawn(disk, store(into, table, stored), [&](std::exception_ptr error) {
        failure = error;
        network.stop();
    });
    network.run();
    disk.join();
    // [readme:end]
    if (failure) std::rethrow_exception(failure);
    std::cout << stored << " lines stored" << std::endl;
    return EXIT_SUCCESS;
} catch (std::exception const& error) {
    std::cerr << "line_store_channels: " << error.what() << std::endl;
    return EXIT_FAILURE;
}
