#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <sluice/detail/flow/nodes.hpp>
#include <utility>
#include <vector>

namespace sluice::detail {

/// Keeps the first events by an order, in a heap with the last of them on top, and pushes them sorted, at the end.
template <class In, class Less, class Next>
class top_node {
public:
    top_node(std::size_t count, Less less, Next&& then)
        : next(std::move(then)), count_(count), less_(std::move(less)) {}

    auto push(In&& event, pace&) -> bool {
        if (kept_.size() < count_) {
            kept_.push_back(std::move(event));
            std::push_heap(kept_.begin(), kept_.end(), std::ref(less_));
        } else if (count_ > 0 && std::invoke(less_, std::as_const(event), std::as_const(kept_.front()))) {
            std::pop_heap(kept_.begin(), kept_.end(), std::ref(less_));
            kept_.back() = std::move(event);
            std::push_heap(kept_.begin(), kept_.end(), std::ref(less_));
        }
        return true;
    }
    auto resume(pace& p) -> bool { return next.resume(p); }
    auto finish(pace& p) -> bool {
        if (!is_finished_) {
            if (!sort(p)) return false;
            is_finished_ = true;
            if (!next.push(std::move(kept_), p)) return false;
        }
        return next.finish(p);
    }
    auto is_done() const noexcept -> bool { return next.is_done(); }

    Next next;

private:
    /// What std::sort_heap does, one at a time; false when it must pause.
    auto sort(pace& p) -> bool {
        for (; sorted_ < kept_.size(); ++sorted_) {
            if (sorted_ > 0 && !p.step()) return false;
            std::pop_heap(kept_.begin(), kept_.end() - static_cast<std::ptrdiff_t>(sorted_), std::ref(less_));
        }
        return true;
    }

    std::size_t count_;
    Less less_;
    std::vector<In> kept_;
    std::size_t sorted_ = 0;  // of the heap, at its end
    bool is_finished_ = false;
};

/// Merges sorted vectors, and keeps the first of their events.
template <class All, class Less, class Next>
struct merge_top_node : passing_node<Next> {
    auto push(All&& sorted, pace&) -> bool {
        All both;
        both.reserve(std::min(count, kept.size() + sorted.size()));
        auto a = kept.begin();
        auto b = sorted.begin();
        while (both.size() < count && (a != kept.end() || b != sorted.end())) {
            bool const takes_b =
                a == kept.end() || (b != sorted.end() && std::invoke(less, std::as_const(*b), std::as_const(*a)));
            both.push_back(std::move(takes_b ? *b++ : *a++));
        }
        kept = std::move(both);
        return true;
    }
    auto finish(pace& p) -> bool {
        if (!std::exchange(is_finished, true) && !this->next.push(std::move(kept), p)) return false;
        return this->next.finish(p);
    }

    std::size_t count;
    Less less;
    All kept = {};
    bool is_finished = false;
};

}  // namespace sluice::detail
