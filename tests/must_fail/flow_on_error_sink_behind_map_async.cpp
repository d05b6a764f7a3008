// EXPECT: exchange, also behind flow::map_async and flow::stage: there the event may be another, so take
#include <sluice/flow/flow.hpp>

#include <string>
#include <vector>

namespace flow = sluice::flow;

auto answer(int i) -> boost::asio::awaitable<std::string> { co_return std::to_string(i); }

auto lengths(std::vector<int> const& numbers) {
    return flow::from(numbers) | flow::on_error(flow::to([](flow::dead_letter<int> const&) {})) |
           flow::map_async(answer) | flow::map([](std::string const& s) { return s.size(); });
}
