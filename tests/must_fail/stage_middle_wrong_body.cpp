// EXPECT: sluice::producer_consumer<In, Out>: the body must be a coroutine function that can be called as
#include <sluice/sluice.hpp>

auto only_in(sluice::inlet<int>&) -> boost::asio::awaitable<void> { co_return; }

auto made(boost::asio::any_io_executor const& executor, sluice::producer<int>& numbers) {
    return sluice::producer_consumer<int, int>(executor, sluice::from(numbers), only_in);
}
