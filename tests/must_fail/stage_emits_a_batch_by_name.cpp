// MISTAKE: a batch is emitted by its name
// EXPECT: sluice: a batch is moved, not copied: co_await out.emit(std::move(events)), and events not const
// INSTEAD: `co_await out.emit(std::move(events));`
#include <sluice/sluice.hpp>

auto body(sluice::outlet<int>& out) -> boost::asio::awaitable<void> {
    auto events = out.make_batch();
    co_await out.emit(events);
}
