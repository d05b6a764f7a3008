// MISTAKE: the type of a consumer's events is not named
// EXPECT: sluice: name the type of the stage's events
// INSTEAD: `sluice::consumer<int> printed{pool, sluice::from(numbers), printer};`
#include <sluice/sluice.hpp>

auto printer(sluice::inlet<int>&) -> boost::asio::awaitable<void> { co_return; }

void make(boost::asio::any_io_executor const& executor, sluice::producer<int>& numbers) {
    sluice::consumer printed{executor, sluice::from(numbers), printer};
}
