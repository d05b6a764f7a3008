#pragma once

#include <cstddef>
#include <cstdint>
#include <sluice/core/api.hpp>
#include <sluice/core/demand.hpp>
#include <sluice/core/indexed_heap.hpp>
#include <sluice/subscriber_id.hpp>
#include <vector>

namespace sluice::core {

/// Subscribers in the order in which the demand dispatcher serves them: those of a higher priority first, then the
/// largest demand, and among equals the one whose demand has been as it is for longest. Who has no demand comes last.
///
/// GenStage keeps a sorted list, O(subscribers) an ask. This is an indexed_heap on (priority, demand, stamp of the last
/// change): the same order, O(log subscribers) a change, O(1) to find anyone. Memory is allocated by `insert` only, and
/// kept.
class SLUICE_API demand_heap {
public:
    /// A subscriber with its demand.
    struct entry {
        std::size_t demand = 0;  ///< how many it wants
        subscriber_id id = 0;    ///< who it is

        /// The same subscriber with the same demand.
        friend auto operator==(entry const&, entry const&) -> bool = default;
    };

    /// Nobody.
    demand_heap() noexcept;
    /// @{
    /// As usual for a value.
    demand_heap(demand_heap const&);
    demand_heap(demand_heap&&) noexcept;
    auto operator=(demand_heap const&) -> demand_heap&;
    auto operator=(demand_heap&&) noexcept -> demand_heap&;
    ~demand_heap();
    /// @}

    /// A new subscriber, without demand, behind all others. It must not be there yet.
    /// Throws std::bad_alloc, and nothing has changed then.
    void insert(subscriber_id id, int priority = 0);

    /// The subscriber leaves. Answers its demand.
    auto erase(subscriber_id id) noexcept -> std::size_t;

    /// Gives the subscriber a new demand and puts it behind those who have the same.
    void update(subscriber_id id, std::size_t demand) noexcept {
        if (heap_.size() == 1) {  // most have one consumer, and its place is the first
            put(heap_.only(), demand);
        } else {
            update_among_others(id, demand);
        }
    }

    /// Whether the subscriber is there. O(1).
    auto contains(subscriber_id id) const noexcept -> bool { return heap_.contains(id); }
    /// The demand of a subscriber, which must be there. O(1).
    auto demand(subscriber_id id) const noexcept -> std::size_t { return heap_.key(id).demand; }

    /// Who is to be served next. There must be somebody.
    auto top() const noexcept -> entry { return {heap_.top().key.demand, heap_.top().id}; }

    /// Whether nobody is there.
    auto empty() const noexcept -> bool { return heap_.empty(); }
    /// How many are there.
    auto size() const noexcept -> std::size_t { return heap_.size(); }

    /// The sum of all demands, saturated. O(1).
    auto total() const noexcept -> std::size_t { return total_.value(); }

    /// All of them in serving order. O(n log n): for tests and for people.
    auto sorted() const -> std::vector<entry>;

private:
    struct rank {
        std::size_t demand = 0;
        std::uint64_t stamp = 0;  // larger: changed later
        int priority = 0;
    };
    struct before {
        auto operator()(rank const& a, rank const& b) const noexcept -> bool;
    };

    void put(rank& r, std::size_t demand) noexcept {
        total_.subtract(r.demand);
        total_.add(demand);
        r.demand = demand;
        r.stamp = ++stamp_;
    }
    void update_among_others(subscriber_id id, std::size_t demand) noexcept;

    indexed_heap<rank, before> heap_;
    std::uint64_t stamp_ = 0;
    demand_sum total_;
};

}  // namespace sluice::core
