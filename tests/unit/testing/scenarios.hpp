#pragma once
// Scenarios and helpers that several tests of the explorations share.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <sluice/testing/counted.hpp>
#include <sluice/testing/explore.hpp>
#include <sluice/testing/spawn.hpp>
#include <sluice/testing/timer.hpp>
#include <string>

namespace testing_scenarios {

namespace asio = boost::asio;
using namespace sluice::testing;

inline auto contains(std::string const& text, std::string const& part) -> bool {
    return text.find(part) != std::string::npos;
}

/// Quiet, and not to be changed from outside: these are tests of what explore() itself does.
inline auto quietly(std::size_t seeds) -> explore_options {
    return {.name = "quiet", .seeds = seeds, .quiet = true, .heed_environment = false};
}

/// One box between two coroutines. The planted race: the receiver looks, hops, and only then sleeps; a sender that
/// comes in between wakes nobody.
class mailbox {
public:
    mailbox(simulation& home, bool lossy) : lossy_{lossy}, bell_{home} { bell_.expires_at(timer::time_point::max()); }

    void send() {
        ++letters_;
        if (sleeping_) bell_.cancel();
    }
    auto receive() -> asio::awaitable<void> {
        while (letters_ == 0) {
            if (lossy_) co_await asio::post(asio::use_awaitable);
            sleeping_ = true;
            boost::system::error_code error;
            auto token = asio::redirect_error(asio::use_awaitable, error);
            co_await bell_.async_wait(token);
            sleeping_ = false;
        }
        --letters_;
    }

private:
    bool lossy_;
    bool sleeping_ = false;
    int letters_ = 0;
    timer bell_;
};

inline auto take_letters(mailbox& box, int n, int& taken) -> asio::awaitable<void> {
    for (; taken < n; ++taken) co_await box.receive();
}
inline auto send_letters(mailbox& box, int n) -> asio::awaitable<void> {
    for (int i = 0; i < n; ++i) {
        for (int turn = 0; turn < 3; ++turn) co_await asio::post(asio::use_awaitable);
        box.send();
    }
}

inline void post_office(simulation& home, bool lossy) {
    mailbox box{home, lossy};
    int taken = 0;
    spawn(home, take_letters(box, 2, taken));
    spawn(home, send_letters(box, 2));
    auto const result = home.run();
    if (home.stopped() || home.destroyed()) return;
    invariant(taken == 2, "a letter was sent and nobody woke");
    invariant(result.complete(), "all have ended");
}

/// Coroutines on strands that hold events, wait and post.
inline auto busy_body(simulation& home, int depth) -> asio::awaitable<void> {
    counted_mark const frame{home.events()};
    counted<std::string> const event{home.events(), std::string(100, 'x')};
    co_await hesitate(home);
    if (depth > 0) co_await busy_body(home, depth - 1);
    co_await home.async_wait(std::chrono::milliseconds{1}, asio::use_awaitable);
}
inline void busy_scenario(simulation& home) {
    for (int i = 0; i < 3; ++i) spawn(home, asio::make_strand(home), busy_body(home, i));
    for (int i = 0; i < 2; ++i) spawn(home, busy_body(home, i));
    auto const result = home.run();
    if (home.stopped() || home.destroyed()) return;
    invariant(result.complete(), "all have ended");
}

}  // namespace testing_scenarios
