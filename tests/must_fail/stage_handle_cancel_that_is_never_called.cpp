// MISTAKE: `handle_subscribe` or `handle_cancel` with other parameters
// EXPECT: sluice: handle_cancel must be callable as handle_cancel(sluice::end_reason, sluice::subscription)
// INSTEAD: `void handle_cancel(sluice::end_reason const& why, sluice::subscription const& whose);`
#include <sluice/sluice.hpp>

struct printer {
    void handle_events(sluice::batch<int>) {}
    void handle_cancel(sluice::subscription const&) {}
};

auto made(boost::asio::any_io_executor const& executor, sluice::producer<int>& numbers) {
    return sluice::consumer<int>(executor, sluice::from(numbers), printer{});
}
