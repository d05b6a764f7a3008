// MISTAKE: the dispatcher stands behind the body
// EXPECT: sluice: a dispatcher stands before the body, not behind it
// INSTEAD: `sluice::producer<int> numbers{pool, sluice::broadcast_dispatcher<int>{}, counter};`
#include <sluice/sluice.hpp>

auto counter(sluice::outlet<int>&) -> boost::asio::awaitable<void> { co_return; }

auto made(boost::asio::any_io_executor const& executor) {
    return sluice::producer<int>(executor, counter, sluice::broadcast_dispatcher<int>{});
}
