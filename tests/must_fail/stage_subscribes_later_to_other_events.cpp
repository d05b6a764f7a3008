// EXPECT: sluice: the stage that is subscribed to emits events of another type than this one receives
#include <sluice/sluice.hpp>

#include <string>

auto later(sluice::consumer<std::string>& printed, sluice::producer<int>& numbers) -> boost::asio::awaitable<void> {
    co_await printed.async_subscribe(numbers);
}
