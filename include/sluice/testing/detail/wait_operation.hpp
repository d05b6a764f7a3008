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

/// Somebody waits for a point in virtual time.
template <typename Handler, typename Executor>
class wait_operation final : public operation {
public:
    static void start(scheduler& home, Executor const& executor, scheduler::clock::time_point when, Handler&& handler) {
        auto slot = asio::get_associated_cancellation_slot(handler);
        auto op = std::make_unique<wait_operation>(executor, std::move(handler), slot);
        auto const key = home.submit_at(when, op.release());
        if (!slot.is_connected() || home.ended()) return;
        // The key is never used again, so a late signal finds nothing.
        slot.assign([&home, key](asio::cancellation_type wanted) {
            if (wanted == asio::cancellation_type::none) return;
            if (auto* const pending = static_cast<wait_operation*>(home.take_timer(key))) {
                pending->error_ = asio::error::operation_aborted;
                home.submit(pending);
            }
        });
    }

    using slot_type = asio::associated_cancellation_slot_t<Handler>;

    wait_operation(Executor const& executor, Handler&& handler, slot_type const& slot)
        : operation{&act},
          handler_{std::move(handler)},
          work_{asio::make_work_guard(handler_, executor)},
          slot_{slot} {}

private:
    using work_type = decltype(asio::make_work_guard(std::declval<Handler&>(), std::declval<Executor const&>()));

    static void act(operation* base, bool run) {
        std::unique_ptr<wait_operation> self{static_cast<wait_operation*>(base)};
        if (!run) return;
        if (self->slot_.is_connected()) self->slot_.clear();
        completed_wait<Handler> call{std::move(self->handler_), self->error_};
        auto const work = std::move(self->work_);
        self.reset();
        asio::dispatch(work.get_executor(), std::move(call));
    }

    Handler handler_;
    work_type work_;
    slot_type slot_;
    boost::system::error_code error_{};
};

}  // namespace sluice::testing::detail
