#pragma once

#include <cstddef>
#include <memory>
#include <sluice/batch.hpp>
#include <sluice/core/copyable.hpp>
#include <sluice/core/on_exit.hpp>
#include <sluice/detail/any_dispatcher.hpp>
#include <sluice/detail/carrying.hpp>
#include <sluice/detail/link_writer.hpp>
#include <sluice/detail/outlet_side.hpp>
#include <sluice/detail/rare_function.hpp>
#include <sluice/detail/redelivery.hpp>
#include <sluice/detail/terms.hpp>
#include <sluice/detail/weight_gate.hpp>
#include <sluice/discard.hpp>
#include <sluice/errc.hpp>
#include <span>
#include <type_traits>
#include <utility>

namespace sluice::detail {

/// The part of an outlet that carries out what its dispatcher decides: events onto links, moved, lent or kept; and what
/// can go nowhere, to whoever wants to see it.
template <class T>
class outlet_dispatch : public outlet_side {
public:
    rare_function<void(batch<T>, discard_reason)> on_discard;

    void tell(stage_numbers& numbers) const override {
        outlet_side::tell(numbers);
        std::size_t const part = this->full_part_;
        if (part != this->no_part) numbers.held_back_by = dispatcher_->part_name(part);
    }

protected:
    outlet_dispatch(stage_core& owner, outlet_options const& options, std::unique_ptr<any_dispatcher<T>> dispatcher)
        : outlet_side(owner, options), dispatcher_(std::move(dispatcher)), writer_(owner) {}
    ~outlet_dispatch() = default;

    void start_redelivery(link const& l) {
        if constexpr (!core::is_copyable<T>) throw_error(errc::not_copyable);
        if (dispatcher_->shares) throw_error(errc::redelivery_of_shared);
        redelivery_.add(l);
    }

    void start_weighing(link const& l) {
        auto const* terms = static_cast<terms_for<T> const*>(l.terms());
        if (!terms || !terms->weigh)
            throw_invalid_option("subscribe_options::max_weight needs a weight: from(...).weigh(f)");
        gates_.add(l.id, l.options().max_weight);
    }

    void tell_warning() {
        if (!owner_->logger) return;
        if (auto const warning = dispatcher_->take_warning()) owner_->log_warning(*warning);
    }

    /// Hands out what lies side by side; answers what the dispatcher did not take. handed_ tells how far it has come if
    /// something throws.
    auto dispatch(std::span<T> events) -> std::span<T> {
        handed_ = 0;
        dispatched_ = events;
        return dispatcher_->dispatch(events, delivery<T>{this, &outlet_dispatch::deliver});
    }

    /// A batch that goes to one consumer as it is, which is how most go. false: it does not.
    auto hand_over(block<T>* b) -> bool {
        auto const n = b->size();
        if (!dispatcher_->plain || gates_.any() || redelivery_.any() || !writer_.goes_whole_anyway(n)) return false;
        try {
            auto const taker = dispatcher_->take_whole(n);
            if (!taker) return false;
            writer_.send_whole(*links_[*taker], b);
        } catch (...) {
            owner_->fail(std::current_exception());
            discard_block(b, discard_reason::failed);
            throw;
        }
        return true;
    }

    /// The first n of a batch; null in the end if nothing is left of it.
    void dispatch_block(block<T>*& b, std::size_t n) {
        if (dispatcher_->shares && live_ > 1) begin_lending(*b);
        present_ = &b;
        auto const no_more = core::on_exit([this] { present_ = &none_; });
        auto taken = n;
        try {
            taken -= dispatch(b->rest().first(n)).size();
        } catch (...) {
            if (b) forget_taken(b, n);  // first: a stage that drains ends in fail(), and discards the rest
            auto* const rest = std::exchange(b, nullptr);
            owner_->fail(std::current_exception());  // whatever the body makes of it: demand was used up and not met
            discard_block(rest, discard_reason::failed);
            throw;
        }
        if (!b) return;  // it went away as a whole
        b->offset += taken;
        if (b->size() == 0) part_with(std::exchange(b, nullptr));
    }

    // A copy is as good as a move: so it does not matter that nobody can tell who is the last to take an event of a
    // block that others are still put into.
    static constexpr bool lends_single = core::is_copied_as_bytes<T>;

    /// One event that several may get. false: nobody takes it. Precondition: make_common_room().
    auto dispatch_common(T& event) -> bool {
        auto* b = &writer_.common_block();
        b->events.push_back(event);
        present_ = &b;
        auto lent = false;
        auto const after = core::on_exit([&] {
            present_ = &none_;
            if (!lent) b->events.pop_back();
        });
        try {
            lent = dispatch(std::span<T>(&b->events.back(), 1)).empty();
        } catch (...) {
            lent = dispatcher_->was_taken(0, handed_);
            throw;
        }
        return lent;
    }

    /// After a dispatch that threw: of the first n events only those stay that were neither delivered nor queued.
    void forget_taken(block<T>*& b, std::size_t n) noexcept {
        note_lost(forget(b, n, [this](std::size_t i) { return dispatcher_->was_taken(i, handed_); }));
    }
    void note_lost(std::size_t n) noexcept {
        if (n > 0) note_discarded(n, to_string(discard_reason::failed));
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

    auto block_of(T& event) -> block<T>* {
        auto one = batch_access<T>::adopt(writer_.take_block());
        one.push_back(std::move(event));
        return batch_access<T>::release(one);
    }
    void give_up(T& event) noexcept {
        try {
            discard_block(block_of(event), discard_reason::failed);
        } catch (...) {  // it cannot be shown
            note_lost(1);
        }
    }

    void discard(batch<T> events, discard_reason why) noexcept {
        if (events.empty()) return;
        note_discarded(events.size(), to_string(why));
        if (on_discard) guard([&] { on_discard(std::move(events), why); });
    }

    std::unique_ptr<any_dispatcher<T>> dispatcher_;
    link_writer<T> writer_;
    redelivery redelivery_{functions_of_batches<T>};
    weight_gates gates_;
    std::size_t handed_ = 0;  // of the events in the dispatch that is going on, how many have been seen to

    void flush() { dispatcher_->flush(delivery<T>{this, &outlet_dispatch::deliver}); }

private:
    static void deliver(void* self, subscriber_id id, std::span<T> part) {
        static_cast<outlet_dispatch*>(self)->deliver(*static_cast<outlet_dispatch*>(self)->links_[id], part);
    }

    void deliver(link& l, std::span<T> part) {
        auto moved = std::size_t{0};
        try {
            if (gates_.any()) weigh(l, part);
            put(l, part, moved);
        } catch (...) {
            bool const counted = is_part(part, dispatched_) && !dispatcher_->knows_taken;
            if (counted) {
                handed_ = static_cast<std::size_t>(part.data() - dispatched_.data()) + moved;
            } else {
                note_lost(part.size() - moved);  // for the dispatcher the whole part has gone
            }
            throw;
        }
        if (is_part(part, dispatched_)) {
            handed_ = static_cast<std::size_t>(part.data() - dispatched_.data()) + part.size();
        }
    }
    void put(link& l, std::span<T> part, std::size_t& moved) {
        auto*& b = *present_;
        if (writer_.is_common(b)) return writer_.lend_common(l, part);
        if (is_lent(b)) return writer_.lend_part(l, *b, part);
        auto* const kept = redelivery_.of(l);
        if (b && part.data() == b->begin() && part.size() == b->size()) {
            if (kept) return writer_.send_kept(l, std::exchange(b, nullptr), *kept);
            if (writer_.goes_whole(l, part.size())) return writer_.send_whole(l, std::exchange(b, nullptr));
        }
        if (kept) {
            writer_.move_kept(l, part, moved, *kept);
        } else {
            writer_.move_part(l, part, moved);
        }
    }
    void weigh(link const& l, std::span<T> part) {
        if (gates_.of(l.id)) gates_.deliver(l.id, part, static_cast<terms_for<T> const*>(l.terms())->weigh);
    }
    block<T>* none_ = nullptr;
    block<T>** present_ = &none_;  // the batch whose events are being dispatched, if they lie in one
    std::span<T> dispatched_;      // those events
};

}  // namespace sluice::detail
