// MISTAKE: `handle_demand` returns something else than events
// EXPECT: sluice::producer<T>: handle_demand must return sluice::emission<T>, a sluice::batch<T> or a std::vector<T>
// INSTEAD: `auto handle_demand(std::size_t wanted) -> sluice::emission<int>;`
#include <sluice/sluice.hpp>

struct ticker {
    auto handle_demand(std::size_t) -> int { return 1; }
};

auto made(boost::asio::any_io_executor const& executor) { return sluice::producer<int>(executor, ticker{}); }
