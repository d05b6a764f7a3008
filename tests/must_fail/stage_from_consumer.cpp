// EXPECT: sluice::from(x): x must emit events: a producer, a producer_consumer, an intake or a fan_out
#include <sluice/sluice.hpp>

#include <string>

auto last(boost::asio::any_io_executor const& executor, sluice::consumer<int>& sink) {
    auto const body = [](sluice::inlet<int>&) -> boost::asio::awaitable<void> { co_return; };
    return sluice::consumer<int>(executor, sluice::from(sink), body);
}
