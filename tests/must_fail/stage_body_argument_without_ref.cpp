// MISTAKE: what the body takes by reference is given without `std::ref`
// EXPECT: sluice: the body takes an argument of its own by reference: give it std::ref(x), because a stage keeps copies
// INSTEAD: `sluice::consumer<int> summed{pool, sluice::from(numbers), adder, std::ref(sum)};`
#include <sluice/sluice.hpp>

auto adder(sluice::inlet<int>&, long&) -> boost::asio::awaitable<void> { co_return; }

auto made(boost::asio::any_io_executor const& executor, sluice::producer<int>& numbers, long& sum) {
    return sluice::consumer<int>(executor, sluice::from(numbers), adder, sum);
}
