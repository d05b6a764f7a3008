// MISTAKE: a dispatcher of other events
// EXPECT: sluice: this dispatcher is not one of the events that the stage emits: a stage that emits T takes
// INSTEAD: `sluice::producer<int> numbers{pool, sluice::broadcast_dispatcher<int>{}, counter};`
#include <sluice/sluice.hpp>

#include <string>

auto counter(sluice::outlet<int>&) -> boost::asio::awaitable<void> { co_return; }

auto made(boost::asio::any_io_executor const& executor) {
    return sluice::producer<int>(executor, sluice::broadcast_dispatcher<std::string>{}, counter);
}
