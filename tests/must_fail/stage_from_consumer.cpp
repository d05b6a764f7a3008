// MISTAKE: a subscription to a stage that emits nothing
// EXPECT: sluice::from(x): x must emit events: a producer, a producer_consumer, an intake or a fan_out
// INSTEAD: make it a `sluice::producer_consumer`, or subscribe to its producer
#include <sluice/sluice.hpp>

#include <string>

auto last(boost::asio::any_io_executor const& executor, sluice::consumer<int>& sink) {
    auto const body = [](sluice::inlet<int>&) -> boost::asio::awaitable<void> { co_return; };
    return sluice::consumer<int>(executor, sluice::from(sink), body);
}
