#pragma once

#include <algorithm>
#include <boost/asio/error.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <sluice/batch.hpp>
#include <sluice/core/demand_window.hpp>
#include <sluice/core/subscription_table.hpp>
#include <sluice/detail/link.hpp>
#include <sluice/detail/planted.hpp>
#include <sluice/detail/stage_core.hpp>
#include <sluice/detail/waiter.hpp>
#include <sluice/discard.hpp>
#include <sluice/errc.hpp>
#include <sluice/options.hpp>
#include <utility>
#include <vector>

namespace sluice::detail {

/// What an inlet has for its body.
enum class inlet_state : unsigned char {
    waiting,   ///< nothing yet
    ready,     ///< a batch
    call,      ///< for handler objects: a subscription began or ended
    ended,     ///< every subscription has ended normally, or one has ended its consumer without an error
    failed,    ///< a subscription has ended its consumer with an error
    stopping,  ///< the stage is being stopped
};

/// What a consumer's handler object is to be told, in order with the batches.
struct inlet_call {
    bool subscribed = false;  // else cancelled
    link_ptr over;
    end_reason reason;
};

/// A stage's way in: its subscriptions with their windows, and the batches and ends that have arrived, in order.
template <class T>
class inlet_core final : public inlet_base {
public:
    inlet_core(stage_core& owner, inlet_options const& options)
        : owner_(&owner), stay_open_(options.stay_open), receive_wait_(owner, &owner.body_slot()) {}

    inlet_core(inlet_core const&) = delete;
    auto operator=(inlet_core const&) -> inlet_core& = delete;
    ~inlet_core() {
        free_queue();
        recycler_->close();
    }

    auto stage() const noexcept -> stage_core& { return *owner_; }

    /// Adds a subscription; asks once the stage runs. false when this inlet has ended. The caller sends it to the
    /// producer then: not before all that a constructor adds are there, for the answer may come at once, on the strand.
    auto add(link_ptr l) -> bool {
        if (closed_ || ended_) return false;
        auto const& options = l->options();
        auto const id = table_.add(options.cancel);
        if (id.slot >= subscriptions_.size()) subscriptions_.resize(id.slot + 1);
        auto& s = subscriptions_[id.slot];
        l->subscription = id;
        s.over = l;
        s.window = options.demand == demand_mode::manual ? core::demand_window::manual()
                                                         : core::demand_window(options.max_demand, options.min());
        s.opened = false;
        s.end_came = false;
        if (reporting_) {
            calls_.push_back({true, l, {}});
            receive_wait_.wake();
        }
        return true;
    }
    /// Sends a subscription that was added while the stage lives.
    void open(link& l) noexcept {
        l.subscribe();
        if (auto* s = find(l); s && started_) open(*s);
    }

    void ask(link& l, std::size_t n) noexcept override {
        if (auto* s = find(l)) l.ask(s->window.ask(n));
    }

    /// The batch taken last was processed: its events no longer count as under way, and more may be asked for.
    void acknowledge() noexcept {
        if (unacknowledged_ == 0) return;
        auto const n = std::exchange(unacknowledged_, 0);
        if (!table_.contains(current_)) return;
        auto& s = subscriptions_[current_.slot];
        if (auto const more = s.window.processed(n)) {
            s.over->ask(more);
            if (SLUICE_BUG(ask_twice)) s.over->ask(more);
        }
    }

    /// What there is. Takes in ends that have come to the front.
    auto poll() -> inlet_state {
        if (owner_->is_stopping() || closed_) return inlet_state::stopping;
        for (;;) {
            if (!calls_.empty()) return inlet_state::call;
            if (doomed_ || queue_.empty()) break;
            if (is_events(queue_.front())) return inlet_state::ready;
            take_end(link::of_end(queue_.pop()));
        }
        if (doomed_) return doom_ ? inlet_state::failed : inlet_state::ended;
        return ended_ ? inlet_state::ended : inlet_state::waiting;
    }

    auto doom() const noexcept -> std::exception_ptr const& { return doom_; }

    /// The next batch, cut to the subscription's limit. Precondition: poll() was ready.
    auto take() -> batch<T> {
        auto& front = static_cast<block<T>&>(queue_.front());
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
    /// Whom the batch taken last came from; null when that subscription has ended.
    auto current() const noexcept -> link_ptr {
        return table_.contains(current_) ? subscriptions_[current_.slot].over : nullptr;
    }

    auto receive_wait() noexcept -> wait_slot& { return receive_wait_; }

    void report_calls() noexcept { reporting_ = true; }
    auto next_call() -> inlet_call {
        auto call = std::move(calls_.front());
        calls_.pop_front();
        return call;
    }

    /// Wakes the receive that is going on at `when`; it finds timed_out() then.
    void set_deadline(environment::clock::time_point when) {
        auto const number = ++deadline_number_;
        timed_out_ = false;
        auto& s = static_cast<strand&>(*owner_);
        alarm_ = s.world().set_alarm(s.inner(), when, [this, keep = strand_ptr(&s), number] {
            send_function(*keep, [this, keep, number] {
                if (number != deadline_number_) return;
                timed_out_ = true;
                receive_wait_.wake();
            });
        });
    }
    auto timed_out() const noexcept -> bool { return timed_out_; }
    void clear_deadline() noexcept {
        ++deadline_number_;
        timed_out_ = false;
        alarm_.reset();
    }

    auto end_wait(link& l) -> wait_slot* override {
        auto* s = find(l);
        if (!s || s->end_came) return nullptr;
        if (!s->ended) s->ended = &free_end_wait();
        return s->ended;
    }

    std::function<void(batch<T>, discard_reason)> on_discard;

    auto received() const noexcept -> std::uint64_t { return received_; }
    auto discarded() const noexcept -> std::uint64_t { return discarded_; }
    auto queued() const noexcept -> std::size_t { return queued_; }
    auto live() const noexcept -> std::size_t { return table_.live(); }

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
        if (auto* s = find(l)) {
            s->end_came = true;
            if (s->ended) s->ended->wake();
        }
        if (closed_) {
            release(l);
            return;
        }
        if (SLUICE_BUG(end_overtakes_events)) discard_queued(l);
        queue_.push(l.end_message());
        // One end among several is nothing to whoever waits for events.
        if (receive_wait_.waiting() && poll() == inlet_state::waiting) return;
        receive_wait_.wake();
    }

    // What its stage says.

    void start() noexcept override {
        started_ = true;
        for (auto& s : subscriptions_) {
            if (s.over) open(s);
        }
    }

    void stop() noexcept override { receive_wait_.wake(asio::error::operation_aborted); }

    void close(end_reason const& reason) noexcept override {
        if (std::exchange(closed_, true)) return;
        alarm_.reset();
        ++deadline_number_;
        while (!queue_.empty()) {
            message& m = queue_.pop();
            if (is_events(m)) {
                discard(static_cast<block<T>&>(m));
            } else {
                release(link::of_end(m));
            }
        }
        queued_ = 0;
        for (auto& s : subscriptions_) {
            if (s.over) s.over->cancel(reason);
        }
        calls_.clear();
        receive_wait_.wake(asio::error::operation_aborted);
    }

    void abandon() noexcept override {
        closed_ = true;
        alarm_.reset();
        receive_wait_.drop();
        free_queue();
        auto const gone = end_reason(std::make_exception_ptr(boost::system::system_error(errc::abandoned)));
        for (auto& s : subscriptions_) {
            if (s.over) s.over->cancel(gone);
        }
        for (auto& wait : end_waits_) wait->drop();
        subscriptions_.clear();
        calls_.clear();
        on_discard = nullptr;
        recycler_->close();
    }

private:
    struct subscription {
        link_ptr over;
        core::demand_window window;
        bool opened = false;
        bool end_came = false;       // perhaps behind events that wait
        wait_slot* ended = nullptr;  // who waits for its end
    };

    // Kept for the life of the inlet: a wake-up or a cancellation may still be under way when the subscription is gone.
    auto free_end_wait() -> wait_slot& {
        for (auto& wait : end_waits_) {
            if (!wait->waiting()) return *wait;
        }
        return *end_waits_.emplace_back(std::make_unique<wait_slot>(*owner_));
    }

    static auto is_events(message const& m) noexcept -> bool { return m.handle == &inlet_core::on_events; }

    auto find(link const& l) noexcept -> subscription* {
        auto const slot = l.subscription.slot;
        if (slot >= subscriptions_.size() || subscriptions_[slot].over.get() != &l) return nullptr;
        return &subscriptions_[slot];
    }

    static void open(subscription& s) noexcept {
        if (std::exchange(s.opened, true)) return;
        if (auto const first = s.window.open()) s.over->ask(first);
    }

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

    void take_end(link& l) {
        auto const reason = l.reason();
        auto const said = table_.end(l.subscription, reason.kind());
        if (reporting_) calls_.push_back({false, link_ptr(&l), reason});
        if (SLUICE_BUG(end_twice) && reporting_) calls_.push_back(calls_.back());
        release(l);
        if (said == core::verdict::consumer_ends) {
            doomed_ = true;
            doom_ = reason.as_exception();
        } else if (said == core::verdict::all_ended && !stay_open_) {
            ended_ = true;
        }
    }

    void release(link& l) noexcept {
        if (auto* s = find(l)) {
            table_.end(l.subscription, core::end_kind::normal);  // a no-op when it was said already
            s->over.reset();
            s->ended = nullptr;
        }
    }

    void discard(block<T>& b) noexcept { discard(batch_access<T>::adopt(&b), discard_reason::stage_ended); }

    void discard(batch<T> events, discard_reason why) noexcept {
        if (events.empty()) return;
        discarded_ += events.size();
        owner_->log_discarded(events.size(), to_string(why));
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
            if (is_events(m)) give_back()(&static_cast<block<T>&>(m));
        }
        queued_ = 0;
    }

    stage_core* owner_;
    bool stay_open_;
    bool started_ = false;
    bool closed_ = false;
    bool ended_ = false;
    bool doomed_ = false;
    bool reporting_ = false;
    bool timed_out_ = false;
    std::exception_ptr doom_;

    core::subscription_table table_;
    std::vector<subscription> subscriptions_;  // by slot
    std::vector<std::unique_ptr<wait_slot>> end_waits_;
    message_queue queue_;     // batches and ends, as they came
    std::size_t queued_ = 0;  // events in it
    core::subscription_id current_;
    std::size_t unacknowledged_ = 0;
    boost::intrusive_ptr<recycler<T>> recycler_ = new recycler<T>;

    wait_slot receive_wait_;
    std::unique_ptr<alarm> alarm_;
    std::uint64_t deadline_number_ = 0;
    std::deque<inlet_call> calls_;

    std::uint64_t received_ = 0;
    std::uint64_t discarded_ = 0;
};

}  // namespace sluice::detail
