#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <sluice/batch.hpp>
#include <sluice/core/api.hpp>
#include <sluice/core/block_queue.hpp>
#include <sluice/core/copyable.hpp>
#include <sluice/detail/block.hpp>
#include <sluice/detail/carrying.hpp>
#include <sluice/detail/link.hpp>
#include <sluice/detail/message.hpp>
#include <utility>
#include <vector>

namespace sluice::detail {

/// What redelivery has to do with batches, whatever their events are.
struct batch_functions {
    /// What is left of a batch once it is to be sent again: null if nothing is.
    struct remainder {
        message* again;
        std::size_t lost;  // events whose copy would throw, with those behind them
    };

    auto(*size)(message const* batch) noexcept -> std::size_t;
    void (*drop)(message* batch, std::size_t n) noexcept;  // its first n events
    auto(*take)(message* batch) noexcept -> remainder;     // and parts with it
    void (*part_with)(message* batch) noexcept;
};

/// A copy of what is left of a batch; if nobody else holds it, its events themselves. `again` has what could be copied
/// if that throws.
template <class T>
void copy_rest(block<T>* b, batch<T>& again) {
    bool const mine = b->holders.load(std::memory_order_acquire) == 1;
    again.reserve(b->size());
    for (T& event : b->rest()) {
        if (mine) {
            again.push_back(std::move(event));
        } else if constexpr (core::is_copyable<T>) {
            again.push_back(std::as_const(event));
        } else {
            throw_not_copyable();
        }
    }
}

template <class T>
auto take_rest(block<T>* b) noexcept -> batch_functions::remainder {
    auto const n = b->size();
    batch<T> again;
    std::size_t lost = 0;
    try {
        copy_rest(b, again);
    } catch (...) {
        lost = n - again.size();
    }
    part_with(b);
    return {again.empty() ? nullptr : batch_access<T>::release(again), lost};
}

template <class T>
inline constexpr batch_functions functions_of_batches{
    [](message const* b) noexcept { return static_cast<block<T> const*>(b)->size(); },
    [](message* b, std::size_t n) noexcept { static_cast<block<T>*>(b)->offset += n; },
    [](message* b) noexcept { return take_rest(static_cast<block<T>*>(b)); },
    [](message* b) noexcept { part_with(static_cast<block<T>*>(b)); },
};

/// What was sent over one subscription and not acknowledged, so that it can be sent again. The consumer has a loan of
/// it. Bounded by the subscription's demand. The producer's strand alone.
class SLUICE_API kept_batches {
public:
    explicit kept_batches(batch_functions const& of) noexcept : of_(&of) {}
    kept_batches(kept_batches const&) = delete;
    auto operator=(kept_batches const&) -> kept_batches& = delete;
    ~kept_batches();

    /// Keeps a batch, of which the producer is a holder.
    void keep(message* b);

    /// The consumer has processed so many events, from the first one on.
    void acknowledge(std::uint64_t total) noexcept;

    auto empty() const noexcept -> bool { return batches_.empty(); }

    /// Puts what is left behind `into`, oldest first. An event whose copy throws is lost with the rest of its batch;
    /// answers how many.
    auto take(std::list<message*>& into) noexcept -> std::size_t;

private:
    batch_functions const* of_;
    core::block_queue<message*> batches_;
    std::uint64_t acknowledged_ = 0;
};

/// Redelivery: what each subscription that wants it has under way, and what is to be sent again, before all else.
class SLUICE_API redelivery {
public:
    explicit redelivery(batch_functions const& of) noexcept;
    redelivery(redelivery const&) = delete;
    auto operator=(redelivery const&) -> redelivery& = delete;
    ~redelivery();

    void add(link const& l);
    /// Somebody wants redelivery, or something is to be sent again.
    auto any() const noexcept -> bool { return wanted_ > 0 || !again_.empty(); }
    /// Null where redelivery is not wanted.
    auto of(link const& l) const noexcept -> kept_batches*;
    /// The subscription ends. What its consumer will never acknowledge is to be sent again; answers how many events
    /// could not be kept for that.
    auto end(link& l) noexcept -> std::size_t;
    /// A consumer may still acknowledge something.
    auto is_under_way() const noexcept -> bool;

    // What is to be sent again.
    auto empty() const noexcept -> bool { return again_.empty(); }
    /// How many events.
    auto size() const noexcept -> std::size_t;
    /// The oldest batch, which is the caller's from now on; null when there is none.
    auto pop() noexcept -> message*;
    void clear() noexcept;

private:
    batch_functions const* functions_;
    std::vector<std::unique_ptr<kept_batches>> kept_;  // by subscriber id
    std::size_t wanted_ = 0;                           // how many of them there are
    std::list<message*> again_;
};

}  // namespace sluice::detail
