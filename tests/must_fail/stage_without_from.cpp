// MISTAKE: what a stage subscribes to is given without `sluice::from`
// EXPECT: sluice: say what to subscribe to by sluice::from(stage), not by the stage alone
// INSTEAD: `sluice::consumer<int> printed{pool, sluice::from(numbers), printer};`
#include <sluice/sluice.hpp>

auto printer(sluice::inlet<int>&) -> boost::asio::awaitable<void> { co_return; }

auto made(boost::asio::any_io_executor const& executor, sluice::producer<int>& numbers) {
    return sluice::consumer<int>(executor, numbers, printer);
}
