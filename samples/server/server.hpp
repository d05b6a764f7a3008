#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <optional>
#include <sluice/thread_pool.hpp>

#include "clients.hpp"
#include "options.hpp"
#include "pipeline.hpp"
#include "session.hpp"

namespace collector {

/// The ports, the pipeline behind them, and how all of it ends.
class server {
public:
    /// Opens files and ports. Throws std::exception when one cannot be opened.
    explicit server(options const& with);

    /// Says on stdout where it listens, and serves until SIGTERM or SIGINT, or until the pipeline fails. Answers the
    /// exit status: 0, or 1 if it has failed. An orderly stop that takes too long ends the process with 1.
    auto run() -> int;

private:
    using session = auto(*)(connection_ptr, services) -> asio::awaitable<void>;
    using refusal = auto(*)(connection_ptr) -> asio::awaitable<void>;
    struct port {
        tcp::acceptor acceptor;
        char const* name;
        session serve;
        refusal refuse;
    };

    void open(std::optional<address> const& where, char const* name, session serve, refusal refuse);
    auto accept(port& at) -> asio::awaitable<void>;
    void begin(tcp::socket socket, port const& at);
    auto wait_for_signal() -> asio::awaitable<void>;
    auto serve_pipeline() -> asio::awaitable<void>;
    void stop();
    auto close_when_fed() -> asio::awaitable<void>;
    auto watch_the_stop() -> asio::awaitable<void>;
    void give_up();

    options with_;
    sluice::thread_pool pool_;
    asio::any_io_executor strand_;  // of all that is the server's own: ports, signals, the stop
    pipeline events_;
    clients clients_;
    std::vector<port> ports_;
    asio::signal_set signals_;
    asio::steady_timer deadline_;
    std::atomic<std::size_t> refusals_ = 0;
    bool stopping_ = false;
    bool drained_ = false;
    bool failed_ = false;
};

}  // namespace collector
