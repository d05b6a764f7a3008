// A client's socket, with patience and an end that loses nothing.
#include "connection.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace collector {

using boost::system::error_code;

connection::connection(tcp::socket socket, clock::duration timeout)
    : socket_(std::move(socket)), timer_(socket_.get_executor()), timeout_(timeout), left_(timeout) {}

connection::patience::patience(connection& client, with what) : of_(client), what_(what), since_(clock::now()) {
    of_.timer_.expires_after(what == with::reading ? of_.left_ : of_.timeout_);
    auto ring = [self = of_.shared_from_this(), turn = ++of_.turn_, what](error_code error) {
        if (!error && turn == self->turn_) self->time_is_up(what);
    };
    of_.timer_.async_wait(std::move(ring));
}

connection::patience::~patience() {
    ++of_.turn_;
    of_.timer_.cancel();
    if (what_ == with::reading) of_.left_ = std::max(of_.left_ - (clock::now() - since_), clock::duration::zero());
}

auto connection::read_some(asio::mutable_buffer into) -> asio::awaitable<std::size_t> {
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    patience const waiting(*this, patience::with::reading);
    auto const count = co_await socket_.async_read_some(into, token);
    if (error == asio::error::eof && !cut_off_) finished_ = true;
    co_return count;
}

auto connection::read_when_idle(asio::mutable_buffer into) -> asio::awaitable<std::size_t> {
    std::size_t count = 0;
    if (!hurries_) {
        idle_ = true;
        count = co_await read_some(into);
        idle_ = false;
    }
    if (count == 0 && unread_ > 0 && !finished_) count = read_now(into);
    co_return count;
}

auto connection::read_now(asio::mutable_buffer into) -> std::size_t {
    error_code error;
    socket_.non_blocking(true, error);
    auto const count = socket_.read_some(asio::buffer(into, unread_), error);
    unread_ -= count;
    if (error == asio::error::eof && !cut_off_) finished_ = true;
    return count;
}

auto connection::write(std::string_view text) -> asio::awaitable<bool> {
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    patience const waiting(*this, patience::with::writing);
    co_await asio::async_write(socket_, asio::buffer(text), token);
    co_return !error;
}

auto connection::close_gently() -> asio::awaitable<void> {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    left_ = std::min<clock::duration>(timeout_, std::chrono::seconds(1));
    std::array<char, 4096> unread;
    for (std::size_t count = 1; count > 0 && left_ > clock::duration::zero();) {
        count = co_await read_some(asio::buffer(unread));
    }
    socket_.close(ignored);
}

void connection::hurry() {
    asio::post(executor(), [self = shared_from_this()] {
        error_code ignored;
        self->hurries_ = true;
        self->unread_ = self->socket_.available(ignored) + 1;  // one more, to see whether it has finished
        if (self->idle_) self->socket_.cancel(ignored);
    });
}

void connection::cut_off() {
    asio::post(executor(), [self = shared_from_this()] {
        self->cut_off_ = true;
        self->stop_reading();
    });
}

void connection::drop() {
    asio::post(executor(), [self = shared_from_this()] {
        error_code ignored;
        self->socket_.close(ignored);
    });
}

void connection::drop_if_listening() {
    asio::post(executor(), [self = shared_from_this()] {
        error_code ignored;
        if (self->listens_) self->socket_.close(ignored);
    });
}

void connection::time_is_up(patience::with what) {
    error_code ignored;
    if (what == patience::with::writing) {
        socket_.close(ignored);
        return;
    }
    cut_off_ = true;
    stop_reading();
}

// Reads that wait, and all later ones, find the end. A mere cancel() would miss one that is just about to begin.
void connection::stop_reading() noexcept {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_receive, ignored);
}

}  // namespace collector
