// MISTAKE: a coroutine lambda that captures, where its captures die before it runs: as a visitor
// EXPECT: sluice: a visitor is no coroutine: a coroutine would run when the function and its captures have gone
// INSTEAD: let the visitor return what you need, and await that outside
#include <sluice/sluice.hpp>

auto visit(sluice::producer<int>& numbers, int& seen) -> boost::asio::awaitable<void> {
    auto const look = [&seen](sluice::outlet<int>&) -> boost::asio::awaitable<void> {
        ++seen;
        co_return;
    };
    co_await numbers.async_visit(look);
}
