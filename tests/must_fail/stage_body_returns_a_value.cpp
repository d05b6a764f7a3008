// MISTAKE: the body returns a result
// EXPECT: sluice: the body must return boost::asio::awaitable<void>, and no value: give it std::ref(result)
// INSTEAD: `sluice::consumer<int> summed{pool, sluice::from(numbers), adder, std::ref(sum)};`
#include <sluice/sluice.hpp>

auto adder(sluice::inlet<int>&) -> boost::asio::awaitable<long> { co_return 0; }

auto made(boost::asio::any_io_executor const& executor, sluice::producer<int>& numbers) {
    return sluice::consumer<int>(executor, sluice::from(numbers), adder);
}
