// A user's program. Whether Asio is header-only or compiled separately is decided by its build alone.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <iostream>
#include <sluice/detail/environment.hpp>
#include <sluice/errc.hpp>

namespace asio = boost::asio;

namespace {

auto wait_a_little(int& steps) -> asio::awaitable<void> {
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(1));
    co_await timer.async_wait(asio::use_awaitable);
    ++steps;
}

}  // namespace

int main() {
    asio::io_context context;
    int steps = 0;

    // The program's own use of Asio, and the library's, in the same context.
    asio::co_spawn(context, wait_a_little(steps), asio::detached);
    auto& world = sluice::detail::environment::of(context);
    auto const alarm = world.set_alarm(context.get_executor(), world.now(), [&steps] { ++steps; });
    context.run();

    auto const message = make_error_code(sluice::errc{1}).message();
    std::cout << steps << " steps; the library says: " << message << '\n';
    return steps == 2 && !message.empty() ? EXIT_SUCCESS : EXIT_FAILURE;
}
