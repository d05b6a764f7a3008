// EXPECT: sluice::consumer<T>: handle_events must return nothing
#include <sluice/sluice.hpp>

struct emits {
    auto handle_events(sluice::batch<int> events) -> sluice::emission<int> { return events; }
};

auto made(boost::asio::any_io_executor const& executor, sluice::producer<int>& numbers) {
    return sluice::consumer<int>(executor, sluice::from(numbers), emits{});
}
