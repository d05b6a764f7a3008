#pragma once

#include <boost/system/system_error.hpp>
#include <cstddef>
#include <memory>
#include <sluice/batch.hpp>
#include <sluice/core/planted.hpp>
#include <sluice/detail/inlet_side.hpp>
#include <sluice/detail/rare_function.hpp>
#include <sluice/discard.hpp>
#include <sluice/errc.hpp>
#include <sluice/shared_batch.hpp>
#include <utility>

namespace sluice::detail {

/// A stage's way in: its subscriptions with their windows, and the batches and ends that have arrived, in order.
template <class T>
class inlet_core final : public inlet_side {
public:
    inlet_core(stage_core& owner, inlet_options const& options) : inlet_side(owner, options, &inlet_core::on_events) {}
    ~inlet_core() {
        free_queue();
        recycler_->close();
    }

    /// The next batch, cut to the subscription's limit. Precondition: poll() was ready.
    auto take() -> batch<T> {
        auto& front = static_cast<block<T>&>(queue_.front());
        if (front.lender) guard([&] { front.materialize(); });
        return batch_access<T>::adopt(take_block(front));
    }
    /// The same to look at only: what others have too is not copied.
    auto take_shared() -> shared_batch<T> {
        return shared_batch_access<T>::adopt(take_block(static_cast<block<T>&>(queue_.front())));
    }
    /// A batch that nobody has looked at goes back to the front, as if it had not been taken.
    void put_back(batch<T> events) noexcept { put_back(batch_access<T>::release(events)); }
    void put_back(block<T>* b) noexcept {
        if (!b) return;
        if (closed_) {
            discard(*b);
            return;
        }
        bool const live = table_.contains(b->from);
        if (!live) b->over = nullptr;  // its subscription may be gone by now, and owes nothing
        bool const last_taken = live && unacknowledged_ == b->size() && current_ == b->from;
        b->acknowledged = !last_taken;
        if (last_taken) unacknowledged_ = 0;
        received_ -= b->size();
        queued_ += b->size();
        b->handle = events_handler();
        queue_.push_front(*b);
    }
    void put_back(shared_batch<T> events) noexcept { put_back(shared_batch_access<T>::release(events)); }

    rare_function<void(batch<T>, discard_reason)> on_discard;

    // What its links say.

    static void on_events(message& m, bool run) noexcept {
        auto& b = static_cast<block<T>&>(m);
        if (!run) {
            give_back()(&b);
            return;
        }
        static_cast<inlet_core&>(b.over->inlet()).arrived(b);
    }

    void on_end(link& l) noexcept override {
        if (SLUICE_BUG(end_overtakes_events)) discard_queued(l);
        inlet_side::on_end(l);
    }

    // What its stage says.

    void close(end_reason const& reason) noexcept override {
        if (std::exchange(closed_, true)) return;
        clear_deadline();
        leave_links(reason.is_normal());
        if (!reason.is_normal()) note_in_hand();
        while (!queue_.empty()) {
            message& m = queue_.pop();
            if (is_events(m)) {
                discard(static_cast<block<T>&>(m));
            } else if (is_visit(m)) {
                m.handle(m, false);
            } else {
                release(link::of_end(m));
            }
        }
        queued_ = 0;
        close_links(reason);
    }

    void abandon() noexcept override {
        free_queue();
        abandon_links();
        on_discard = nullptr;
        recycler_->close();
    }

private:
    /// What user code throws here the body hears of, and its stage ends with it.
    template <class F>
    void guard(F&& f) {
        try {
            f();
        } catch (...) {
            owner_->fail(std::current_exception());
            throw;
        }
    }

    auto take_block(block<T>& front) -> block<T>* {
        if (!front.over) return take_orphan(front);
        link& l = *front.over;
        auto const limit = subscriptions_[l.subscription.slot].window.cut(front.size());
        current_ = l.subscription;
        auto* const taken = limit == front.size() ? static_cast<block<T>*>(&queue_.pop()) : cut(front, limit);
        queued_ -= limit;
        unacknowledged_ = front.acknowledged ? 0 : limit;
        if (taken == &front) front.acknowledged = false;
        received_ += limit;
        taken->over = &l;
        taken->from = current_;
        if (SLUICE_BUG(acknowledged_early)) acknowledge();
        return taken;
    }
    /// The first events of a batch, as a batch of their own.
    auto cut(block<T>& front, std::size_t limit) -> block<T>* {
        auto part = batch_access<T>::adopt(recycler_->take());
        if (front.lender) {
            front.split_loan(*batch_access<T>::peek(part), limit);
            return batch_access<T>::release(part);
        }
        part.reserve(limit);
        try {
            guard([&] {
                for (std::size_t i = 0; i < limit; ++i) {
                    part.push_back(std::move(*front.begin()));
                    ++front.offset;
                }
            });
        } catch (...) {  // what was moved already is lost
            queued_ -= part.size();
            discard(std::move(part), discard_reason::failed);
            throw;
        }
        return batch_access<T>::release(part);
    }

    // A batch that was put back when its subscription had ended.
    auto take_orphan(block<T>& front) noexcept -> block<T>* {
        queue_.pop();
        queued_ -= front.size();
        received_ += front.size();
        front.acknowledged = false;
        current_ = {};
        unacknowledged_ = 0;
        return &front;
    }

    void arrived(block<T>& b) noexcept {
        link& l = *b.over;
        auto* s = find(l);
        if (SLUICE_BUG(events_dropped_on_cancel) && l.is_cancelled()) return give_back()(&b);
        if (closed_ || !s) {
            discard(b);
            return;
        }
        if (s->window.arrived(b.size()) > 0) {
            l.cancel(end_reason(std::make_exception_ptr(boost::system::system_error(errc::excess_events))));
        }
        if (s->adaptive) s->adaptive->arrived(b.size(), *owner_);
        tell_demand(*s);
        l.meter.received += b.size();
        queued_ += b.size();
        if (SLUICE_BUG(order_reversed)) {
            queue_.push_front(b);
        } else {
            queue_.push(b);
        }
        receive_wait_.wake();
    }

    void discard(block<T>& b) noexcept {
        if (b.over && b.over->producer_keeps) return give_back()(&b);  // it is not lost
        auto const n = b.size();
        try {
            b.materialize();
        } catch (...) {  // it cannot be shown, but it is counted
            note_discarded(n, to_string(discard_reason::stage_ended));
            give_back()(&b);
            return;
        }
        discard(batch_access<T>::adopt(&b), discard_reason::stage_ended);
    }

    void discard(batch<T> events, discard_reason why) noexcept {
        if (events.empty()) return;
        note_discarded(events.size(), to_string(why));
        if (!on_discard) return;
        try {
            on_discard(std::move(events), why);
        } catch (...) {
            owner_->fail(std::current_exception());
        }
    }

    /// For SLUICE_BUG(end_overtakes_events).
    void discard_queued(link const& l) noexcept {
        message_queue before;
        while (!queue_.empty()) before.push(queue_.pop());
        while (!before.empty()) {
            auto& m = before.pop();
            if (is_events(m) && static_cast<block<T>&>(m).over == &l) {
                queued_ -= static_cast<block<T>&>(m).size();
                discard(static_cast<block<T>&>(m));
            } else {
                queue_.push(m);
            }
        }
    }

    void free_queue() noexcept {
        while (!queue_.empty()) {
            message& m = queue_.pop();
            if (is_events(m)) {
                give_back()(&static_cast<block<T>&>(m));
            } else if (is_visit(m)) {
                m.handle(m, false);
            }
        }
        queued_ = 0;
    }

    boost::intrusive_ptr<recycler<T>> recycler_ = new recycler<T>;
};

}  // namespace sluice::detail
