// EXPECT: flow::reduce_all: the merge function must be callable as merge(accumulator&, accumulator).
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

void sum(std::vector<int> const& numbers, boost::asio::any_io_executor executor) {
    auto const f = flow::from(numbers);
    auto const add = [](long& sum, int i) { sum += i; };
    auto const merge = [](long& sum) { return sum; };
    flow::reduce_all(f, executor, 0L, add, merge);
}
