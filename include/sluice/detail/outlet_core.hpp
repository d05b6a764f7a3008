#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <sluice/batch.hpp>
#include <sluice/core/planted.hpp>
#include <sluice/detail/carrying.hpp>
#include <sluice/detail/outlet_backlog.hpp>
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
class outlet_core final : public outlet_backlog<T> {
    using base = outlet_backlog<T>;

public:
    outlet_core(stage_core& owner, outlet_options const& options,
                std::unique_ptr<any_dispatcher<T>> dispatcher = erase_dispatcher<T>(demand_dispatcher<T>()))
        : base(owner, options, std::move(dispatcher)) {}

    ~outlet_core() {
        for (auto* const slot : {&this->again_, &this->carry_, &this->chunk_}) part_with(std::exchange(*slot, nullptr));
    }

    /// Hands events to those who asked; what nobody asked for stays in `carry`, and is_taken() is false.
    /// Precondition: no backlog. If user code throws, what found no taker is discarded and the exception passes on.
    void emit(batch<T> events) {
        auto* b = batch_access<T>::release(events);
        if (!b) return;
        this->use_demand(b->size());
        if (this->is_accumulating()) {
            this->carry_ = b;
            this->carry_untold_ = true;
            return this->note_buffered();
        }
        if (this->hand_over(b)) return;
        this->carry_ = b;
        dispatch_carry(b->size());
        if (this->carry_) pump();  // a bound by weight lets events through one by one
    }
    /// One event. true: as after emit(), is_taken() tells whether it found a taker; else it stays with the caller.
    auto emit_one(T& event) -> bool {
        if (this->is_accumulating() || this->dispatcher_->total_demand() == 0) return false;
        bool const to_several = this->dispatcher_->shares && this->live_ > 1;
        if (to_several && !has_common_room()) return false;
        try {
            bool const taken = to_several ? lend_one(event) : this->dispatch(std::span<T>(&event, 1)).empty();
            if (!taken) this->carry_ = this->block_of(event);  // it was told of it, and is not to be told again
        } catch (...) {
            bool const ours = !this->dispatcher_->was_taken(0, this->handed_);
            this->owner_->fail(std::current_exception());
            if (ours) this->give_up(event);
            throw;
        }
        this->use_demand(1);
        // What went straight to somebody changes nothing else.
        if (!this->dispatcher_->plain && (this->handed_ == 0 || this->dispatcher_->has_news())) settle();
        grant_more();
        if (this->carry_) pump();
        return true;
    }
    /// emit() for an operation that was started: what throws ends the stage, what cannot go out waits to be discarded.
    void begin_emit(batch<T> events) noexcept {
        if (events.empty()) return;  // it may own a buffer all the same, which nobody would ever take
        if (this->all_left() || this->owner_->is_stopping()) {
            this->carry_ = batch_access<T>::release(events);
        } else {
            this->guard([&] { emit(std::move(events)); });
        }
    }
    auto is_taken() const noexcept -> bool { return this->carry_ == nullptr; }
    /// Gives up what waits for a taker. Answers how many events that were.
    auto discard_carry(discard_reason why) noexcept -> std::size_t {
        if (!this->carry_) return 0;
        this->carry_untold_ = false;
        auto const n = this->discard_block(std::exchange(this->carry_, nullptr), why);
        this->note_buffered();
        this->guard([&] { this->pass_those_behind(); });
        return n;
    }

    /// Events that could not even be taken in.
    void refuse(batch<T> events, discard_reason why) noexcept { this->discard(std::move(events), why); }

    /// Hands events to those who asked; the rest goes to the buffer, whose bound may cost some.
    void push(batch<T> events) {
        if (this->is_accumulating() && !this->closed_) return this->hold(std::move(events));
        auto* b = batch_access<T>::release(events);
        if (!b) return;
        this->use_demand(b->size());
        if (this->closed_) return this->discard(batch_access<T>::adopt(b), discard_reason::stage_ended);
        if (this->has_backlog()) {
            auto all = batch_access<T>::adopt(b);
            // Nobody has demand, and the dispatcher only takes note; unless the stage is failing.
            if (this->dispatcher_->total_demand() == 0) this->dispatch(b->rest());
            return this->store(std::move(all));
        }
        this->carry_ = b;
        dispatch_carry(b->size());
        if (this->carry_) pump();
        if (!this->carry_) return;
        auto const n = this->carry_->size();
        batch<T> rest;
        try {
            rest = own_rest(std::exchange(this->carry_, nullptr), this->make_batch());
        } catch (...) {  // a move threw: they cannot be shown
            this->owner_->fail(std::current_exception());
            this->note_discarded(n, to_string(discard_reason::failed));
            throw;
        }
        this->store(std::move(rest));
    }

    /// Runs a visit when all that waits for a taker by now has gone. GenStage: `async_info`.
    void line_up(visit_ptr what) {
        auto const n = this->number(std::move(what));
        if (!this->held_.store_info(n)) put_behind_buffer(n);
    }

    // What its links say.

    void on_subscribe(link& l) noexcept override {
        if (this->closed_) {
            l.end(l.comes_late ? this->closed_because_ : end_reason(end_kind::unknown_producer));
            return;
        }
        this->guard([&] {
            this->attach(l);
            try {
                if (l.options().redeliver) this->start_redelivery(l);
                if (l.options().max_weight > 0) this->start_weighing(l);
                this->add_demand(this->dispatcher_->subscribe(l.id, subscriber_of<T>(l)));
                this->note_consumer();
            } catch (...) {
                return refuse(l, std::current_exception());
            }
            this->notify_subscribed(l);
            settle();
        });
    }

    void on_ask(link& l, std::size_t n) noexcept override {
        if (!this->is_live(l)) return;
        if (this->is_accumulating()) return this->hold_ask(l, n);
        take_ask(l, n);
        serve();
    }

    void on_cancel(link& l) noexcept override {
        if (!this->is_live(l)) return;  // its end is under way already
        this->guard([&] { drop(l, l.cancel_reason()); });
    }

    void on_acknowledge(link& l) noexcept override {
        if (!this->is_live(l)) return;
        if (auto* const gate = this->gates_.of(l.id)) {
            gate->acknowledge(l.acknowledged());
            take_ask(l, 0);
            serve();
        }
        auto* const kept = this->redelivery_.of(l);
        if (!kept) return;
        kept->acknowledge(l.acknowledged());
        if (this->draining_ && is_drained()) this->owner_->end_drained();
    }

    // What its stage says.

    void drain() noexcept override { this->draining_ = true; }
    auto is_drained() const noexcept -> bool override {
        return this->all_left() || (!this->has_backlog() && this->dispatcher_->queued() == 0 &&
                                    !this->redelivery_.is_under_way() && !this->has_due_visits());
    }

    void close(end_reason const& reason) noexcept override {
        if (std::exchange(this->closed_, true)) return;
        this->closed_because_ = reason;
        this->writer_.turn_ends();
        discard_carry(discard_reason::stage_ended);
        this->discard_block(std::exchange(this->chunk_, nullptr), discard_reason::stage_ended);
        this->note_lost(this->end_redelivery(this->redelivery_));
        this->discard_kept();
        this->end_links(reason);
        // Nobody will hear them, and they refer to peers, and through those to this stage.
        if (!SLUICE_BUG(calls_kept)) this->forget_calls();
        this->stop();
    }

    void abandon() noexcept override {
        this->closed_ = true;
        this->demand_wait_.drop();
        this->emit_wait_.drop();
        this->pause_wait_.drop();
        this->deadline_.clear();
        this->writer_.abandon();
        this->let_go_of_links();
        this->end_links(end_reason(std::make_exception_ptr(boost::system::system_error(errc::abandoned))));
        for (auto* const slot : {&this->again_, &this->carry_, &this->chunk_}) part_with(std::exchange(*slot, nullptr));
        this->redelivery_.clear();
        this->forget_calls();
        this->on_discard = nullptr;
    }

private:
    void put_behind_buffer(std::uint64_t visit) {
        if (!this->buffer_.store_info(visit)) this->pass_visits({visit});
    }

    /// Asks accumulate no more: what waited for that comes now, in order.
    void release_held() noexcept override {
        this->guard([&] {
            if (std::exchange(this->carry_untold_, false) && this->carry_) dispatch_carry(this->carry_->size());
            pump();  // what was pushed before makes room first
            while (this->held_.size() > 0) {
                push_held();
                pump();
            }
        });
    }
    /// The oldest of what is held, as far as the next visit that stands behind it.
    void push_held() {
        auto own = this->make_batch();
        std::vector<std::uint64_t> due;
        try {
            auto const gone = core::on_exit([&] { due = this->held_.pop(own.size()); });
            for (T& event : this->held_.front()) own.push_back(std::move(event));
        } catch (...) {
            this->owner_->fail(std::current_exception());
            this->discard(std::move(own), discard_reason::failed);
            throw;
        }
        push(std::move(own));
        for (auto const visit : due) put_behind_buffer(visit);
    }

    /// The dispatcher will not have it: the subscription ends with what it threw.
    void refuse(link& l, std::exception_ptr const& why) {
        auto const keep = this->detach(l);
        this->redelivery_.end(l);
        this->gates_.remove(l.id);
        this->free_id(l.id);
        l.end(refusal(why));
    }

    void take_ask(link& l, std::size_t n) noexcept override {
        if (!this->is_live(l)) return;
        this->guard([&] {
            auto* const gate = this->gates_.of(l.id);
            this->add_demand(this->dispatcher_->ask(l.id, gate ? gate->ask(n) : n, this->backlog()));
            this->tell_warning();
        });
    }
    /// Subscriptions with a bound by weight, after something went to them.
    /// Answers whether anybody was granted something.
    auto grant_more() -> bool {
        if (!this->gates_.any()) return false;
        bool granted = false;
        for (auto const id : this->gates_.take_due()) {
            auto* const gate = this->gates_.of(id);
            auto const n = gate ? gate->grant() : 0;
            if (n > 0) this->add_demand(this->dispatcher_->ask(id, n, this->backlog()));
            granted = granted || n > 0;
        }
        return granted;
    }
    void serve() noexcept override {
        this->guard([&] {
            settle();
            pump();
        });
    }

    /// Ends a subscription that lives.
    void drop(link& l, end_reason const& reason) {
        this->writer_.send_open(l);
        auto const keep = this->detach(l);
        this->forget_asks(l);
        this->note_lost(this->redelivery_.end(l));
        this->gates_.remove(l.id);
        l.end(reason);  // first: a dispatcher may throw, and nobody else would send it
        this->add_demand(this->dispatcher_->cancel(l.id, this->backlog()));
        this->free_id(l.id);
        this->notify_cancelled(l, reason);
        if (this->changes_places()) return;  // its successor is to be there before anybody is served
        settle();
        if (this->all_left()) {
            this->tell_if_all_left();
        } else {
            pump();
        }
    }

    /// Does what a dispatcher that is more than a plain one has to say between dispatches.
    void settle() {
        this->tell_warning();
        if (this->dispatcher_->plain) return this->note_buffered();
        if (!this->dispatcher_->has_news() && !grant_more()) return this->note_buffered();
        auto const note = core::on_exit([this] { this->note_buffered(); });
        do this->flush();
        while (grant_more());
        this->add_demand(this->dispatcher_->take_returned(this->backlog()));
        batch<T> dropped;
        auto keep = [&dropped](T&& event) { dropped.push_back(std::move(event)); };
        this->dispatcher_->take_dropped(event_sink<T>::of(keep));
        this->discard(std::move(dropped), discard_reason::no_consumers);
        while (auto const due = this->dispatcher_->take_due_info()) this->run_visit(*due);
        while (auto failed = this->dispatcher_->take_failed()) {
            if (link_ptr const l = this->links_[failed->first]) drop(*l, end_reason(failed->second));
        }
    }

    /// Serves the backlog as far as there is demand for it.
    void pump() {
        if (this->is_accumulating()) return this->note_buffered();
        while (this->take_again()) {
            auto const n = std::min(this->again_->size(), this->dispatcher_->total_demand());
            if (n == 0) return;
            this->dispatch_block(this->again_, n);
            grant_more();
            settle();
        }
        this->pass_those_behind();
        for (auto* const slot : {&this->carry_, &this->chunk_}) {
            while (*slot) {  // more than once: what nobody wanted of it has given its demand back
                auto const n = std::min((*slot)->size(), this->dispatcher_->total_demand());
                if (n == 0) break;
                dispatch_slot(*slot, n);
            }
        }
        while (!this->carry_ && !this->chunk_ && this->buffer_.size() > 0) {
            auto const n = std::min(this->dispatcher_->total_demand(), this->buffer_.size());
            if (n == 0) break;
            bool const all = hand_out_buffered(n);
            grant_more();
            if (!all) break;
        }
        this->note_buffered();
        if (!this->carry_) this->emit_wait_.wake();
        if (!this->has_backlog() && this->wanted() > 0) this->demand_wait_.wake();
        if (this->draining_ && is_drained()) this->owner_->end_drained();
    }

    /// The oldest n of the buffer, or fewer; false when the dispatcher has not taken them all.
    auto hand_out_buffered(std::size_t n) -> bool {
        auto const events = this->buffer_.front(n);
        if (!this->dispatcher_->plain) {  // a block of their own: to be shared, or to sort out if something throws
            auto own = this->make_batch();
            try {
                auto const take_out = core::on_exit([&] { this->take_from_buffer(own.size()); });
                own.reserve(events.size());
                for (T& event : events) own.push_back(std::move(event));
            } catch (...) {
                this->owner_->fail(std::current_exception());
                this->discard(std::move(own), discard_reason::failed);
                throw;
            }
            this->chunk_ = batch_access<T>::release(own);
            dispatch_slot(this->chunk_, this->chunk_->size());
            return this->chunk_ == nullptr;
        }
        auto const take_out = core::on_exit([&] { this->take_from_buffer(this->handed_); });
        auto const rest = this->dispatch(events);
        this->handed_ = events.size() - rest.size();
        return rest.empty();
    }

    auto has_common_room() noexcept -> bool {
        if constexpr (base::lends_single) return this->writer_.make_common_room();
        return false;
    }
    auto lend_one(T& event) -> bool {
        if constexpr (base::lends_single) return this->dispatch_common(event);
        return false;
    }

    void dispatch_carry(std::size_t n) { dispatch_slot(this->carry_, n); }
    void dispatch_slot(block<T>*& slot, std::size_t n) {
        if (n == 0) return;
        this->dispatch_block(slot, n);
        grant_more();
        if (!slot) this->pass_those_behind();
        settle();
    }
};

}  // namespace sluice::detail
