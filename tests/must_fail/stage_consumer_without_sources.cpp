// MISTAKE: a consumer is not told what it subscribes to
// EXPECT: sluice: between the executor and the body stands what the stage subscribes to: sluice::from(stage)
// INSTEAD: `sluice::consumer<int> printed{pool, sluice::from(numbers), printer};`, or `{}` in place of it
#include <sluice/sluice.hpp>

auto printer(sluice::inlet<int>&) -> boost::asio::awaitable<void> { co_return; }

auto made(boost::asio::any_io_executor const& executor) { return sluice::consumer<int>(executor, printer); }
