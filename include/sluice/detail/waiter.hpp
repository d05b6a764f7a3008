#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/prefer.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <sluice/core/planted.hpp>
#include <sluice/detail/strand.hpp>
#include <sluice/detail/strand_executor.hpp>
#include <utility>

namespace sluice::detail {

using boost::system::error_code;

/// An operation that waits, with its handler erased.
class waiter {
public:
    virtual ~waiter() = default;
    /// Frees itself, then hands the result to the handler on its executor; inline when that is the present strand.
    virtual void complete(error_code error) noexcept = 0;
    /// Frees itself and the handler with all that it owns.
    virtual void drop() noexcept = 0;
};

/// The place where the one outstanding operation of a kind waits: demand, emit or receive.
///
/// An operation completes in a turn of its strand, after the messages that were there before it was woken: never inside
/// the call that wakes it, let alone the one that starts it.
class wait_slot : private message {
public:
    /// `body_slot`: the cancellation slot of the strand's body, if whoever stops it wakes what waits here by himself.
    explicit wait_slot(strand& s, asio::cancellation_slot const* body_slot = nullptr) noexcept
        : message(&wait_slot::run_or_drop), strand_(&s), body_slot_(body_slot) {}
    wait_slot(wait_slot const&) = delete;
    auto operator=(wait_slot const&) -> wait_slot& = delete;
    ~wait_slot() { drop(); }

    auto waiting() const noexcept -> bool { return waiter_ != nullptr; }
    /// Where to note how long operations have waited here.
    void measure(waiting_time& into) noexcept { time_ = &into; }

    /// Lets the operation complete without error: it will look for itself what there is.
    void wake() noexcept { wake_with(false); }
    /// Lets it complete with operation_aborted.
    void abort() noexcept { wake_with(true); }
    /// Cancels the operation, if it is still the one with that number and has not been woken.
    void cancel(std::uint64_t number) noexcept {
        if (number == number_) abort();
    }
    void drop() noexcept {
        if (auto* w = std::exchange(waiter_, nullptr)) w->drop();
    }

    /// Starts an operation. On the strand, with none waiting; its handler's cancellation slot must belong there too.
    /// `result` calls the handler with what it is owed.
    template <class Handler, class Result>
    void start(Handler&& handler, Result result);
    /// The same for an operation that is not cancelled: its slot is left alone, for it may belong to another thread.
    template <class Handler, class Result>
    void start_uncancelled(Handler&& handler, Result result);

    /// The same for a coroutine that awaits it. In the body's own thread of execution nothing needs to be asked of the
    /// handler: it runs on the strand, and a stop wakes it without its slot.
    template <class Handler>
    void start_awaited(Handler&& handler);

    /// The same for one that lives longer than it waits, and is its stage's own.
    void start_own(waiter& w) noexcept {
        ++number_;
        waiter_ = &w;
        if (time_) strand_->waits(*time_);
    }

private:
    // As a message it says that what waits here is ready.
    static void run_or_drop(message& m, bool run) noexcept {
        auto& slot = static_cast<wait_slot&>(m);
        slot.woken_ = false;
        if (!run) return;
        if (slot.time_) slot.time_->end(slot.strand_->moment());
        auto const error = slot.aborted_ ? error_code(asio::error::operation_aborted) : error_code();
        if (auto* w = std::exchange(slot.waiter_, nullptr)) w->complete(error);
    }
    void wake_with(bool aborted) noexcept {
        if (!waiter_ || woken_) return;
        woken_ = true;
        aborted_ = aborted;
        strand_->send(*this);
    }

    strand* strand_;
    asio::cancellation_slot const* body_slot_;
    waiter* waiter_ = nullptr;
    waiting_time* time_ = nullptr;
    std::uint64_t number_ = 0;
    bool woken_ = false;
    bool aborted_ = false;
};

/// true where handlers for `executor` may be called directly in a turn of `s`.
inline auto runs_on(strand const& s, asio::any_io_executor const& executor) noexcept -> bool {
    auto const* target = executor.template target<strand_executor>();
    return target && target->target() == &s;
}
inline auto runs_on(strand const& s, strand_executor const& executor) noexcept -> bool {
    return executor.target() == &s;
}
template <class Executor>
auto runs_on(strand const&, Executor const&) noexcept -> bool {
    return false;
}

template <class Handler, class Result>
class waiting_handler final : public waiter {
public:
    using allocator_type = typename std::allocator_traits<
        asio::associated_allocator_t<Handler, asio::recycling_allocator<void>>>::template rebind_alloc<waiting_handler>;

    static auto make(strand& s, Handler&& handler, Result&& result, bool known_to_run_there = false)
        -> waiting_handler* {
        auto allocator = allocator_for(handler);
        auto* memory = std::allocator_traits<allocator_type>::allocate(allocator, 1);
        auto* made = ::new (static_cast<void*>(memory)) waiting_handler(s, std::move(handler), std::move(result));
        if (!known_to_run_there) made->keep_executor_busy();
        return made;
    }

    void complete(error_code error) noexcept override {
        auto& s = *strand_;  // alive: this is a turn of it
        Handler handler(std::move(handler_));
        Result result(std::move(result_));
        auto const work = std::move(work_);
        free(handler);
        try {
#if defined(SLUICE_PLANTED_BUGS)
            if (!work && SLUICE_BUG(wrong_strand)) {
                s.inner().execute([h = std::move(handler), result = std::move(result), error]() mutable {
                    result.call(std::move(h), error);
                });
                return;
            }
#endif
            if (!work) {
                result.call(std::move(handler), error);
            } else {
                // The result is taken here, on the strand, and crosses over with the handler.
                auto const executor = asio::get_associated_executor(handler, strand_executor(s));
                result.send(std::move(handler), error, executor);
            }
        } catch (...) {  // it leaves the executor's run(), as anywhere in Asio
            s.inner().execute([e = std::current_exception()] { std::rethrow_exception(e); });
        }
    }

    void drop() noexcept override {
        Handler const handler(std::move(handler_));
        auto const work = std::move(work_);
        free(handler);
    }

private:
    using executor_type = asio::associated_executor_t<Handler, strand_executor>;
    using work_type =
        std::decay_t<decltype(asio::prefer(std::declval<executor_type>(), asio::execution::outstanding_work.tracked))>;

    waiting_handler(strand& s, Handler&& handler, Result&& result)
        : strand_(&s), handler_(std::move(handler)), result_(std::move(result)) {}

    void keep_executor_busy() {
        auto const executor = asio::get_associated_executor(handler_, strand_executor(*strand_));
        if (runs_on(*strand_, executor)) return;
        work_.emplace(asio::prefer(executor, asio::execution::outstanding_work.tracked));
    }

    static auto allocator_for(Handler const& handler) -> allocator_type {
        return allocator_type(asio::get_associated_allocator(handler, asio::recycling_allocator<void>()));
    }

    void free(Handler const& handler) noexcept {
        auto allocator = allocator_for(handler);
        this->~waiting_handler();
        std::allocator_traits<allocator_type>::deallocate(allocator, this, 1);
    }

    strand* strand_;
    Handler handler_;
    Result result_;
    std::optional<work_type> work_;  // empty when the handler runs on the strand, whose run keeps the context busy
};

template <class Handler, class Result>
void wait_slot::start(Handler&& given, Result result) {
    auto const number = number_ + 1;
    auto slot = asio::get_associated_cancellation_slot(given);
    if (slot.is_connected()) {
        slot.assign([keep = strand_ptr(strand_), this, number](asio::cancellation_type) {
            send_function(*keep, [keep, this, number] { cancel(number); });
        });
    }
    start_uncancelled(std::forward<Handler>(given), std::move(result));
}

template <class Handler, class Result>
void wait_slot::start_uncancelled(Handler&& given, Result result) {
    using handler_type = std::decay_t<Handler>;
    ++number_;
    handler_type local(std::forward<Handler>(given));
    waiter_ = waiting_handler<handler_type, Result>::make(*strand_, std::move(local), std::move(result));
    if (time_) strand_->waits(*time_);
}

/// The result of an operation whose handler takes an error code and nothing else.
struct no_result {
    template <class Handler>
    void call(Handler&& handler, error_code error) {
        std::forward<Handler>(handler)(error);
    }
    template <class Handler, class Executor>
    void send(Handler&& handler, error_code error, Executor const& executor) {
        asio::dispatch(executor, [h = std::forward<Handler>(handler), error]() mutable { std::move(h)(error); });
    }
};

template <class Handler>
void wait_slot::start_awaited(Handler&& given) {
    using handler_type = std::decay_t<Handler>;
    if (!body_slot_ || asio::get_associated_cancellation_slot(given) != *body_slot_) {
        start(std::forward<Handler>(given), no_result());
        return;
    }
    ++number_;
    handler_type local(std::forward<Handler>(given));
    waiter_ = waiting_handler<handler_type, no_result>::make(*strand_, std::move(local), no_result(), true);
    if (time_) strand_->waits(*time_);
}

}  // namespace sluice::detail
