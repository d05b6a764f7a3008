// EXPECT: sluice::from_range
#include <memory>
#include <sluice/from_range.hpp>
#include <vector>

auto made(boost::asio::any_io_executor const& executor, std::vector<std::unique_ptr<int>>& owned) {
    return sluice::from_range(executor, std::views::all(owned));
}
