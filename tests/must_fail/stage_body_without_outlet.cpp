// MISTAKE: the body does not take its outlet, or takes it behind its own arguments
// EXPECT: sluice: the body must take the ends of its stage before its own arguments: body(sluice::outlet<T>&, args...)
// INSTEAD: `auto counter(sluice::outlet<int>& out, int last) -> asio::awaitable<void>`
#include <sluice/sluice.hpp>

auto counter(int) -> boost::asio::awaitable<void> { co_return; }

auto made(boost::asio::any_io_executor const& executor) { return sluice::producer<int>(executor, counter, 3); }
