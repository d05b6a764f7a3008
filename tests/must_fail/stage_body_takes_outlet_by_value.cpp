// MISTAKE: the body takes its outlet, or its inlet, by value
// EXPECT: sluice: the body must take the ends of its stage by reference: sluice::outlet<T>&, sluice::inlet<T>&
// INSTEAD: `auto counter(sluice::outlet<int>& out, int last) -> asio::awaitable<void>`
#include <sluice/sluice.hpp>

auto counter(sluice::outlet<int>, int) -> boost::asio::awaitable<void> { co_return; }

auto made(boost::asio::any_io_executor const& executor) { return sluice::producer<int>(executor, counter, 3); }
