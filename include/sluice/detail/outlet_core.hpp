#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <sluice/batch.hpp>
#include <sluice/core/event_buffer.hpp>
#include <sluice/detail/any_dispatcher.hpp>
#include <sluice/detail/carrying.hpp>
#include <sluice/detail/kept_batches.hpp>
#include <sluice/detail/link_writer.hpp>
#include <sluice/detail/on_exit.hpp>
#include <sluice/detail/outlet_side.hpp>
#include <sluice/detail/planted.hpp>
#include <sluice/detail/terms.hpp>
#include <sluice/discard.hpp>
#include <sluice/dispatcher/demand_dispatcher.hpp>
#include <sluice/errc.hpp>
#include <span>
#include <utility>

namespace sluice::detail {

/// A stage's way out: its dispatcher, its links, what waits for a taker. Decides nothing by itself that a core value
/// can.
template <class T>
class outlet_core final : public outlet_side {
public:
    outlet_core(stage_core& owner, outlet_options const& options,
                std::unique_ptr<any_dispatcher<T>> dispatcher = erase_dispatcher<T>(demand_dispatcher<T>()))
        : outlet_side(owner, options),
          dispatcher_(std::move(dispatcher)),
          buffer_(options.buffer_size, options.keep),
          writer_(owner) {}

    ~outlet_core() { part_with(std::exchange(carry_, nullptr)); }

    /// Something waits for a taker, so that emit() has to wait.
    auto has_backlog() const noexcept -> bool {
        return carry_ != nullptr || buffer_.size() > 0 || !redelivery_.empty();
    }
    auto backlog() const noexcept -> std::size_t {
        return (carry_ ? carry_->size() : 0) + buffer_.size() + redelivery_.size();
    }

    auto make_batch() -> batch<T> {
        auto* fresh = writer_.take_block();
        if (fresh->events.capacity() == 0)
            fresh->events.reserve(std::min<std::size_t>(std::max<std::size_t>(wanted(), 1), 1024));
        return batch_access<T>::adopt(fresh);
    }

    /// Hands events to those who asked; what nobody asked for stays in `carry`, and is_taken() is false.
    /// Precondition: no backlog. If user code throws, what found no taker is discarded and the exception passes on.
    void emit(batch<T> events) {
        auto* b = batch_access<T>::release(events);
        if (!b) return;
        use_demand(b->size());
        carry_ = b;
        dispatch_carry(b->size());
    }
    /// One event; true if somebody took it, else it stays with the caller.
    auto emit_one(T& event) -> bool {
        if (dispatcher_->shares || dispatcher_->total_demand() == 0) return false;
        try {
            if (!dispatch(std::span<T>(&event, 1)).empty()) return false;
        } catch (...) {
            if (handed_ == 0) note_discarded(1, to_string(discard_reason::failed));  // its own move threw
            owner_->fail(std::current_exception());
            throw;
        }
        use_demand(1);
        settle();
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
        auto const n = discard_block(std::exchange(carry_, nullptr), why);
        guard([&] { pass_visits(std::exchange(behind_carry_, {})); });
        return n;
    }

    /// Events that could not even be taken in.
    void refuse(batch<T> events, discard_reason why) noexcept { discard(std::move(events), why); }

    /// Hands events to those who asked; the rest goes to the buffer, whose bound may cost some.
    void push(batch<T> events) {
        auto* b = batch_access<T>::release(events);
        if (!b) return;
        use_demand(b->size());
        if (has_backlog()) {  // then nobody has demand, and the dispatcher only takes note
            auto all = batch_access<T>::adopt(b);
            dispatch(b->rest());
            return store(std::move(all));
        }
        carry_ = b;
        dispatch_carry(b->size());
        if (carry_) store(own_rest(std::exchange(carry_, nullptr), make_batch()));
    }

    /// Runs a visit when all that waits for a taker by now has gone. GenStage: `async_info`.
    void line_up(visit_ptr what) {
        auto const n = number(std::move(what));
        if (buffer_.store_info(n)) return;
        if (carry_) {
            behind_carry_.push_back(n);
        } else {
            pass_visit(n);
        }
    }
    /// Events that wait for a taker, in the stage or in its dispatcher. GenStage: `estimate_buffered_count`.
    auto buffered() const noexcept -> std::size_t { return backlog() + dispatcher_->queued(); }

    std::function<void(batch<T>, discard_reason)> on_discard;

    // What its links say.

    void on_subscribe(link& l) noexcept override {
        if (closed_) {
            l.end(end_reason(core::end_kind::unknown_producer));
            return;
        }
        guard([&] {
            attach(l);
            try {
                if (l.options().redeliver) start_redelivery(l);
                add_demand(dispatcher_->subscribe(l.id, subscriber_of<T>(l)));
            } catch (...) {
                return refuse(l, std::current_exception());
            }
            notify({outlet_call::kind::subscribed, 0, link_ptr(&l), {}});
            settle();
        });
    }

    void on_ask(link& l, std::size_t n) noexcept override {
        if (is_accumulating()) return hold_ask(l, n);
        take_ask(l, n);
        serve();
    }

    void on_cancel(link& l) noexcept override {
        if (!is_live(l)) return;  // its end is under way already
        guard([&] { drop(l, l.cancel_reason()); });
    }

    void on_acknowledge(link& l) noexcept override {
        auto* kept = is_live(l) ? redelivery_.of(l) : nullptr;
        if (!kept) return;
        kept->acknowledge(l.acknowledged());
        if (draining_ && is_drained()) owner_->end_drained();
    }

    // What its stage says.

    void drain() noexcept override { draining_ = true; }
    auto is_drained() const noexcept -> bool override {
        return all_left() || (!has_backlog() && dispatcher_->queued() == 0 && !redelivery_.is_under_way());
    }

    void close(end_reason const& reason) noexcept override {
        if (std::exchange(closed_, true)) return;
        writer_.turn_ends();
        discard_carry(discard_reason::stage_ended);
        for (auto const& l : links_) {
            if (l) note_lost(redelivery_.end(*l));
        }
        discard_kept();
        end_links(reason);
        // Nobody will hear them, and they refer to peers, and through those to this stage.
        if (!SLUICE_BUG(calls_kept)) calls_.clear();
        stop();
    }

    void abandon() noexcept override {
        closed_ = true;
        demand_wait_.drop();
        emit_wait_.drop();
        writer_.abandon();
        end_links(end_reason(std::make_exception_ptr(boost::system::system_error(errc::abandoned))));
        part_with(std::exchange(carry_, nullptr));
        redelivery_.clear();
        calls_.clear();
        on_discard = nullptr;
    }

private:
    void start_redelivery(link const& l) {
        if constexpr (!std::is_copy_constructible_v<T>) throw_error(errc::not_copyable);
        if (dispatcher_->shares) throw_error(errc::redelivery_of_shared);
        redelivery_.add(l);
    }

    /// The dispatcher will not have it: the subscription ends with what it threw.
    void refuse(link& l, std::exception_ptr const& why) {
        auto const keep = detach(l);
        free_id(l.id);
        l.end(refusal(why));
    }

    void take_ask(link& l, std::size_t n) noexcept override {
        if (!is_live(l)) return;
        guard([&] {
            add_demand(dispatcher_->ask(l.id, n, backlog()));
            if (!owner_->logger) return;
            if (auto const warning = dispatcher_->take_warning()) owner_->log_warning(*warning);
        });
    }
    void serve() noexcept override {
        guard([&] {
            settle();
            pump();
        });
    }

    /// Ends a subscription that lives.
    void drop(link& l, end_reason const& reason) {
        writer_.send_open(l);
        auto const keep = detach(l);
        note_lost(redelivery_.end(l));
        l.end(reason);  // first: a dispatcher may throw, and nobody else would send it
        add_demand(dispatcher_->cancel(l.id, backlog()));
        free_id(l.id);
        notify({outlet_call::kind::cancelled, 0, keep, reason});
        if (all_left()) {
            notify({outlet_call::kind::all_left, 0, nullptr, {}});
            demand_wait_.wake();
            emit_wait_.wake();
            if (draining_) owner_->end_drained();
        } else {
            settle();
            pump();
        }
    }

    void pass_visit(std::uint64_t number) {
        if (!dispatcher_->hold_info(number)) run_visit(number);
    }
    void pass_visits(std::vector<std::uint64_t> const& due) {
        if (carry_) {
            behind_carry_.insert(behind_carry_.end(), due.begin(), due.end());
        } else {
            for (auto const number : due) pass_visit(number);
        }
    }

    /// Does what a dispatcher that is more than a plain one has to say between dispatches.
    void settle() {
        if (dispatcher_->plain) return note_buffered();
        auto const note = on_exit([this] { note_buffered(); });
        dispatcher_->flush(delivery<T>{this, &outlet_core::deliver});
        add_demand(dispatcher_->take_returned(backlog()));
        batch<T> dropped;
        dispatcher_->take_dropped([&dropped](T&& event) { dropped.push_back(std::move(event)); });
        discard(std::move(dropped), discard_reason::no_consumers);
        while (auto const due = dispatcher_->take_due_info()) run_visit(*due);
        while (auto failed = dispatcher_->take_failed()) {
            if (link_ptr const l = links_[failed->first]) drop(*l, end_reason(failed->second));
        }
    }

    /// Serves the backlog as far as there is demand for it.
    void pump() {
        while (!redelivery_.empty()) {
            auto const n = std::min(redelivery_.front()->size(), dispatcher_->total_demand());
            if (n == 0) return;
            dispatch_block(redelivery_.front(), n);
            if (!redelivery_.front()) redelivery_.pop();
        }
        while (carry_) {  // more than once: what nobody wanted of it has given its demand back
            auto const n = std::min(carry_->size(), dispatcher_->total_demand());
            if (n == 0) break;
            dispatch_carry(n);
        }
        while (!carry_ && buffer_.size() > 0) {
            auto const n = std::min(dispatcher_->total_demand(), buffer_.size());
            if (n == 0) break;
            if (!hand_out_buffered(n)) break;
        }
        note_buffered();
        if (!carry_) emit_wait_.wake();
        if (draining_ && is_drained()) owner_->end_drained();
    }

    /// The oldest n of the buffer, or fewer; false when the dispatcher has not taken them all.
    auto hand_out_buffered(std::size_t n) -> bool {
        auto const events = buffer_.front(n);
        if (!dispatcher_->plain) {  // a block of their own: to be shared, or to sort out if something throws
            auto own = make_batch();
            try {
                auto const take_out = on_exit([&] { take_from_buffer(own.size()); });
                own.reserve(events.size());
                for (T& event : events) own.push_back(std::move(event));
            } catch (...) {
                owner_->fail(std::current_exception());
                discard(std::move(own), discard_reason::failed);
                throw;
            }
            carry_ = batch_access<T>::release(own);
            dispatch_carry(carry_->size());
            return carry_ == nullptr;
        }
        auto const take_out = on_exit([&] { take_from_buffer(handed_); });
        auto const rest = dispatch(events);
        handed_ = events.size() - rest.size();
        return rest.empty();
    }

    /// They have gone, and the visits behind them with them: to what waits before the dispatcher, if anything does.
    void take_from_buffer(std::size_t n) noexcept {
        guard([&] {
            auto const due = buffer_.pop(n);
            if (due.empty()) return;
            if (dispatcher_->plain) {
                pass_visits(due);
            } else {  // carry_ is about to be made of them
                behind_carry_.insert(behind_carry_.end(), due.begin(), due.end());
            }
        });
    }

    /// What is not handed out of a batch that was pushed goes to the buffer.
    void store(batch<T> rest) {
        batch<T> dropped;
        auto const there_were = buffer_.size() + rest.size();
        try {
            auto const stored = buffer_.store(batch_access<T>::peek(rest)->rest(),
                                              [&dropped](T&& event) { dropped.push_back(std::move(event)); });
            pass_visits(stored.infos);
        } catch (...) {  // an event whose move throws is in no place where it could be shown
            note_discarded(there_were - buffer_.size() - dropped.size(), to_string(discard_reason::failed));
            discard(std::move(dropped), discard_reason::buffer_full);
            throw;
        }
        note_buffered();
        discard(std::move(dropped), discard_reason::buffer_full);
    }
    void note_buffered() noexcept { buffered_ = dispatcher_->plain ? backlog() : buffered(); }

    /// Hands out what lies side by side; answers what the dispatcher did not take. handed_ tells how far it has come if
    /// something throws.
    auto dispatch(std::span<T> events) -> std::span<T> {
        handed_ = 0;
        dispatched_ = events;
        return dispatcher_->dispatch(events, delivery<T>{this, &outlet_core::deliver});
    }

    void dispatch_carry(std::size_t n) {
        if (n == 0) return;
        dispatch_block(carry_, n);
        if (!carry_ && !behind_carry_.empty()) pass_visits(std::exchange(behind_carry_, {}));
        settle();
    }

    /// The first n of a batch; null in the end if nothing is left of it.
    void dispatch_block(block<T>*& b, std::size_t n) {
        if (dispatcher_->shares && live_ > 1) begin_lending(*b);
        present_ = &b;
        auto taken = n;
        try {
            taken -= dispatch(b->rest().first(n)).size();
        } catch (...) {
            if (b) forget_taken(b, n);               // first: a stage that drains ends in fail(), and discards the rest
            owner_->fail(std::current_exception());  // whatever the body makes of it: demand was used up and not met
            discard_block(std::exchange(b, nullptr), discard_reason::failed);
            throw;
        }
        if (!b) return;  // it went away as a whole
        b->offset += taken;
        if (b->size() == 0) part_with(std::exchange(b, nullptr));
    }

    /// After a dispatch that threw: of the first n events only those stay that were neither delivered nor queued.
    void forget_taken(block<T>*& b, std::size_t n) noexcept {
        note_lost(forget(b, n, [this](std::size_t i) { return dispatcher_->was_taken(i, handed_); }));
    }
    void note_lost(std::size_t n) noexcept {
        if (n > 0) note_discarded(n, to_string(discard_reason::failed));
    }

    static void deliver(void* self, subscriber_id id, std::span<T> part) {
        static_cast<outlet_core*>(self)->deliver(*static_cast<outlet_core*>(self)->links_[id], part);
    }

    void deliver(link& l, std::span<T> part) {
        auto*& b = *present_;
        if (is_lent(b)) return writer_.lend_part(l, *b, part);
        bool const whole = b && part.data() == b->begin() && part.size() == b->size();
        auto* const kept = redelivery_.of(l);
        if (whole && kept) return writer_.send_kept(l, std::exchange(b, nullptr), *kept);
        if (whole && writer_.goes_whole(l, part.size())) return writer_.send_whole(l, std::exchange(b, nullptr));
        auto moved = std::size_t{0};
        auto const count = on_exit([&] {
            // Not if it comes from a queue of the dispatcher's own.
            if (is_part(part, dispatched_))
                handed_ = static_cast<std::size_t>(part.data() - dispatched_.data()) + moved;
        });
        if (kept) {
            writer_.move_kept(l, part, moved, *kept);
        } else {
            writer_.move_part(l, part, moved);
        }
    }

    auto discard_block(block<T>* b, discard_reason why) noexcept -> std::size_t {
        if (!b) return 0;
        auto const n = b->size();
        try {
            discard(own_rest(b, batch<T>()), why);
        } catch (...) {  // a move threw: they cannot be shown
            note_discarded(n, to_string(why));
        }
        return n;
    }

    void discard(batch<T> events, discard_reason why) noexcept {
        if (events.empty()) return;
        note_discarded(events.size(), to_string(why));
        if (on_discard) guard([&] { on_discard(std::move(events), why); });
    }

    /// What the buffer and the dispatcher still hold when the stage has ended. An event whose move throws is counted.
    void discard_kept() noexcept {
        guard([&] {
            redelivery_.take([this](batch<T> again) { discard(std::move(again), discard_reason::stage_ended); });
        });
        batch<T> left;
        std::size_t lost = 0;
        auto const keep = [&](T&& event) {
            try {
                left.push_back(std::move(event));
            } catch (...) {
                ++lost;
                owner_->fail(std::current_exception());
            }
        };
        guard([&] { buffer_.clear(keep); });
        guard([&] { dispatcher_->clear(keep); });
        note_buffered();
        note_lost(lost);
        discard(std::move(left), discard_reason::stage_ended);
    }

    std::unique_ptr<any_dispatcher<T>> dispatcher_;
    std::span<T> dispatched_;       // in the dispatch that is going on, or was the last
    std::size_t handed_ = 0;        // how many of them, from the front, have been seen to
    block<T>* carry_ = nullptr;     // a batch that waits for takers
    block<T>** present_ = &carry_;  // the batch whose events are being dispatched
    redelivery<T> redelivery_;
    core::event_buffer<T, std::uint64_t> buffer_;  // events pushed without demand
    link_writer<T> writer_;
};

}  // namespace sluice::detail
