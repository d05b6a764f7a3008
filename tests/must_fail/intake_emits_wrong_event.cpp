// EXPECT: sluice: what is emitted must be an event of the stage's type T, or a sluice::batch<T> of them
#include <sluice/sluice.hpp>

auto feed(sluice::intake<int>& numbers) -> boost::asio::awaitable<void> { co_await numbers.emit("three"); }
