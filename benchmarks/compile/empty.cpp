// A coroutine on Asio that does nothing: what every program costs to compile that has one.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

namespace asio = boost::asio;

auto work(long& sum) -> asio::awaitable<void> {
    sum = 1;
    co_return;
}

int main() {
    long sum = 0;
    asio::io_context context;
    asio::co_spawn(context, work(sum), asio::detached);
    context.run();
    return sum == 1 ? 0 : 1;
}
