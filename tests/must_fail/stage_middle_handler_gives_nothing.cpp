// EXPECT: sluice::producer_consumer<In, Out>: handle_events must return sluice::emission<Out>
#include <sluice/sluice.hpp>

struct doubler {
    void handle_events(sluice::batch<int>) {}
};

auto made(boost::asio::any_io_executor const& executor, sluice::producer<int>& numbers) {
    return sluice::producer_consumer<int, int>(executor, sluice::from(numbers), doubler{});
}
