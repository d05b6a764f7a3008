#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <sluice/cancel_mode.hpp>
#include <sluice/core/cancel_table.hpp>
#include <sluice/end_kind.hpp>
#include <stdexcept>
#include <vector>

namespace sluice::core {

/// Names a subscription within its consumer. `slot` is a small number that is free again after the end, fit to index a
/// vector; `generation` tells a late message for an ended subscription from one for its successor in the slot.
struct subscription_id {
    std::uint32_t slot = 0;        ///< where it stands
    std::uint32_t generation = 0;  ///< 0 names no subscription

    friend auto operator==(subscription_id const&, subscription_id const&) -> bool = default;
};

/// What the end of a subscription means to its consumer.
enum class verdict : unsigned char {
    ignored,        ///< nothing: no such subscription any more, or the consumer is ending already
    stays,          ///< goes on with its other subscriptions
    all_ended,      ///< this was the last one and none has ended the consumer: its inlet may end
    consumer_ends,  ///< ends too, and for this reason; said once
};

/// The subscriptions of one consumer, and what becomes of the consumer as they end. Each ends exactly once.
/// All functions are O(1); memory goes with the largest number alive at one time. One thread at a time.
class subscription_table {
public:
    /// Throws std::bad_alloc, and nothing has changed then; std::length_error beyond 2^32 - 1 at one time.
    auto add(cancel_mode mode) -> subscription_id {
        if (first_free_ == none) {
            if (slots_.size() == none) throw std::length_error("sluice: a consumer has too many subscriptions");
            slots_.emplace_back();
            first_free_ = static_cast<std::uint32_t>(slots_.size() - 1);
        }
        const auto number = first_free_;
        auto& taken = slots_[number];
        first_free_ = taken.next_free;
        if (++taken.generation == 0) taken.generation = 1;
        taken.mode = mode;
        taken.live = true;
        ++live_;
        ++ever_;
        return {number, taken.generation};
    }

    /// Ends the subscription. Only the first call for it can answer anything but `ignored`.
    auto end(subscription_id id, end_kind kind) noexcept -> verdict {
        if (!contains(id)) return verdict::ignored;
        auto& freed = slots_[id.slot];
        freed.live = false;
        freed.next_free = first_free_;
        first_free_ = id.slot;
        --live_;
        if (ending_) return verdict::ignored;
        if (consumer_ends(freed.mode, kind)) {
            ending_ = true;
            return verdict::consumer_ends;
        }
        return live_ == 0 ? verdict::all_ended : verdict::stays;
    }

    /// Whether it is there; false also for one that has ended. O(1).
    auto contains(subscription_id id) const noexcept -> bool {
        return id.slot < slots_.size() && slots_[id.slot].live && slots_[id.slot].generation == id.generation;
    }

    /// How many are alive.
    auto live() const noexcept -> std::size_t { return live_; }

    /// How many there have been altogether.
    auto ever() const noexcept -> std::size_t { return ever_; }

    /// Has `end` answered `consumer_ends`?
    auto consumer_ending() const noexcept -> bool { return ending_; }

private:
    static constexpr auto none = std::numeric_limits<std::uint32_t>::max();

    struct slot {
        std::uint32_t generation = 0;
        std::uint32_t next_free = none;
        cancel_mode mode{};
        bool live = false;
    };

    std::vector<slot> slots_;
    std::uint32_t first_free_ = none;
    std::size_t live_ = 0;
    std::size_t ever_ = 0;
    bool ending_ = false;
};

}  // namespace sluice::core
