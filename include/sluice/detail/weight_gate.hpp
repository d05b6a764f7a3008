#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <sluice/core/api.hpp>
#include <sluice/core/block_queue.hpp>
#include <sluice/subscriber_id.hpp>
#include <span>
#include <vector>

namespace sluice::detail {

/// Bounds what is under way to a subscriber by weight besides by number: of what it has asked for, only so much reaches
/// the dispatcher as its max_weight leaves room for. A plain value.
///
/// How heavy an event is shows only when it is there. So they are granted one at a time, as long as less than
/// max_weight is under way: the bound is passed by less than one event. O(1) an event, and an ask of the dispatcher for
/// each.
class SLUICE_API weight_gate {
public:
    explicit weight_gate(std::size_t most) noexcept : most_(most) {}

    /// The subscriber asks. Answers how many more the dispatcher may hear of now: 0 or 1.
    auto ask(std::size_t n) noexcept -> std::size_t;
    /// Events of these weights go to the subscriber. Throws std::bad_alloc; then nothing has changed.
    void deliver(std::span<std::size_t const> weights);
    /// The subscriber has processed so many events, from its first one on.
    void acknowledge(std::uint64_t total) noexcept;
    /// How many more the dispatcher may hear of: 0 or 1.
    auto grant() noexcept -> std::size_t;

    auto outstanding() const noexcept -> std::size_t { return outstanding_; }

private:
    std::size_t most_;
    std::size_t credit_ = 0;   // asked for, and not granted
    std::size_t granted_ = 0;  // and not delivered
    std::size_t outstanding_ = 0;
    core::block_queue<std::size_t> under_way_;  // the weight of each event
    std::uint64_t acknowledged_ = 0;
};

/// The gates of an outlet's subscriptions, by subscriber id.
class SLUICE_API weight_gates {
public:
    weight_gates() noexcept;
    weight_gates(weight_gates const&) = delete;
    auto operator=(weight_gates const&) -> weight_gates& = delete;
    ~weight_gates();

    auto any() const noexcept -> bool { return gates_in_use_ > 0; }
    auto of(subscriber_id id) const noexcept -> weight_gate*;
    void add(subscriber_id id, std::size_t most);
    void remove(subscriber_id id) noexcept;
    /// `events` go to that subscriber, each as heavy as `weigh(event)` says. It is to be asked for a grant when the
    /// dispatch is over. Throws what `weigh` throws; then nothing has changed.
    template <class T, class Weigh>
    void deliver(subscriber_id id, std::span<T> events, Weigh const& weigh) {
        note_due(id);
        for (T const& event : events) note_weight(weigh(event));
        deliver_noted(id);
    }
    /// Those to be asked for a grant. Until the next call.
    auto take_due() noexcept -> std::vector<subscriber_id> const&;

private:
    void note_due(subscriber_id id);
    void note_weight(std::size_t weight);
    void deliver_noted(subscriber_id id);

    std::vector<std::unique_ptr<weight_gate>> gates_;
    std::size_t gates_in_use_ = 0;
    std::vector<std::size_t> weights_;
    std::vector<subscriber_id> due_;
    std::vector<subscriber_id> taken_;
};

}  // namespace sluice::detail
