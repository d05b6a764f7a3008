// EXPECT: flow::reduce_by_key: the merge function must be callable as merge(accumulator&, accumulator).
#include <sluice/flow/flow.hpp>

#include <string>

namespace flow = sluice::flow;

auto sums(std::vector<int> const& numbers) {
    return flow::from(numbers) |
           flow::reduce_by_key([](int i) { return i % 10; }, 0L, [](long& sum, int i) { sum += i; },
                               [](long& sum, std::string const& more) { sum += more.size(); });
}
