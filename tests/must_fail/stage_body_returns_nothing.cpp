// MISTAKE: the body is no coroutine
// EXPECT: sluice: the body is no coroutine: it must return boost::asio::awaitable<void>, and use co_await or co_return
// INSTEAD: `auto printer(sluice::inlet<int>& in) -> asio::awaitable<void>`
#include <sluice/sluice.hpp>

void printer(sluice::inlet<int>&) {}

auto made(boost::asio::any_io_executor const& executor, sluice::producer<int>& numbers) {
    return sluice::consumer<int>(executor, sluice::from(numbers), printer);
}
