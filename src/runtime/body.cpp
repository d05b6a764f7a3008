#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <sluice/core/on_exit.hpp>
#include <sluice/core/planted.hpp>
#include <sluice/detail/body.hpp>

namespace sluice::detail {

auto any_body::step(body_core&) -> next_wait { return {}; }

body_core::~body_core() = default;

void body_core::set_body(any_body* body) noexcept { body_.reset(body); }

void body_core::launch() {
    if (body_->takes_steps()) {
        begin_steps();
    } else {
        spawn_body(run_body(std::move(body_)));
    }
}

void body_core::begin_steps() noexcept {
    running_ = body_.get();
    body_begins(asio::cancellation_slot());
    complete(is_stopping() ? error_code(asio::error::operation_aborted) : error_code());
}

void body_core::complete(error_code error) noexcept {
    std::exception_ptr failure;
    try {
        if (error) throw boost::system::system_error(error);
        auto const next = body_->step(*this);
        if (next.where) {
            next.where->start_own(*this);
            if (next.ready && !SLUICE_BUG(lost_wake_up)) next.where->wake();
            return;
        }
    } catch (...) {
        failure = std::current_exception();
    }
    running_ = nullptr;
    body_ = nullptr;
    body_ended(std::move(failure));
}

void body_core::drop_body() noexcept {
    running_ = nullptr;
    body_ = nullptr;
}

// The frame that holds a body and its own arguments: they outlive the body's frame, so that its references cannot
// dangle.
auto body_core::run_body(std::unique_ptr<any_body> body) -> asio::awaitable<void> {
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    running_ = body.get();
    auto const gone = core::on_exit([this] { running_ = nullptr; });
    body_begins(cancellation.slot());
    if (is_stopping()) throw_aborted();  // stopped before its first step: what it would wait for may never come
    auto running = body->call(*this);
    co_await std::move(running);
}

}  // namespace sluice::detail
