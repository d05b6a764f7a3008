// EXPECT: flow::to: the container must have push_back, insert or push for the events that come out of the flow.
#include <sluice/flow/flow.hpp>

#include <string>

namespace flow = sluice::flow;

void texts(std::vector<int*> const& numbers, boost::asio::any_io_executor executor) {
    auto const f = flow::from(numbers);
    flow::to<std::vector<std::string>>(f, executor);
}
