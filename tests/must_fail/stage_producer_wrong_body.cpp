// EXPECT: sluice::producer<T>: the body must be a coroutine function that can be called as
#include <sluice/sluice.hpp>

auto counts(sluice::outlet<int>&, int) -> boost::asio::awaitable<void> { co_return; }

auto made(boost::asio::any_io_executor const& executor) { return sluice::producer<int>(executor, counts, "three"); }
