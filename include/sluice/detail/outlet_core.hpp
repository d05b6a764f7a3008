#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <sluice/batch.hpp>
#include <sluice/core/demand.hpp>
#include <sluice/core/event_buffer.hpp>
#include <sluice/detail/any_dispatcher.hpp>
#include <sluice/detail/inlet_core.hpp>
#include <sluice/detail/link.hpp>
#include <sluice/detail/on_exit.hpp>
#include <sluice/detail/planted.hpp>
#include <sluice/detail/stage_core.hpp>
#include <sluice/detail/waiter.hpp>
#include <sluice/discard.hpp>
#include <sluice/dispatcher/demand_dispatcher.hpp>
#include <sluice/errc.hpp>
#include <sluice/options.hpp>
#include <utility>
#include <vector>

namespace sluice::detail {

/// What a producer's handler object is to be told, in order.
struct outlet_call {
    enum class kind : unsigned char { demand, subscribed, cancelled, all_left };
    kind what = kind::demand;
    std::size_t demand = 0;
    link_ptr over;
    end_reason reason;
};

/// A stage's way out: its dispatcher, its links, what waits for a taker. Decides nothing by itself that a core value
/// can.
template <class T>
class outlet_core final : public outlet_base, public turn_end {
public:
    outlet_core(stage_core& owner, outlet_options const& options, std::unique_ptr<any_dispatcher<T>> dispatcher)
        : owner_(&owner),
          dispatcher_(std::move(dispatcher)),
          on_last_cancel_(options.on_last_cancel),
          buffer_(options.buffer_size, options.keep),
          recycler_(new recycler<T>),
          demand_wait_(owner, &owner.body_slot()),
          emit_wait_(owner, &owner.body_slot()) {}

    outlet_core(stage_core& owner, outlet_options const& options)
        : outlet_core(owner, options,
                      std::make_unique<erased_dispatcher<T, demand_dispatcher<T>>>(demand_dispatcher<T>())) {}

    outlet_core(outlet_core const&) = delete;
    auto operator=(outlet_core const&) -> outlet_core& = delete;

    ~outlet_core() {
        free_blocks();
        recycler_->close();
    }

    // What the body's end asks.

    auto stage() const noexcept -> stage_core& { return *owner_; }
    /// Events asked for and not emitted yet.
    auto wanted() const noexcept -> std::size_t { return wanted_; }
    /// No consumer is left, and none will be waited for.
    auto all_left() const noexcept -> bool {
        return closed_ || (had_consumers_ && live_ == 0 && on_last_cancel_ == on_last_cancel::stop);
    }
    auto has_backlog() const noexcept -> bool { return carry_ != nullptr || buffer_.size() > 0; }
    auto backlog() const noexcept -> std::size_t { return (carry_ ? carry_->size() : 0) + buffer_.size(); }

    auto make_batch() -> batch<T> {
        auto* fresh = recycler_->take();
        if (fresh->events.capacity() == 0)
            fresh->events.reserve(std::min<std::size_t>(std::max<std::size_t>(wanted_, 1), 1024));
        return batch_access<T>::adopt(fresh);
    }

    /// Hands events to those who asked; what nobody asked for stays in `carry`, and is_taken() is false.
    /// Precondition: no backlog. If user code throws, what found no taker is discarded and the exception passes on.
    void emit(batch<T> events) {
        auto* b = batch_access<T>::release(events);
        if (!b) return;
        wanted_ -= std::min(wanted_, b->size());
        emitted_ += b->size();
        carry_ = b;
        dispatch_carry(carry_->size());
    }
    /// One event; true if somebody took it, else it stays with the caller.
    auto emit_one(T& event) -> bool {
        if (dispatcher_->total_demand() == 0) return false;
        try {
            auto const rest = dispatcher_->dispatch(std::span<T>(&event, 1), delivery<T>{this, &outlet_core::deliver});
            if (!rest.empty()) return false;
        } catch (...) {
            owner_->fail(std::current_exception());
            throw;
        }
        wanted_ -= std::min<std::size_t>(wanted_, 1);
        ++emitted_;
        return true;
    }
    /// emit() for an operation that was started: what throws ends the stage, what cannot go out waits to be discarded.
    void begin_emit(batch<T> events) noexcept {
        if (events.empty()) return;  // it may own a buffer all the same, which nobody would ever take
        if (all_left() || owner_->is_stopping()) {
            carry_ = batch_access<T>::release(events);
        } else {
            guard([&] { emit(std::move(events)); });
        }
    }
    auto is_taken() const noexcept -> bool { return carry_ == nullptr; }

    /// Gives up what waits for a taker. Answers how many events that were.
    auto discard_carry(discard_reason why) noexcept -> std::size_t {
        if (!carry_) return 0;
        auto lost = batch_access<T>::adopt(std::exchange(carry_, nullptr));
        auto const n = lost.size();
        discard(std::move(lost), why);
        return n;
    }

    /// Events that could not even be taken in.
    void refuse(batch<T> events, discard_reason why) noexcept {
        if (!events.empty()) discard(std::move(events), why);
    }

    /// Hands events to those who asked; the rest goes to the buffer, whose bound may cost some.
    void push(batch<T> events) {
        auto* b = batch_access<T>::release(events);
        if (!b) return;
        wanted_ -= std::min(wanted_, b->size());
        emitted_ += b->size();
        auto* const before = std::exchange(carry_, b);
        dispatch_carry(b->size());  // behind a backlog there is no demand: the dispatcher only takes note
        b = std::exchange(carry_, before);
        if (!b) return;
        auto const rest = batch_access<T>::adopt(b);
        batch<T> dropped;
        buffer_.store(b->rest(), [&dropped](T&& event) { dropped.push_back(std::move(event)); });
        if (!dropped.empty()) discard(std::move(dropped), discard_reason::buffer_full);
    }

    auto demand_wait() noexcept -> wait_slot& { return demand_wait_; }
    auto emit_wait() noexcept -> wait_slot& { return emit_wait_; }

    /// For handler objects: calls come one by one from next_call(), and demand as it is asked for.
    void report_calls() noexcept {
        reporting_ = true;
        notify_ = &demand_wait_;
    }
    /// The same without demand, for a producer_consumer's handler; `notify` is woken besides emit_wait().
    void report_notices(wait_slot& notify) noexcept { notify_ = &notify; }
    auto has_notice() const noexcept -> bool { return !calls_.empty(); }
    auto has_call() const noexcept -> bool { return !calls_.empty() || new_demand_ > 0; }
    auto next_call() -> outlet_call {
        if (calls_.empty()) return {outlet_call::kind::demand, std::exchange(new_demand_, 0), nullptr, {}};
        auto call = std::move(calls_.front());
        calls_.pop_front();
        return call;
    }

    std::function<void(batch<T>, discard_reason)> on_discard;

    /// Events that came in through emit or push.
    auto emitted() const noexcept -> std::uint64_t { return emitted_; }
    auto discarded() const noexcept -> std::uint64_t { return discarded_; }
    auto live() const noexcept -> std::size_t { return live_; }

    // What its links say.

    void on_subscribe(link& l) noexcept override {
        if (closed_) {
            l.end(end_reason(core::end_kind::unknown_producer));
            return;
        }
        guard([&] {
            if (free_ids_.empty()) {
                l.id = static_cast<subscriber_id>(links_.size());
                links_.emplace_back(&l);
            } else {
                l.id = free_ids_.back();
                free_ids_.pop_back();
                links_[l.id].reset(&l);
            }
            l.accepted = true;
            ++live_;
            had_consumers_ = true;
            notify({outlet_call::kind::subscribed, 0, link_ptr(&l), {}});
            add_demand(dispatcher_->subscribe(l.id, {}));
        });
    }

    void on_ask(link& l, std::size_t n) noexcept override {
        if (!is_live(l)) return;
        guard([&] {
            add_demand(dispatcher_->ask(l.id, n, backlog()));
            if (owner_->logger) {
                if (auto const warning = dispatcher_->take_warning()) owner_->log_warning(*warning);
            }
            pump();
        });
    }

    void on_cancel(link& l) noexcept override {
        if (!is_live(l)) return;  // its end is under way already
        guard([&] {
            send_open(l);
            link_ptr const keep(&l);
            links_[l.id].reset();
            --live_;
            auto const& reason = l.cancel_reason();
            l.end(reason);  // first: a dispatcher may throw, and nobody else would send it
            add_demand(dispatcher_->cancel(l.id));
            free_ids_.push_back(l.id);
            notify({outlet_call::kind::cancelled, 0, keep, reason});
            if (all_left()) {
                notify({outlet_call::kind::all_left, 0, nullptr, {}});
                demand_wait_.wake();
                emit_wait_.wake();
                if (draining_) owner_->end_drained();
            } else {
                pump();
            }
        });
    }

    // What its stage says.

    void drain() noexcept override { draining_ = true; }
    auto is_drained() const noexcept -> bool override { return !has_backlog() || all_left(); }

    void stop() noexcept override {
        demand_wait_.wake(asio::error::operation_aborted);
        emit_wait_.wake(asio::error::operation_aborted);
    }

    void close(end_reason const& reason) noexcept override {
        if (std::exchange(closed_, true)) return;
        turn_ends();
        discard_carry(discard_reason::stage_ended);
        batch<T> left;
        guard([&] {
            if (buffer_.size() > 0) left.reserve(buffer_.size());
            buffer_.clear([&left](T&& event) { left.push_back(std::move(event)); });
        });
        if (!left.empty()) discard(std::move(left), discard_reason::stage_ended);
        end_links(reason);
        // Nobody will hear them, and they refer to peers, and through those to this stage.
        if (!SLUICE_BUG(calls_kept)) calls_.clear();
        stop();
    }

    void abandon() noexcept override {
        closed_ = true;
        demand_wait_.drop();
        emit_wait_.drop();
        for (auto& l : links_) {
            if (l && l->open) delete static_cast<block<T>*>(std::exchange(l->open, nullptr));
        }
        open_links_.clear();
        end_links(end_reason(std::make_exception_ptr(boost::system::system_error(errc::abandoned))));
        free_blocks();
        calls_.clear();
        on_discard = nullptr;
    }

    void turn_ends() noexcept override {
        if (SLUICE_BUG(open_batch_forgotten)) return;
        for (auto& l : open_links_) send_open(*l);
        open_links_.clear();
    }

private:
    // Fewer events than this are kept back until the turn ends, to travel together, while their consumer is busy
    // anyway.
    static constexpr std::size_t small_batch = 64;

    auto is_live(link const& l) const noexcept -> bool { return l.id < links_.size() && links_[l.id].get() == &l; }

    void add_demand(std::size_t n) noexcept {
        if (n == 0) return;
        wanted_ = core::saturating_add(wanted_, n);
        if (reporting_) new_demand_ = core::saturating_add(new_demand_, n);
        demand_wait_.wake();
    }

    void notify(outlet_call call) {
        if (!notify_) return;
        calls_.push_back(std::move(call));
        notify_->wake();
        emit_wait_.wake();
    }

    /// User code may throw wherever events are touched; then the stage fails.
    template <class F>
    void guard(F&& f) noexcept {
        try {
            f();
        } catch (...) {
            owner_->fail(std::current_exception());
        }
    }

    /// Serves the backlog as far as there is demand for it.
    void pump() {
        if (carry_) dispatch_carry(std::min(carry_->size(), dispatcher_->total_demand()));
        while (!carry_ && buffer_.size() > 0) {
            auto const n = std::min(dispatcher_->total_demand(), buffer_.size());
            if (n == 0) break;
            auto const events = buffer_.front(n);
            handed_ = 0;
            auto const take_out = on_exit([&] { buffer_.pop(handed_); });
            auto const rest = dispatcher_->dispatch(events, delivery<T>{this, &outlet_core::deliver});
            if (!rest.empty()) break;
        }
        if (!carry_) emit_wait_.wake();
        if (draining_ && !has_backlog()) owner_->end_drained();
    }

    void dispatch_carry(std::size_t n) {
        if (n == 0) return;
        handed_ = 0;
        try {
            dispatcher_->dispatch(carry_->rest().first(n), delivery<T>{this, &outlet_core::deliver});
        } catch (...) {
            if (carry_) carry_->offset += handed_;   // first: a stage that drains ends in fail(), and discards the rest
            owner_->fail(std::current_exception());  // whatever the body makes of it: demand was used up and not met
            discard_carry(discard_reason::failed);
            throw;
        }
        if (!carry_) return;  // it went away as a whole
        carry_->offset += handed_;
        if (carry_->size() == 0) give_back()(std::exchange(carry_, nullptr));
    }

    static void deliver(void* self, subscriber_id id, std::span<T> part) {
        static_cast<outlet_core*>(self)->deliver(*static_cast<outlet_core*>(self)->links_[id], part);
    }

    void deliver(link& l, std::span<T> part) {
        bool const whole = carry_ && part.data() == carry_->begin() && part.size() == carry_->size();
        if (whole && (part.size() >= small_batch || !l.open)) {
            send_open(l);
            auto* b = std::exchange(carry_, nullptr);
            if (b->size() < small_batch && is_busy(l)) {
                keep_open(l, b);
            } else {
                send(l, b);
            }
            return;
        }
        if (!l.open) keep_open(l, recycler_->take());
        auto& events = static_cast<block<T>*>(l.open)->events;
        {
            // Room first: where moves may throw, a vector that grows could lose the event that it is growing for.
            auto const room = events.size() + part.size();
            if (room > events.capacity()) events.reserve(std::max(room, 2 * events.capacity()));
            auto const before = events.size();
            auto const count = on_exit([&] { handed_ += events.size() - before; });
            for (T& event : part) events.push_back(std::move(event));
        }
        if (events.size() >= small_batch * 4 || !is_busy(l)) send_open(l);
    }

    // A consumer that has nothing to do gets its events at once; one that has, looks at them later anyway.
    auto is_busy(link const& l) const noexcept -> bool { return !l.consumer().looks_idle(); }

    void keep_open(link& l, block<T>* b) {
        l.open = b;
        open_links_.push_back(link_ptr(&l));
        owner_->at_turn_end(*this);
    }

    void send_open(link& l) noexcept {
        if (auto* b = static_cast<block<T>*>(std::exchange(l.open, nullptr))) {
            if (b->size() == 0) {
                give_back()(b);
            } else {
                send(l, b);
            }
        }
    }

    void send(link& l, block<T>* b) noexcept {
        b->over = &l;
        b->handle = &inlet_core<T>::on_events;
        l.consumer().send(*b);
    }

    void discard(batch<T> events, discard_reason why) noexcept {
        if (events.empty()) return;
        discarded_ += events.size();
        owner_->log_discarded(events.size(), to_string(why));
        if (!on_discard) return;
        guard([&] { on_discard(std::move(events), why); });
    }

    void end_links(end_reason const& reason) noexcept {
        for (auto& l : links_) {
            if (l) l->end(reason);
        }
        links_.clear();
        live_ = 0;
    }

    void free_blocks() noexcept {
        if (carry_) give_back()(std::exchange(carry_, nullptr));
    }

    stage_core* owner_;
    std::unique_ptr<any_dispatcher<T>> dispatcher_;
    sluice::on_last_cancel on_last_cancel_;

    std::vector<link_ptr> links_;  // by subscriber id
    std::vector<subscriber_id> free_ids_;
    std::vector<link_ptr> open_links_;
    std::size_t live_ = 0;
    bool had_consumers_ = false;
    bool closed_ = false;
    bool draining_ = false;

    std::size_t wanted_ = 0;
    std::size_t handed_ = 0;        // events handed over in the dispatch that is going on
    block<T>* carry_ = nullptr;     // a batch that waits for takers
    core::event_buffer<T> buffer_;  // events pushed without demand
    boost::intrusive_ptr<recycler<T>> recycler_;

    wait_slot demand_wait_;
    wait_slot emit_wait_;

    bool reporting_ = false;       // demand too
    wait_slot* notify_ = nullptr;  // where the handler waits for calls
    std::size_t new_demand_ = 0;
    std::deque<outlet_call> calls_;

    std::uint64_t emitted_ = 0;
    std::uint64_t discarded_ = 0;
};

}  // namespace sluice::detail
