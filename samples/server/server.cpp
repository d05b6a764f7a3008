// The ports, and the orderly stop.
#include "server.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace collector {
namespace {

using boost::system::error_code;

constexpr std::size_t most_refusals = 100;  // that are told at a time; others are just closed

auto threads_of(options const& with) -> std::size_t {
    return with.threads > 0 ? with.threads : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

server::server(options const& with)
    : with_(with),
      pool_(threads_of(with)),
      strand_(asio::make_strand(pool_.get_executor())),
      events_(with, pool_),
      clients_(strand_, with.max_connections),
      signals_(strand_, SIGTERM, SIGINT),
      deadline_(strand_) {
    ports_.reserve(2);
    open(with.http, "http", serve_http, refuse_http);
    open(with.lines, "lines", serve_lines, refuse_lines);
}

void server::open(std::optional<address> const& where, char const* name, session serve, refusal refuse) {
    if (!where) return;
    auto const port = std::to_string(where->port);
    try {
        auto const found = tcp::resolver(strand_).resolve(where->host, port, tcp::resolver::passive);
        ports_.push_back({tcp::acceptor(strand_, *found.begin(), true), name, serve, refuse});
    } catch (std::exception const& error) {
        throw std::runtime_error("cannot listen on " + where->host + ":" + port + ": " + error.what());
    }
}

auto server::run() -> int {
    auto ended = asio::co_spawn(strand_, serve_pipeline(), asio::use_future);
    asio::co_spawn(strand_, wait_for_signal(), asio::detached);
    for (auto& each : ports_) {
        std::cout << each.name << ' ' << each.acceptor.local_endpoint() << '\n';
        asio::co_spawn(strand_, accept(each), asio::detached);
    }
    std::cout << "ready" << std::endl;
    ended.get();
    pool_.join();
    auto const& count = events_.totals();
    std::cout << "stored " << count.stored << " rejected " << count.rejected << " failed " << count.failed << std::endl;
    spdlog::info("stored {}, rejected {}, failed {}", count.stored, count.rejected, count.failed);
    return failed_ ? EXIT_FAILURE : EXIT_SUCCESS;
}

auto server::accept(port& at) -> asio::awaitable<void> {
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    asio::steady_timer pause(strand_);
    while (at.acceptor.is_open()) {
        auto socket = co_await at.acceptor.async_accept(asio::make_strand(pool_.get_executor()), token);
        if (!error) {
            begin(std::move(socket), at);
        } else if (at.acceptor.is_open()) {  // out of files, for instance
            spdlog::warn("cannot accept on port {}: {}", at.name, error.message());
            pause.expires_after(std::chrono::milliseconds(100));
            co_await pause.async_wait(token);
        }
    }
}

void server::begin(tcp::socket socket, port const& at) {
    auto const executor = socket.get_executor();
    auto client = std::make_shared<connection>(std::move(socket), with_.timeout);
    if (auto entry = clients_.admit(client)) {
        auto serving = at.serve(client, services{with_, events_, clients_});
        auto leave = [at = std::move(*entry), client](std::exception_ptr error) mutable {
            if (!error) return;
            try {
                std::rethrow_exception(error);
            } catch (std::exception const& what) {
                spdlog::error("a session has failed: {}", what.what());
            }
        };
        asio::co_spawn(executor, std::move(serving), std::move(leave));
    } else if (++refusals_ <= most_refusals) {
        asio::co_spawn(executor, at.refuse(client), [this](std::exception_ptr) { --refusals_; });
    } else {
        --refusals_;
    }
}

auto server::wait_for_signal() -> asio::awaitable<void> {
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    auto const number = co_await signals_.async_wait(token);
    if (error) co_return;
    spdlog::info("signal {}: no more is taken in, what is under way is stored", number);
    stop();
}

/// Runs the pipeline; when it ends, the rest of the server ends, too.
auto server::serve_pipeline() -> asio::awaitable<void> {
    try {
        co_await events_.run();
    } catch (std::exception const& error) {
        spdlog::critical("the pipeline has failed: {}", error.what());
        failed_ = true;
    }
    drained_ = true;
    stop();
    co_await clients_.all_gone();
    deadline_.cancel();
    signals_.cancel();
}

/// The orderly stop: nothing new; then those who feed the pipeline finish; then the pipeline ends, and with it those
/// who only listen.
void server::stop() {
    if (std::exchange(stopping_, true)) return;
    error_code ignored;
    for (auto& each : ports_) each.acceptor.close(ignored);
    clients_.stop();
    asio::co_spawn(strand_, close_when_fed(), asio::detached);
    asio::co_spawn(strand_, watch_the_stop(), asio::detached);
}

auto server::close_when_fed() -> asio::awaitable<void> {
    co_await clients_.all_fed();
    events_.close();
}

/// Half of the time is for clients to finish what they are sending, a quarter for the disk, the rest for who listens.
auto server::watch_the_stop() -> asio::awaitable<void> {
    auto const begin = std::chrono::steady_clock::now();
    error_code over;
    auto token = asio::redirect_error(asio::use_awaitable, over);
    for (int quarter = 1; quarter <= 4 && !over; ++quarter) {
        if (quarter == 3) clients_.cut_off();
        if (quarter == 4) clients_.drop_listeners();
        if (quarter == 4 && drained_) clients_.drop_all();  // they do not take their answers
        deadline_.expires_at(begin + quarter * with_.drain / 4);
        co_await deadline_.async_wait(token);
    }
    if (!over) give_up();
}

/// Without waiting for anything: the disk may be what hangs. What was answered is safe.
void server::give_up() {
    auto const& count = events_.totals();
    spdlog::critical(
        "the stop took longer than --drain, {} ms, and was cut short with {} clients; stored {}, rejected {}:\n{}",
        with_.drain.count(), clients_.count(), count.stored, count.rejected, events_.snapshot().text());
    spdlog::shutdown();
    std::_Exit(EXIT_FAILURE);
}

}  // namespace collector
