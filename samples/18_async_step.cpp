// A flow whose step asks a TCP service, 64 questions at once: the service is part of the program, and takes its time.
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <ranges>
#include <sluice/flow/flow.hpp>
#include <sluice/thread_pool.hpp>
#include <string>

namespace asio = boost::asio;
namespace flow = sluice::flow;
using asio::ip::tcp;

std::atomic<int> under_way = 0;
std::atomic<int> most = 0;

/// Answers a line with a number by its square, after five milliseconds.
auto answer(tcp::socket client) -> asio::awaitable<void> {
    int const now = ++under_way;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {}
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    std::string question;
    co_await asio::async_read_until(client, asio::dynamic_buffer(question), '\n', token);
    asio::steady_timer pause(client.get_executor(), std::chrono::milliseconds(5));
    co_await pause.async_wait(token);
    long const number = std::strtol(question.c_str(), nullptr, 10);
    std::string const reply = std::to_string(number * number) + "\n";
    --under_way;
    co_await asio::async_write(client, asio::buffer(reply), token);
}
auto serve(tcp::acceptor& acceptor) -> asio::awaitable<void> {
    for (;;) {
        boost::system::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        auto client = co_await acceptor.async_accept(token);
        if (error) co_return;
        auto const executor = co_await asio::this_coro::executor;
        asio::co_spawn(executor, answer(std::move(client)), asio::detached);
    }
}

// [readme:look_up]
/// Asks for one number's square. It runs as one of many: each has a socket of its own.
auto look_up(tcp::endpoint where, int number) -> asio::awaitable<long> {
    auto const executor = co_await asio::this_coro::executor;
    tcp::socket service(executor);
    co_await service.async_connect(where, asio::use_awaitable);
    std::string text = std::to_string(number) + "\n";
    co_await asio::async_write(service, asio::buffer(text), asio::use_awaitable);
    text.clear();
    co_await asio::async_read_until(service, asio::dynamic_buffer(text), '\n', asio::use_awaitable);
    co_return std::strtol(text.c_str(), nullptr, 10);
}
// [readme:end]

int main() {
    sluice::thread_pool pool;
    auto const strand = asio::make_strand(pool.context());  // the service's
    tcp::acceptor acceptor(strand, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    auto const where = acceptor.local_endpoint();
    auto served = asio::co_spawn(strand, serve(acceptor), asio::use_future);

    // [readme:async_step]
    auto const squares = flow::from(std::views::iota(1, 1001)) |
                         flow::map_async({.concurrency = 64}, [where](int number) { return look_up(where, number); });
    auto const answers = flow::collect(squares, pool);  // in the order of the questions
    // [readme:end]

    bool right = answers.size() == 1000;
    for (long i = 1; right && i <= 1000; ++i) right = answers[static_cast<std::size_t>(i - 1)] == i * i;
    std::cout << answers.size() << " answers, the last is " << answers.back() << "; at most " << most
              << " questions were under way at once\n";
    asio::post(strand, [&acceptor] { acceptor.close(); });
    served.get();
    return right && most > 1 && most <= 64 ? EXIT_SUCCESS : EXIT_FAILURE;
}
