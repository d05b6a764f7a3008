#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <sluice/detail/flow_lane.hpp>
#include <sluice/detail/strand_executor.hpp>

namespace sluice::detail {

auto lane_core::run_body() -> asio::awaitable<void> {
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    body_begins(cancellation.slot());
    co_await run();
}

void lane_core::launch() {
    auto ended = [this](std::exception_ptr error) { body_ended(std::move(error)); };
    asio::co_spawn(asio::any_io_executor(strand_executor(*this)), run_body(),
                   asio::bind_cancellation_slot(body_signal_.slot(), std::move(ended)));
}

void lane_core::abandoned() noexcept {
    stage_core::abandoned();
    rest_wait_.drop();
}

}  // namespace sluice::detail
