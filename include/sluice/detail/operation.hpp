#pragma once

#include <atomic>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/recycling_allocator.hpp>
#include <cstdint>
#include <exception>
#include <memory>
#include <sluice/detail/message.hpp>
#include <sluice/detail/strand_executor.hpp>
#include <utility>

namespace sluice::detail {

/// An operation that any coroutine or thread starts on an object with a strand of its own: intake and stream.
/// It travels to the strand as a message, waits there in line, and completes on its handler's executor, as if by post.
template <class Value>
class operation : public message {
public:
    /// Frees itself, then posts the handler with what it is owed.
    virtual void complete(std::exception_ptr error, Value value) noexcept = 0;
    virtual void drop() noexcept = 0;

    std::uint64_t number = 0;

protected:
    using message::message;
    ~operation() = default;
};

/// `Payload` is what the operation brings along; `Owner` has `arrived(operation, payload)` for when it is on the
/// strand.
template <class Value, class Owner, class Payload, class Handler>
class operation_of final : public operation<Value> {
public:
    static void start(Owner& owner, Payload payload, Handler handler) {
        auto allocator = allocator_for(handler);
        auto* memory = std::allocator_traits<allocator_type>::allocate(allocator, 1);
        auto* op = ::new (static_cast<void*>(memory)) operation_of(owner, std::move(payload), std::move(handler));
        op->number = owner.next_number();
        auto slot = asio::get_associated_cancellation_slot(op->handler_);
        if (slot.is_connected()) {
            slot.assign([keep = boost::intrusive_ptr<Owner>(&owner), number = op->number](asio::cancellation_type) {
                send_function(*keep, [keep, number] { keep->cancelled(number); });
            });
        }
        owner.send(*op);
    }

    void complete(std::exception_ptr error, Value value) noexcept override {
        auto const executor = work_;
        Handler given(std::move(handler_));
        free(given);
        auto call = [h = std::move(given), error = std::move(error), value = std::move(value)]() mutable {
            std::move(h)(std::move(error), std::move(value));
        };
        asio::post(executor, std::move(call));
    }

    void drop() noexcept override {
        Handler const given(std::move(handler_));
        auto const work = work_;
        free(given);
    }

private:
    using executor_type = asio::associated_executor_t<Handler, asio::any_io_executor>;
    using work_type =
        std::decay_t<decltype(asio::prefer(std::declval<executor_type>(), asio::execution::outstanding_work.tracked))>;
    using allocator_type = typename std::allocator_traits<
        asio::associated_allocator_t<Handler, asio::recycling_allocator<void>>>::template rebind_alloc<operation_of>;

    operation_of(Owner& owner, Payload payload, Handler given)
        : operation<Value>(&operation_of::run_or_drop),
          owner_(&owner),
          payload_(std::move(payload)),
          handler_(std::move(given)),
          work_(asio::prefer(asio::get_associated_executor(handler_, owner.fallback_executor()),
                             asio::execution::outstanding_work.tracked)) {}

    static auto allocator_for(Handler const& given) -> allocator_type {
        return allocator_type(asio::get_associated_allocator(given, asio::recycling_allocator<void>()));
    }
    void free(Handler const& given) noexcept {
        auto allocator = allocator_for(given);
        this->~operation_of();
        std::allocator_traits<allocator_type>::deallocate(allocator, this, 1);
    }

    static void run_or_drop(message& m, bool run) noexcept {
        auto& self = static_cast<operation_of&>(m);
        if (run) {
            self.owner_->arrived(self, std::move(self.payload_));
        } else {
            self.drop();
        }
    }

    Owner* owner_;  // alive: the message is on its way to its strand
    Payload payload_;
    Handler handler_;
    work_type work_;
};

}  // namespace sluice::detail
