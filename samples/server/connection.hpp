#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

namespace collector {

namespace asio = boost::asio;
using asio::ip::tcp;

/// A client's socket, and how long the server is patient with it.
///
/// Only time that is spent waiting for the client counts: while the pipeline holds a client back, its patience is not
/// used up. All of it runs on the executor of the socket, which is a strand.
class connection : public std::enable_shared_from_this<connection> {
public:
    using clock = std::chrono::steady_clock;

    connection(tcp::socket socket, clock::duration timeout);
    connection(connection const&) = delete;
    auto operator=(connection const&) -> connection& = delete;

    auto socket() noexcept -> tcp::socket& { return socket_; }
    auto executor() -> asio::any_io_executor { return socket_.get_executor(); }

    /// A request begins: the client has the whole time-out again to send it.
    void begin_request() noexcept { left_ = timeout_; }
    /// Reads what there is, and waits for it if there is nothing. 0: the client has finished, was cut off, or has gone.
    auto read_some(asio::mutable_buffer into) -> asio::awaitable<std::size_t>;
    /// The same between two requests: once it was told to hurry it waits no more, and takes what had come by then.
    auto read_when_idle(asio::mutable_buffer into) -> asio::awaitable<std::size_t>;
    /// Writes all of it. false: the client has gone, or takes nothing.
    auto write(std::string_view text) -> asio::awaitable<bool>;
    /// Ends it so that what was written last arrives: closing at once would take it back if the client still sends.
    auto close_gently() -> asio::awaitable<void>;

    /// From now on it waits for nothing that the client sends.
    void listen_only() noexcept { listens_ = true; }

    /// The client was too slow, or the server stops and could not wait: what it has sent is all that is taken.
    auto is_cut_off() const noexcept -> bool { return cut_off_; }
    /// Nothing was wrong with its end: it has said that it has finished.
    auto has_finished() const noexcept -> bool { return finished_; }

    // From any thread; they take effect on the executor.

    /// read_when_idle() waits no longer.
    void hurry();
    /// What the client has sent already is still read, and no more.
    void cut_off();
    /// Closes it, whatever it is doing; or only if it listens.
    void drop();
    void drop_if_listening();

    /// While it lives, the client is waited for. For operations on socket() itself.
    class patience {
    public:
        enum class with { reading, writing };
        patience(connection& client, with what);
        patience(patience const&) = delete;
        auto operator=(patience const&) -> patience& = delete;
        ~patience();

    private:
        connection& of_;
        with what_;
        clock::time_point since_;
    };

private:
    void time_is_up(patience::with what);
    auto read_now(asio::mutable_buffer into) -> std::size_t;
    void stop_reading() noexcept;

    tcp::socket socket_;
    asio::steady_timer timer_;
    clock::duration timeout_;
    clock::duration left_;
    std::size_t turn_ = 0;  // tells one wait from the next
    bool idle_ = false;
    bool hurries_ = false;
    bool listens_ = false;
    std::size_t unread_ = 0;  // what had come when it was told to hurry, and is taken still
    bool finished_ = false;
    bool cut_off_ = false;
};
using connection_ptr = std::shared_ptr<connection>;

}  // namespace collector
