#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <sluice/core/demand.hpp>
#include <sluice/detail/ring.hpp>
#include <sluice/dispatcher/subscriber_id.hpp>
#include <span>
#include <utility>
#include <vector>

namespace sluice::detail {

/// Bounds what is under way to a subscriber by weight besides by number: of what it has asked for, only so much reaches
/// the dispatcher as its max_weight leaves room for. A plain value.
///
/// How heavy an event is shows only when it is there. So they are granted one at a time, as long as less than
/// max_weight is under way: the bound is passed by less than one event. O(1) an event, and an ask of the dispatcher for
/// each.
template <class T>
class weight_gate {
public:
    using weigher = std::function<std::size_t(T const&)>;

    weight_gate(weigher weigh, std::size_t most) : weigh_(std::move(weigh)), most_(most) {}

    /// The subscriber asks. Answers how many more the dispatcher may hear of now: 0 or 1.
    auto ask(std::size_t n) noexcept -> std::size_t {
        credit_ = core::saturating_add(credit_, n);
        return grant();
    }
    /// These go to the subscriber. Throws what the user's function throws; then nothing has changed.
    void deliver(std::span<T const> events) {
        auto const before = under_way_.size();
        try {
            for (T const& event : events) push(under_way_, weigh_(event));
        } catch (...) {
            under_way_.resize(before);
            throw;
        }
        for (auto i = before; i < under_way_.size(); ++i)
            outstanding_ = core::saturating_add(outstanding_, under_way_[i]);
        granted_ -= std::min(granted_, events.size());
    }
    /// The subscriber has processed so many events, from its first one on.
    void acknowledge(std::uint64_t total) noexcept {
        for (; acknowledged_ < total && !under_way_.empty(); ++acknowledged_) {
            outstanding_ -= std::min(outstanding_, under_way_.front());
            under_way_.pop_front();
        }
    }
    /// How many more the dispatcher may hear of: 0 or 1.
    auto grant() noexcept -> std::size_t {
        if (granted_ > 0 || credit_ == 0) return 0;
        if (outstanding_ >= most_) return 0;
        --credit_;
        return granted_ = 1;
    }

    auto outstanding() const noexcept -> std::size_t { return outstanding_; }

private:
    weigher weigh_;
    std::size_t most_;
    std::size_t credit_ = 0;   // asked for, and not granted
    std::size_t granted_ = 0;  // and not delivered
    std::size_t outstanding_ = 0;
    ring<std::size_t> under_way_;  // the weight of each event
    std::uint64_t acknowledged_ = 0;
};

/// The gates of an outlet's subscriptions, by subscriber id.
template <class T>
class weight_gates {
public:
    auto any() const noexcept -> bool { return gates_in_use_ > 0; }
    auto of(subscriber_id id) const noexcept -> weight_gate<T>* {
        return id < gates_.size() ? gates_[id].get() : nullptr;
    }
    void add(subscriber_id id, typename weight_gate<T>::weigher weigh, std::size_t most) {
        if (id >= gates_.size()) gates_.resize(id + 1);
        gates_[id] = std::make_unique<weight_gate<T>>(std::move(weigh), most);
        ++gates_in_use_;
    }
    void remove(subscriber_id id) noexcept {
        if (of(id) == nullptr) return;
        gates_[id].reset();
        --gates_in_use_;
    }
    /// To be asked for a grant when the dispatch is over.
    void note_due(subscriber_id id) { due_.push_back(id); }
    /// Until the next call.
    auto take_due() noexcept -> std::vector<subscriber_id> const& {
        taken_.clear();
        std::swap(taken_, due_);
        return taken_;
    }

private:
    std::vector<std::unique_ptr<weight_gate<T>>> gates_;
    std::size_t gates_in_use_ = 0;
    std::vector<subscriber_id> due_;
    std::vector<subscriber_id> taken_;
};

}  // namespace sluice::detail
