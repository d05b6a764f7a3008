// MISTAKE: the body takes the ends of another stage, or other arguments
// EXPECT: sluice::consumer<T>: the body must be a coroutine function that can be called as
// INSTEAD: `auto printer(sluice::inlet<int>& in) -> asio::awaitable<void>`
#include <sluice/sluice.hpp>

#include <string>

auto reads(sluice::inlet<std::string>&) -> boost::asio::awaitable<void> { co_return; }

auto made(boost::asio::any_io_executor const& executor, sluice::producer<int>& numbers) {
    return sluice::consumer<int>(executor, sluice::from(numbers), reads);
}
