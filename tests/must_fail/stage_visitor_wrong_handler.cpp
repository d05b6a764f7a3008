// EXPECT: sluice: a visitor is called as f(handler), or f(handler, end)
#include <boost/asio/detached.hpp>
#include <sluice/sluice.hpp>

struct ticker {
    auto handle_demand(std::size_t) -> sluice::emission<int> { return {}; }
};

void visit(sluice::producer<int>& numbers) {
    numbers.async_visit<ticker>([](int) {}, boost::asio::detached);
}
