#pragma once

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <boost/asio/detached.hpp>
#include <span>
#include <sstream>
#include <stdexcept>

#include "support.hpp"

/// What the tests of statistics and of snapshots share.
namespace stages {

using sluice::on_last_cancel;

/// Emits nothing by itself.
struct silent {
    auto handle_demand(std::size_t) -> sluice::emission<int> { return {}; }
};
/// Receives a batch, works on it for that long, and so on.
inline auto works(inlet<int>& in, simulation& home, std::chrono::milliseconds time) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) co_await home.async_wait(time);
}
inline auto fails_with_the_second(inlet<int>& in) -> asio::awaitable<void> {
    co_await in.receive();
    auto events = co_await in.receive();
    if (events) throw std::runtime_error("oops");
}
inline void push(sluice::producer<int>& to, int events) {
    to.async_visit([events](outlet<int>& out) { out.push(batch_of(iota(0, events))); }, asio::detached);
}
/// Is given nothing before it is told to ask.
struct asks_later {
    std::vector<int>* got;
    sluice::subscription over = {};
    void handle_subscribe(sluice::subscription const& s) { over = s; }
    void handle_events(std::span<int> events) { got->insert(got->end(), events.begin(), events.end()); }
};
inline auto logger_into(std::ostringstream& text) -> std::shared_ptr<spdlog::logger> {
    auto logger = std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text));
    logger->set_pattern("%v");
    return logger;
}
/// Lets so much time pass, and what is due in it.
inline void pass(simulation& home, std::chrono::milliseconds time) {
    home.async_wait(time, [&home](auto&&...) { home.stop(); });
    home.run();
    home.run_ready();
}
inline auto const staying = sluice::outlet_options{.buffer_size = 10, .on_last_cancel = on_last_cancel::stay_open};

}  // namespace stages
