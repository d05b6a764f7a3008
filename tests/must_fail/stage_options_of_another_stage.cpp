// MISTAKE: options of another kind of stage, or of a subscription
// EXPECT: sluice: these are not the options of this stage: a producer takes sluice::outlet_options, a consumer
// INSTEAD: `sluice::consumer<int> printed{pool, sluice::from(numbers, {.max_demand = 10}), printer};`
#include <sluice/sluice.hpp>

auto printer(sluice::inlet<int>&) -> boost::asio::awaitable<void> { co_return; }

auto made(boost::asio::any_io_executor const& executor, sluice::producer<int>& numbers) {
    sluice::subscribe_options const options{.max_demand = 10};
    return sluice::consumer<int>(executor, sluice::from(numbers), options, printer);
}
