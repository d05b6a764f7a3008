// MISTAKE: the type of a producer's events is not named
// EXPECT: sluice: name the type of the stage's events: sluice::producer<T>{executor, body, args...}
// INSTEAD: `sluice::producer<int> numbers{pool, counter, 0, 10};`
#include <sluice/sluice.hpp>

auto counter(sluice::outlet<int>&, int) -> boost::asio::awaitable<void> { co_return; }

void make(boost::asio::any_io_executor const& executor) { sluice::producer numbers{executor, counter, 3}; }
