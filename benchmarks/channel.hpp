#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <optional>
#include <sluice/thread_pool.hpp>
#include <utility>

namespace sluice::benchmarks {

/// What one writes today to join coroutines on several threads: a bounded channel. The end is a message, because
/// close() of Boost 1.81 loses what is buffered.
template <class T>
class channel {
public:
    channel(asio::any_io_executor const& executor, std::size_t capacity) : channel_(executor, capacity) {}

    auto send(T value) -> asio::awaitable<void> {
        return channel_.async_send(boost::system::error_code(), std::move(value), asio::use_awaitable);
    }
    auto send_end() -> asio::awaitable<void> {
        return channel_.async_send(boost::system::error_code(asio::error::eof), T(), asio::use_awaitable);
    }
    auto receive() -> asio::awaitable<std::optional<T>> {
        boost::system::error_code error;
        auto value = co_await channel_.async_receive(asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return std::nullopt;
        co_return std::optional<T>(std::move(value));
    }

private:
    asio::experimental::concurrent_channel<asio::any_io_executor, void(boost::system::error_code, T)> channel_;
};

}  // namespace sluice::benchmarks
