// EXPECT: sluice: this event cannot be copied: co_await out.emit(std::move(event))
#include <memory>
#include <sluice/sluice.hpp>

auto feed(sluice::fan_out<std::unique_ptr<int>>& fan, std::unique_ptr<int> event) -> boost::asio::awaitable<void> {
    co_await fan.dispatch(event);
}
