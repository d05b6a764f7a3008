#pragma once

#include <algorithm>
#include <cstddef>
#include <new>
#include <sluice/batch.hpp>
#include <sluice/core/copyable.hpp>
#include <sluice/core/on_exit.hpp>
#include <sluice/core/planted.hpp>
#include <sluice/detail/carrying.hpp>
#include <sluice/detail/inlet_core.hpp>
#include <sluice/detail/link.hpp>
#include <sluice/detail/link_list.hpp>
#include <sluice/detail/redelivery.hpp>
#include <sluice/detail/stage_core.hpp>
#include <span>
#include <type_traits>
#include <utility>

namespace sluice::detail {

/// Puts events on links, as batches: whole ones as they are, small parts together in one batch a turn, and those that
/// several consumers get as loans. The producer's strand alone.
template <class T>
class link_writer final : public turn_end {
public:
    explicit link_writer(stage_core& owner) : owner_(&owner), recycler_(new recycler<T>) {}
    link_writer(link_writer const&) = delete;
    auto operator=(link_writer const&) -> link_writer& = delete;
    ~link_writer() {
        let_go_of_common();
        if (commons_) commons_->close();
        recycler_->close();
    }

    auto take_block() -> block<T>* { return recycler_->take(); }

    /// A whole batch is worth a message of its own, unless one is being filled and this one is small too.
    static auto goes_whole(link const& l, std::size_t size) noexcept -> bool { return size >= small_batch || !l.open; }
    /// It does, whichever link it is for.
    auto goes_whole_anyway(std::size_t size) const noexcept -> bool {
        return size >= small_batch || open_links_.empty();
    }
    void send_whole(link& l, block<T>* b) {
        send_open(l);
        if (b->size() < small_batch && is_busy(l)) {
            open(l, b);
        } else {
            send(l, b);
        }
    }

    /// Moves a part of a batch; `moved` counts the events whose moves did not throw.
    void move_part(link& l, std::span<T> part, std::size_t& moved) {
        if (auto* b = static_cast<block<T>*>(l.open); b && b->lender) send_open(l);
        if (!l.open) open(l, take_block());
        auto& events = static_cast<block<T>*>(l.open)->events;
        // Room first: where moves may throw, a vector that grows could lose the event that it is growing for.
        auto const room = events.size() + part.size();
        if (room > events.capacity()) events.reserve(std::max(room, 2 * events.capacity()));
        if constexpr (core::is_copied_as_bytes<T>) {
            events.insert(events.end(), part.begin(), part.end());
            moved += part.size();
        } else {
            for (T& event : part) {
                events.push_back(std::move(event));
                ++moved;
            }
        }
        if (events.size() >= small_batch * 4 || !is_busy(l)) send_open(l);
    }

    /// Sends a batch that is kept until it is acknowledged.
    void send_kept(link& l, block<T>* b, kept_batches& kept) {
        begin_lending(*b);
        kept.keep(b);
        auto* const loan = take_block();
        loan->borrow(*b, b->rest());
        send_whole(l, loan);
    }
    void move_kept(link& l, std::span<T> part, std::size_t& moved, kept_batches& kept) {
        auto own = batch_access<T>::adopt(take_block());
        auto const send = core::on_exit([&] {
            if (!own.empty()) send_kept(l, batch_access<T>::release(own), kept);
        });
        own.reserve(part.size());
        for (T& event : part) {
            own.push_back(std::move(event));
            ++moved;
        }
    }

    /// Lends a part of `lender`, which several consumers get. It goes off with send_all().
    void lend_part(link& l, block<T>& lender, std::span<T> part) {
        if (auto* b = static_cast<block<T>*>(l.open); b && b->lender != &lender) send_open(l);
        if (!l.open) open(l, take_block());
        static_cast<block<T>*>(l.open)->borrow(lender, part);
    }

    /// Lends one event of common_block(), at once to a consumer that has nothing to do.
    void lend_common(link& l, std::span<T> event) {
        lend_part(l, *common_, event);
        if (!is_busy(l)) send_open(l);
    }
    auto is_common(block<T> const* b) const noexcept -> bool { return b && b == common_; }
    /// Where single events lie that several consumers get: what is lent of it already stays where it is. Precondition:
    /// make_common_room(), in this turn.
    auto common_block() noexcept -> block<T>& { return *common_; }
    /// Room for one more event. false: no memory.
    auto make_common_room() noexcept -> bool {
        if (common_ && common_->events.size() >= common_events) let_go_of_common();
        if (common_) return true;
        try {
            if (!commons_) commons_.reset(new recycler<T>);
            auto fresh = batch_access<T>::adopt(commons_->take());
            batch_access<T>::peek(fresh)->events.reserve(common_events);
            owner_->at_turn_end(*this);
            common_ = batch_access<T>::release(fresh);
        } catch (std::bad_alloc const&) {
            return false;
        }
        begin_lending(*common_);
        return true;
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
    void send_all() noexcept {
        for (std::size_t i = 0; i < open_links_.size(); ++i) send_open(open_links_[i]);
        open_links_.clear();
    }
    void turn_ends() noexcept override {
        let_go_of_common();
        if (!SLUICE_BUG(open_batch_forgotten)) send_all();
    }
    /// The context is going.
    void abandon() noexcept {
        for (std::size_t i = 0; i < open_links_.size(); ++i)
            delete static_cast<block<T>*>(std::exchange(open_links_[i].open, nullptr));
        open_links_.clear();
        let_go_of_common();
    }

private:
    // Fewer events than this are kept back until the turn ends, to travel together, while their consumer is busy
    // anyway.
    static constexpr std::size_t small_batch = 64;

    static constexpr std::size_t common_events =
        std::clamp<std::size_t>((std::size_t{1} << 14) / sizeof(T), 1, small_batch * 4);

    void let_go_of_common() noexcept { part_with(std::exchange(common_, nullptr)); }

    // A consumer that has nothing to do gets its events at once; one that has, looks at them later anyway.
    static auto is_busy(link const& l) noexcept -> bool { return !l.consumer().looks_idle(); }

    void open(link& l, block<T>* b) {
        open_links_.add(l);  // first: it may throw
        l.open = b;
        owner_->at_turn_end(*this);
    }

    static void send(link& l, block<T>* b) noexcept {
        b->over = &l;
        b->handle = l.events_handler();
        l.consumer().send(*b);
    }

    stage_core* owner_;
    link_list open_links_;
    block<T>* common_ = nullptr;
    boost::intrusive_ptr<recycler<T>> recycler_;
    boost::intrusive_ptr<recycler<T>> commons_;  // of their own, for they are large; from the first one on
};

}  // namespace sluice::detail
