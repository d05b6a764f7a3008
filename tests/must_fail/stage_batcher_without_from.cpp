// EXPECT: sluice: say what to subscribe to by sluice::from(stage), not by the stage alone
#include <sluice/sluice.hpp>

auto made(boost::asio::any_io_executor const& executor, sluice::intake<int>& into) {
    return sluice::batcher(executor, into, {.size = 500});
}
