// MISTAKE: an event that can only be moved is emitted by its name
// EXPECT: sluice: this event cannot be copied: co_await out.emit(std::move(event))
// INSTEAD: `co_await out.emit(std::move(event));`
#include <memory>
#include <sluice/sluice.hpp>

auto body(sluice::outlet<std::unique_ptr<int>>& out) -> boost::asio::awaitable<void> {
    auto event = std::make_unique<int>(1);
    co_await out.emit(event);
}
