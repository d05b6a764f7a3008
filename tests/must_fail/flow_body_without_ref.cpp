// EXPECT: sluice: the body takes an argument of its own by reference: give it std::ref(x), because a stage keeps copies
#include <sluice/flow/flow.hpp>

namespace flow = sluice::flow;

auto adder(sluice::inlet<int>&, long&) -> boost::asio::awaitable<void> { co_return; }

auto summed(std::vector<int> const& numbers, long& sum) { return flow::from(numbers) | flow::sink(adder, sum); }
