// EXPECT: flow::into: the stages must receive the events that come out of the flow
#include <sluice/flow/flow.hpp>

#include <string>

namespace flow = sluice::flow;

void into(std::vector<int> const& numbers, boost::asio::any_io_executor executor,
          sluice::consumer<std::string>& texts) {
    auto const f = flow::from(numbers);
    flow::into(f, executor, texts);
}
