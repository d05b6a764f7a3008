#pragma once

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <sluice/detail/asio_fwd.hpp>
#include <sluice/testing/detail/scheduler.hpp>
#include <utility>

namespace sluice::testing::detail {

/// A handler with its error code, ready to be called, in the handler's own memory.
template <typename Handler>
struct completed_wait {
    using allocator_type = asio::associated_allocator_t<Handler>;

    auto get_allocator() const noexcept -> allocator_type { return asio::get_associated_allocator(handler); }
    void operator()() { std::move(handler)(error); }

    Handler handler;
    boost::system::error_code error;
};

/// What a wait shows to whoever cancels it.
class pending_wait : public operation {
public:
    /// Ends the wait that has this key early; false if it is over already.
    static auto cancel(scheduler& home, scheduler::timer_key key) -> bool {
        auto* const pending = static_cast<pending_wait*>(home.take_timer(key));
        if (pending == nullptr) return false;
        pending->error_ = asio::error::operation_aborted;
        home.submit(pending);
        return true;
    }

protected:
    using operation::operation;
    ~pending_wait() = default;

    auto error() const noexcept -> boost::system::error_code const& { return error_; }

private:
    boost::system::error_code error_{};
};

/// Somebody waits for a point in virtual time.
template <typename Handler, typename Executor>
class wait_operation final : public pending_wait {
public:
    static auto start(scheduler& home, Executor const& executor, scheduler::clock::time_point when, Handler&& handler)
        -> scheduler::timer_key {
        auto slot = asio::get_associated_cancellation_slot(handler);
        auto op = std::make_unique<wait_operation>(executor, std::move(handler), slot);
        auto const key = home.submit_at(when, op.release());
        // The key is never used again, so a late signal finds nothing.
        if (slot.is_connected() && !home.ended()) {
            slot.assign([&home, key](asio::cancellation_type wanted) {
                if (wanted != asio::cancellation_type::none) cancel(home, key);
            });
        }
        return key;
    }

    using slot_type = asio::associated_cancellation_slot_t<Handler>;

    wait_operation(Executor const& executor, Handler&& handler, slot_type const& slot)
        : pending_wait{&act},
          handler_{std::move(handler)},
          work_{asio::make_work_guard(handler_, executor)},
          slot_{slot} {}

private:
    using work_type = decltype(asio::make_work_guard(std::declval<Handler&>(), std::declval<Executor const&>()));

    static void act(operation* base, bool run) {
        std::unique_ptr<wait_operation> self{static_cast<wait_operation*>(base)};
        if (!run) return;
        if (self->slot_.is_connected()) self->slot_.clear();
        completed_wait<Handler> call{std::move(self->handler_), self->error()};
        auto const work = std::move(self->work_);
        self.reset();
        asio::dispatch(work.get_executor(), std::move(call));
    }

    Handler handler_;
    work_type work_;
    slot_type slot_;
};

}  // namespace sluice::testing::detail
