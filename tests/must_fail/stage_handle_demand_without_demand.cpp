// EXPECT: sluice: handle_demand must be callable with how many events are wanted: handle_demand(std::size_t)
#include <sluice/sluice.hpp>

struct ticker {
    auto handle_demand() -> sluice::emission<int> { return {}; }
};

auto made(boost::asio::any_io_executor const& executor) { return sluice::producer<int>(executor, ticker{}); }
