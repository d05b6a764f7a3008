#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <optional>
#include <sluice/thread_pool.hpp>
#include <tuple>
#include <utility>

namespace sluice::benchmarks {

/// How a channel is used: each send and receive awaited, as its documentation shows; or tried first, and awaited only
/// where there is no room or nothing to receive.
enum class manner : unsigned char { documented, try_first };

inline constexpr char const* channels_documented = "Asio channels, as documented";
inline constexpr char const* channels_try_first = "Asio channels, tried first";

/// What one writes today to join coroutines on several threads: a bounded channel. The end is a message, because
/// close() of Boost 1.81 loses what is buffered.
///
///     auto got = in.poll();                             // nothing, always, if as documented
///     if (!got) got = co_await in.receive();
///     auto& [error, value] = *got;
///     if (error) break;                                 // the end
///     bool const sent = out.offer(value);               // false, always, if as documented
///     if (!sent) co_await out.send(std::move(value));
template <class T, manner How>
class channel {
public:
    using received = std::tuple<boost::system::error_code, T>;

    channel(asio::any_io_executor const& executor, std::size_t capacity) : channel_(executor, capacity) {}

    /// Sends if there is room: then `value` is moved.
    auto offer([[maybe_unused]] T& value) -> bool {
        if constexpr (How == manner::documented) return false;
        return channel_.try_send(boost::system::error_code(), std::move(value));
    }
    auto send(T value) -> asio::awaitable<void> {
        return channel_.async_send(boost::system::error_code(), std::move(value), asio::use_awaitable);
    }
    auto send_end() -> asio::awaitable<void> {
        return channel_.async_send(boost::system::error_code(asio::error::eof), T(), asio::use_awaitable);
    }

    /// Receives if there is something.
    auto poll() -> std::optional<received> {
        std::optional<received> result;
        if constexpr (How == manner::try_first) {
            channel_.try_receive(
                [&result](boost::system::error_code error, T value) { result.emplace(error, std::move(value)); });
        }
        return result;
    }
    auto receive() -> asio::awaitable<received> { return channel_.async_receive(asio::as_tuple(asio::use_awaitable)); }

private:
    asio::experimental::concurrent_channel<asio::any_io_executor, void(boost::system::error_code, T)> channel_;
};

}  // namespace sluice::benchmarks
