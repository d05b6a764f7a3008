// MISTAKE: `handle_events` takes something else than the stage's events
// EXPECT: sluice: handle_events must be callable with the events that the stage receives, those of type T
// INSTEAD: `void handle_events(sluice::batch<int> events);`
#include <sluice/sluice.hpp>

#include <string>

struct printer {
    void handle_events(sluice::batch<std::string>) {}
};

auto made(boost::asio::any_io_executor const& executor, sluice::producer<int>& numbers) {
    return sluice::consumer<int>(executor, sluice::from(numbers), printer{});
}
