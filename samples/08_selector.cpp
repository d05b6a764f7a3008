// A broadcast whose consumers choose: each line of a log goes to everybody who wants it. What a consumer refuses uses
// up nobody's demand, so one that wants little does not hold the others up.
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <sluice/sluice.hpp>
#include <string>
#include <utility>
#include <vector>

namespace asio = boost::asio;

enum class level { debug, info, error };
struct line {
    level severity;
    std::string text;
};

auto service(sluice::outlet<line>& out, int requests) -> asio::awaitable<void> {
    for (int i = 1; i <= requests; ++i) {
        auto lines = out.make_batch();
        auto const number = std::to_string(i);
        lines.push_back({level::debug, "connection " + number});
        lines.push_back({level::info, "request " + number});
        if (i % 25 == 0) lines.push_back({level::error, "request " + number + " failed"});
        const bool taken = co_await out.emit(std::move(lines));
        if (!taken) co_return;
    }
}
auto collector(sluice::inlet<line>& in, std::vector<std::string>& got) -> asio::awaitable<void> {
    while (auto lines = co_await in.receive_shared()) {  // to look at only: what others have too is not copied
        for (line const& each : *lines) got.push_back(each.text);
    }
}

int main() {
    std::vector<std::string> everything, errors, requests;
    sluice::thread_pool pool;
    // [readme:selector]
    auto const later = sluice::outlet_options{.demand = sluice::demand_flow::accumulate};
    sluice::producer<line> log{pool, later, sluice::broadcast_dispatcher<line>{}, service, 100};
    auto const is_error = [](line const& each) { return each.severity == level::error; };
    auto const is_request = [](line const& each) { return each.severity != level::debug; };
    sluice::consumer<line> archive{pool, sluice::from(log), collector, std::ref(everything)};
    sluice::consumer<line> pager{pool, sluice::from(log, {.max_demand = 1, .min_demand = 0}).select(is_error),
                                 collector, std::ref(errors)};
    sluice::consumer<line> screen{pool, sluice::from(log).select(is_request), collector, std::ref(requests)};
    log.set_demand(sluice::demand_flow::forward);  // all have subscribed
    sluice::run(log, archive, pager, screen);
    // [readme:end]

    std::cout << "the archive has " << everything.size() << " lines, the screen " << requests.size()
              << ", the pager:\n";
    for (auto const& each : errors) std::cout << "    " << each << '\n';
    bool const right = everything.size() == 204 && requests.size() == 104 && errors.size() == 4 &&
                       errors.front() == "request 25 failed";
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
