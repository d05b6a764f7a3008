#include <boost/asio/this_coro.hpp>
#include <sluice/detail/body.hpp>
#include <sluice/detail/on_exit.hpp>

namespace sluice::detail {

body_core::~body_core() = default;

void body_core::launch() { spawn_body(run_body(std::move(body_))); }

void body_core::drop_body() noexcept { body_ = nullptr; }

// The frame that holds a body and its own arguments: they outlive the body's frame, so that its references cannot
// dangle.
auto body_core::run_body(std::unique_ptr<any_body> body) -> asio::awaitable<void> {
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    running_ = body.get();
    auto const gone = on_exit([this] { running_ = nullptr; });
    body_begins(cancellation.slot());
    if (is_stopping()) throw_aborted();  // stopped before its first step: what it would wait for may never come
    auto running = body->call(*this);
    co_await std::move(running);
}

}  // namespace sluice::detail
