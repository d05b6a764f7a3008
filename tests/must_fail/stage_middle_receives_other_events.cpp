// EXPECT: sluice: the stage that is subscribed to emits events of another type than this one receives
#include <sluice/sluice.hpp>

#include <string>

auto doubler(sluice::inlet<int>&, sluice::outlet<int>&) -> boost::asio::awaitable<void> { co_return; }

auto made(boost::asio::any_io_executor const& executor, sluice::producer<std::string>& lines) {
    return sluice::producer_consumer<int, int>(executor, sluice::from(lines), doubler);
}
