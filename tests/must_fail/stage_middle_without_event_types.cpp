// EXPECT: sluice: name the type of the stage's events
#include <sluice/sluice.hpp>

auto doubler(sluice::inlet<int>&, sluice::outlet<int>&) -> boost::asio::awaitable<void> { co_return; }

void make(boost::asio::any_io_executor const& executor, sluice::producer<int>& numbers) {
    sluice::producer_consumer doubled{executor, sluice::from(numbers), doubler};
}
