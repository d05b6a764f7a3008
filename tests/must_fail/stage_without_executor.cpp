// MISTAKE: the executor is left out
// EXPECT: sluice: the first argument of a stage is its executor, or what has one and is not const
// INSTEAD: `sluice::producer<int> numbers{pool, counter, 10};`
#include <sluice/sluice.hpp>

auto counter(sluice::outlet<int>&, int) -> boost::asio::awaitable<void> { co_return; }

auto made() { return sluice::producer<int>(counter, 3); }
