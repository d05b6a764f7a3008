// MISTAKE: a producer's handler object has `handle_events`, or a consumer's `handle_demand`
// EXPECT: sluice: the handler object of a producer has handle_demand(std::size_t)
// INSTEAD: `auto handle_demand(std::size_t wanted) -> sluice::emission<int>;`
#include <sluice/sluice.hpp>

struct ticker {
    void handle_events(sluice::batch<int>) {}
};

auto made(boost::asio::any_io_executor const& executor) { return sluice::producer<int>(executor, ticker{}); }
