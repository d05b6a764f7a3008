// EXPECT: sluice: the handler object of a stage that receives has handle_events(sluice::batch<T>)
#include <sluice/sluice.hpp>

struct ticker {
    auto handle_demand(std::size_t) -> sluice::emission<int> { return {}; }
};

auto made(boost::asio::any_io_executor const& executor, sluice::producer<int>& numbers) {
    return sluice::consumer<int>(executor, sluice::from(numbers), ticker{});
}
