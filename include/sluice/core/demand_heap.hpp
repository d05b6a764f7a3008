#pragma once

#include <cstddef>
#include <cstdint>
#include <sluice/core/demand.hpp>
#include <sluice/core/indexed_heap.hpp>
#include <sluice/dispatcher/subscriber_id.hpp>
#include <vector>

namespace sluice::core {

/// Subscribers in the order in which the demand dispatcher serves them: those of a higher priority first, then the
/// largest demand, and among equals the one whose demand has been as it is for longest. Who has no demand comes last.
///
/// GenStage keeps a sorted list, O(subscribers) an ask. This is an indexed_heap on (priority, demand, stamp of the last
/// change): the same order, O(log subscribers) a change, O(1) to find anyone. Memory is allocated by `insert` only, and
/// kept.
class demand_heap {
public:
    struct entry {
        std::size_t demand = 0;
        subscriber_id id = 0;
    };

    /// A new subscriber, without demand, behind all others. It must not be there yet.
    /// Throws std::bad_alloc, and nothing has changed then.
    void insert(subscriber_id id, int priority = 0) { heap_.insert(id, {0, ++stamp_, priority}); }

    /// The subscriber leaves. Answers its demand.
    auto erase(subscriber_id id) noexcept -> std::size_t {
        const auto left = demand(id);
        total_.subtract(left);
        heap_.erase(id);
        return left;
    }

    /// Gives the subscriber a new demand and puts it behind those who have the same.
    void update(subscriber_id id, std::size_t demand) noexcept {
        heap_.change(id, [&](rank& r) {
            total_.subtract(r.demand);
            total_.add(demand);
            r.demand = demand;
            r.stamp = ++stamp_;
        });
    }

    auto contains(subscriber_id id) const noexcept -> bool { return heap_.contains(id); }
    auto demand(subscriber_id id) const noexcept -> std::size_t { return heap_.key(id).demand; }

    /// Who is to be served next. There must be somebody.
    auto top() const noexcept -> entry { return {heap_.top().key.demand, heap_.top().id}; }

    auto empty() const noexcept -> bool { return heap_.empty(); }
    auto size() const noexcept -> std::size_t { return heap_.size(); }

    /// The sum of all demands, saturated. O(1).
    auto total() const noexcept -> std::size_t { return total_.value(); }

    /// All of them in serving order. O(n log n): for tests and for people.
    auto sorted() const -> std::vector<entry> {
        std::vector<entry> all;
        for (auto const& each : heap_.sorted()) all.push_back({each.key.demand, each.id});
        return all;
    }

private:
    struct rank {
        std::size_t demand = 0;
        std::uint64_t stamp = 0;  // larger: changed later
        int priority = 0;
    };
    struct before {
        auto operator()(rank const& a, rank const& b) const noexcept -> bool {
            if ((a.demand > 0) != (b.demand > 0)) return a.demand > 0;  // none is none, whatever the priority
            if (a.priority != b.priority) return a.priority > b.priority;
            return a.demand != b.demand ? a.demand > b.demand : a.stamp < b.stamp;
        }
    };

    indexed_heap<rank, before> heap_;
    std::uint64_t stamp_ = 0;
    demand_sum total_;
};

}  // namespace sluice::core
