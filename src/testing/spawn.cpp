#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sluice/testing/spawn.hpp>

namespace sluice::testing {

auto hesitate(simulation& home) -> asio::awaitable<void> {
    auto const manner = home.get_chooser().choose(4);
    if (manner == 3) {
        std::chrono::milliseconds const pause{1 + home.get_chooser().choose(8)};
        co_await home.async_wait(pause, asio::use_awaitable);
    } else {
        for (std::size_t i = manner == 2 ? 4 : manner; i > 0; --i) co_await asio::post(asio::use_awaitable);
    }
}

}  // namespace sluice::testing
