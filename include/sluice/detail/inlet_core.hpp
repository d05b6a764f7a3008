#pragma once

#include <boost/system/system_error.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <sluice/batch.hpp>
#include <sluice/detail/inlet_side.hpp>
#include <sluice/detail/planted.hpp>
#include <sluice/discard.hpp>
#include <sluice/errc.hpp>
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
        if (front.lender) {
            try {
                front.materialize();
            } catch (...) {  // the body hears of it, and its stage ends
                owner_->fail(std::current_exception());
                throw;
            }
        }
        if (!front.over) return take_orphan(front);
        link& l = *front.over;
        auto const limit = subscriptions_[l.subscription.slot].window.cut(front.size());
        current_ = l.subscription;
        if (limit == front.size()) {
            queue_.pop();
            queued_ -= limit;
            unacknowledged_ = std::exchange(front.acknowledged, false) ? 0 : limit;
            received_ += limit;
            front.from = current_;
            if (SLUICE_BUG(acknowledged_early)) acknowledge();
            return batch_access<T>::adopt(&front);
        }
        auto cut = batch_access<T>::adopt(recycler_->take());
        cut.reserve(limit);
        try {
            for (std::size_t i = 0; i < limit; ++i) {
                cut.push_back(std::move(*front.begin()));
                ++front.offset;
            }
        } catch (...) {  // the body hears of it, and its stage ends; what was moved already is lost
            owner_->fail(std::current_exception());
            queued_ -= cut.size();
            discard(std::move(cut), discard_reason::failed);
            throw;
        }
        queued_ -= limit;
        unacknowledged_ = front.acknowledged ? 0 : limit;
        received_ += limit;
        batch_access<T>::peek(cut)->over = &l;
        batch_access<T>::peek(cut)->from = current_;
        return cut;
    }
    /// A batch that nobody has looked at goes back to the front, as if it had not been taken.
    void put_back(batch<T> events) noexcept {
        auto* b = batch_access<T>::release(events);
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
        b->handle = &inlet_core::on_events;
        queue_.push_front(*b);
    }
    std::function<void(batch<T>, discard_reason)> on_discard;

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
    // A batch that was put back when its subscription had ended.
    auto take_orphan(block<T>& front) noexcept -> batch<T> {
        queue_.pop();
        queued_ -= front.size();
        received_ += front.size();
        front.acknowledged = false;
        current_ = {};
        unacknowledged_ = 0;
        return batch_access<T>::adopt(&front);
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
        queued_ += b.size();
        if (SLUICE_BUG(order_reversed)) {
            queue_.push_front(b);
        } else {
            queue_.push(b);
        }
        receive_wait_.wake();
    }

    void discard(block<T>& b) noexcept {
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
