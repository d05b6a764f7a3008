// EXPECT: sluice::from(x, options): the options of a subscription are sluice::subscribe_options
#include <sluice/sluice.hpp>

auto chosen(sluice::producer<int>& numbers) { return sluice::from(numbers, sluice::inlet_options{}); }
