// Waits until nobody holds it.
#include "latch.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace collector {

latch::state::state(asio::any_io_executor const& executor) : rings(executor, asio::steady_timer::time_point::max()) {}

void latch::state::give_up() {
    if (holds.fetch_sub(1) != 1) return;
    asio::post(rings.get_executor(), [this] {
        is_open = true;
        rings.cancel();
    });
}

auto latch::wait() -> asio::awaitable<void> {
    auto const state = state_;  // what give_up() has posted runs before this goes
    boost::system::error_code cancelled;
    auto token = asio::redirect_error(asio::use_awaitable, cancelled);
    state->give_up();  // its own
    while (!state->is_open) co_await state->rings.async_wait(token);
}

}  // namespace collector
