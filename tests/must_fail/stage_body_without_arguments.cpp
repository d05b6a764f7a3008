// MISTAKE: the body is given arguments that it does not take
// EXPECT: sluice: the body takes no arguments of its own, but some were given
// INSTEAD: let the body take them behind its ends, or leave them out
#include <sluice/sluice.hpp>

auto counter(sluice::outlet<int>&) -> boost::asio::awaitable<void> { co_return; }

auto made(boost::asio::any_io_executor const& executor) { return sluice::producer<int>(executor, counter, 3); }
