#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <sluice/batch.hpp>
#include <sluice/detail/block.hpp>
#include <sluice/detail/carrying.hpp>
#include <sluice/detail/copyable.hpp>
#include <sluice/detail/link.hpp>
#include <sluice/detail/planted.hpp>
#include <sluice/detail/ring.hpp>
#include <utility>
#include <vector>

namespace sluice::detail {

/// What was sent over one subscription and not acknowledged, so that it can be sent again. The consumer has a loan of
/// it. Bounded by the subscription's demand. The producer's strand alone.
template <class T>
class kept_batches {
public:
    kept_batches() = default;
    kept_batches(kept_batches const&) = delete;
    auto operator=(kept_batches const&) -> kept_batches& = delete;
    ~kept_batches() {
        for (auto* b : batches_) part_with(b);
    }

    /// Keeps a batch, of which the producer is a holder.
    void keep(block<T>* b) { push(batches_, b); }

    /// The consumer has processed so many events, from the first one on.
    void acknowledge(std::uint64_t total) noexcept {
        while (!batches_.empty() && acknowledged_ < total) {
            auto& front = *batches_.front();
            auto const n = std::min<std::uint64_t>(total - acknowledged_, front.size());
            acknowledged_ += n;
            front.offset += static_cast<std::size_t>(n);
            if (front.size() > 0) return;
            batches_.pop_front();
            part_with(&front);
        }
    }

    auto empty() const noexcept -> bool { return batches_.empty(); }

    /// What is left, oldest first: `sink(batch<T>)` for each. An event whose copy throws is lost with the rest of its
    /// batch; answers how many.
    template <class Sink>
    auto take(Sink sink) noexcept -> std::size_t {
        std::size_t lost = 0;
        while (!batches_.empty()) {
            auto* b = std::exchange(batches_.front(), nullptr);
            batches_.pop_front();
            auto const n = b->size();
            batch<T> again;
            try {
                again = copy(b);
            } catch (...) {
                lost += n - again.size();
            }
            part_with(b);
            if (!again.empty()) sink(std::move(again));
        }
        return lost;
    }

private:
    static auto copy(block<T>* b) -> batch<T> {
        batch<T> again;
        bool const mine = b->holders.load(std::memory_order_acquire) == 1;
        again.reserve(b->size());
        for (T& event : b->rest()) {
            if (mine) {
                again.push_back(std::move(event));
            } else if constexpr (is_copyable<T>) {
                again.push_back(std::as_const(event));
            } else {
                throw_not_copyable();
            }
        }
        return again;
    }

    ring<block<T>*> batches_;
    std::uint64_t acknowledged_ = 0;
};

/// Redelivery: what each subscription that wants it has under way, and what is to be sent again, before all else.
template <class T>
class redelivery {
public:
    redelivery() = default;
    redelivery(redelivery const&) = delete;
    auto operator=(redelivery const&) -> redelivery& = delete;
    ~redelivery() { clear(); }

    void add(link const& l) {
        if (l.id >= kept_.size()) kept_.resize(l.id + 1);
        kept_[l.id] = std::make_unique<kept_batches<T>>();
        ++wanted_;
    }
    /// Somebody wants redelivery.
    auto any() const noexcept -> bool { return wanted_ > 0 || !empty(); }
    /// Null where redelivery is not wanted.
    auto of(link const& l) const noexcept -> kept_batches<T>* {
        return l.id < kept_.size() ? kept_[l.id].get() : nullptr;
    }
    /// The subscription ends. What its consumer will never acknowledge is to be sent again; answers how many events
    /// could not be kept for that.
    auto end(link& l) noexcept -> std::size_t {
        auto* kept = of(l);
        if (!kept) return 0;
        kept->acknowledge(l.acknowledged());
        std::size_t lost = 0;
        if (!l.producer_lets_go()) {
            lost = kept->take([this](batch<T> again) {
                if (!SLUICE_BUG(redelivery_forgotten)) again_.push_back(batch_access<T>::release(again));
            });
        }
        kept_[l.id].reset();
        --wanted_;
        return lost;
    }
    /// A consumer may still acknowledge something.
    auto is_under_way() const noexcept -> bool {
        return std::ranges::any_of(kept_, [](auto const& each) { return each && !each->empty(); });
    }

    // What is to be sent again.
    auto empty() const noexcept -> bool {
        return again_.empty() || std::ranges::all_of(again_, [](auto const* b) { return b == nullptr; });
    }
    /// The oldest batch, in its place; null when there is none. Whoever has handed all of it out leaves null there.
    auto next() noexcept -> block<T>** {
        while (!again_.empty() && !again_.front()) again_.pop_front();
        return again_.empty() ? nullptr : &again_.front();
    }
    auto size() const noexcept -> std::size_t {
        std::size_t events = 0;
        for (auto const* b : again_) events += b ? b->size() : 0;
        return events;
    }
    /// Gives all of it to `sink(batch<T>)`.
    template <class Sink>
    void take(Sink sink) {
        for (auto* b : std::exchange(again_, {})) {
            if (b) sink(batch_access<T>::adopt(b));
        }
    }
    void clear() noexcept {
        for (auto* b : again_) part_with(b);
        again_.clear();
        kept_.clear();
        wanted_ = 0;
    }

private:
    std::vector<std::unique_ptr<kept_batches<T>>> kept_;  // by subscriber id
    std::size_t wanted_ = 0;                              // how many of them there are
    std::list<block<T>*> again_;
};

}  // namespace sluice::detail
