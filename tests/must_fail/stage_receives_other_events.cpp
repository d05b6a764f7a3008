// MISTAKE: a stage subscribes to one that emits events of another type
// EXPECT: sluice: the stage that is subscribed to emits events of another type than this one receives
// INSTEAD: a `sluice::producer_consumer<int, std::string>` between the two, or `flow::map` in a flow
#include <sluice/sluice.hpp>

#include <string>

auto printer(sluice::inlet<std::string>&) -> boost::asio::awaitable<void> { co_return; }

auto made(boost::asio::any_io_executor const& executor, sluice::producer<int>& numbers) {
    return sluice::consumer<std::string>(executor, sluice::from(numbers), printer);
}
