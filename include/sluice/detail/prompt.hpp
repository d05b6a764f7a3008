#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>
#include <concepts>
#include <new>
#include <sluice/detail/asio_fwd.hpp>
#include <utility>

// A coroutine that is awaited has a frame, which is allocated, entered, left and freed: some 25 ns, as much as all the
// rest of a receive or an emit that need not wait. So what these give has types of its own, and asio::awaitable of
// those types carries the operation itself: it is tried first, without a frame, and becomes a coroutine only where it
// waits. docs/design/prompt.md tells more.

namespace sluice::detail {

/// The operation behind an awaitable of V; specialized for the types that are answered promptly. An operation has
///   try_begin() -> bool             it is done: result() may be called, and nothing is suspended
///   try_finish(cancellation_slot)   the same with the slot of the coroutine that awaits it
///   later() -> awaitable<V>         what is left of it, as a coroutine
///   result() -> V                   once it is done
///   valid() -> bool                 false for one that was made without arguments, or moved from
template <class V>
struct prompt_operation {};

/// The same as an awaitable of what V converts to.
template <class U, class V>
auto await_as(asio::awaitable<V> what) -> asio::awaitable<U> {
    co_return co_await std::move(what);
}

#if defined(SLUICE_PLAIN_AWAITABLES)
template <class V>
concept answered_promptly = false;
#else
template <class V>
concept answered_promptly = requires {
    typename prompt_operation<V>::type;
};
#endif

}  // namespace sluice::detail

namespace boost::asio {

/// As the primary template, and made of an operation too.
template <class V>
    requires sluice::detail::answered_promptly<V>
class [[nodiscard]] awaitable<V, any_io_executor> {
    using operation = typename sluice::detail::prompt_operation<V>::type;
    using frame = detail::awaitable_frame<V, any_io_executor>;

public:
    using value_type = V;
    using executor_type = any_io_executor;

    awaitable() noexcept = default;
    explicit awaitable(operation&& what) noexcept : operation_(std::move(what)) {}
    awaitable(awaitable&& other) noexcept
        : operation_(std::move(other.operation_)), frame_(std::exchange(other.frame_, nullptr)) {}
    auto operator=(awaitable&& other) noexcept -> awaitable& {
        if (this == &other) return *this;
        this->~awaitable();
        return *::new (this) awaitable(std::move(other));
    }
    ~awaitable() {
        if (frame_) frame_->destroy();
    }

    /// For who would rather return or keep an awaitable of bool, or of std::optional.
    template <class U>
        requires std::convertible_to<V, U>
    operator awaitable<U, any_io_executor>() && { return sluice::detail::await_as<U>(std::move(*this)); }

    auto valid() const noexcept -> bool { return frame_ || operation_.valid(); }

    auto await_ready() -> bool { return !frame_ && operation_.try_begin(); }

    template <class U>
    auto await_suspend(detail::coroutine_handle<detail::awaitable_frame<U, any_io_executor>> h) -> bool {
        auto& caller = h.promise();
        if (!frame_) {
            if (operation_.try_finish(caller.await_transform(this_coro::cancellation_state).await_resume().slot()))
                return false;
            *this = std::move(operation_).later();
        }
        frame_->push_frame(&caller);
        return true;
    }

    auto await_resume() -> V {
        if (!frame_) return operation_.result();
        auto const done = awaitable(std::move(*this));
        return done.frame_->get();
    }

private:
    template <class, class>
    friend class detail::awaitable_frame;
    template <class>
    friend class detail::awaitable_thread;

    explicit awaitable(frame* f) noexcept : frame_(f) {}

    operation operation_;
    frame* frame_ = nullptr;
};

}  // namespace boost::asio
