// MISTAKE: a stage emits an event of another type
// EXPECT: sluice: what is emitted must be an event of the stage's type T, or a sluice::batch<T> of them
// INSTEAD: emit what the outlet's type says: a `sluice::outlet<int>` takes an `int` or a `sluice::batch<int>`
#include <sluice/sluice.hpp>

auto body(sluice::outlet<int>& out) -> boost::asio::awaitable<void> { co_await out.emit("three"); }
