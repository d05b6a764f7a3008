#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <sluice/core/demand.hpp>
#include <sluice/dispatcher/subscriber_id.hpp>
#include <vector>

namespace sluice::core {

/// Subscribers in the order in which the demand dispatcher serves them: the largest demand first, and among equals
/// the one whose demand has been as it is for longest.
///
/// GenStage keeps a sorted list, O(subscribers) an ask. This is a binary heap on (demand, stamp of the last change)
/// with the place of each subscriber beside it: the same order, O(log subscribers) a change, O(1) to find anyone.
/// Memory is allocated by `insert` only, and kept.
class demand_heap {
public:
    struct entry {
        std::size_t demand = 0;
        std::uint64_t stamp = 0;  // larger: changed later
        subscriber_id id = 0;
        int priority = 0;
    };

    /// A new subscriber, without demand, behind all others. It must not be there yet.
    /// Throws std::bad_alloc, and nothing has changed then.
    void insert(subscriber_id id, int priority = 0) {
        assert(!contains(id));
        if (id >= places_.size()) places_.resize(std::size_t{id} + 1, absent);
        entries_.push_back({0, ++stamp_, id, priority});
        places_[id] = entries_.size() - 1;
        restore(entries_.size() - 1);
    }

    /// The subscriber leaves. Answers its demand.
    auto erase(subscriber_id id) noexcept -> std::size_t {
        const auto place = place_of(id);
        const auto demand = entries_[place].demand;
        total_.subtract(demand);
        const auto last = entries_.back();
        entries_.pop_back();
        places_[id] = absent;
        if (last.id != id) {
            put(place, last);
            restore(place);
        }
        return demand;
    }

    /// Gives the subscriber a new demand and puts it behind those who have the same.
    void update(subscriber_id id, std::size_t demand) noexcept {
        const auto place = place_of(id);
        auto& changed = entries_[place];
        total_.subtract(changed.demand);
        total_.add(demand);
        changed.demand = demand;
        changed.stamp = ++stamp_;
        if (entries_.size() > 1) restore(place);
    }

    auto contains(subscriber_id id) const noexcept -> bool { return id < places_.size() && places_[id] != absent; }
    auto demand(subscriber_id id) const noexcept -> std::size_t { return entries_[place_of(id)].demand; }

    /// Who is to be served next. There must be somebody.
    auto top() const noexcept -> entry const& { return entries_.front(); }

    auto empty() const noexcept -> bool { return entries_.empty(); }
    auto size() const noexcept -> std::size_t { return entries_.size(); }

    /// The sum of all demands, saturated. O(1).
    auto total() const noexcept -> std::size_t { return total_.value(); }

    /// All of them in serving order. O(n log n): for tests and for people.
    auto sorted() const -> std::vector<entry> {
        auto all = entries_;
        std::sort(all.begin(), all.end(), before);
        return all;
    }

private:
    static constexpr auto absent = std::numeric_limits<std::size_t>::max();

    static auto before(entry const& a, entry const& b) noexcept -> bool {
        if ((a.demand > 0) != (b.demand > 0)) return a.demand > 0;  // none is none, whatever the priority
        if (a.priority != b.priority) return a.priority > b.priority;
        return a.demand != b.demand ? a.demand > b.demand : a.stamp < b.stamp;
    }

    auto place_of(subscriber_id id) const noexcept -> std::size_t {
        assert(contains(id));
        return places_[id];
    }

    void put(std::size_t place, entry const& moved) noexcept {
        entries_[place] = moved;
        places_[moved.id] = place;
    }

    /// Moves the entry at `place` up or down to where it belongs; all others are in order.
    void restore(std::size_t place) noexcept {
        const auto moved = entries_[place];
        while (place > 0 && before(moved, entries_[(place - 1) / 2])) {
            put(place, entries_[(place - 1) / 2]);
            place = (place - 1) / 2;
        }
        for (auto child = 2 * place + 1; child < entries_.size(); child = 2 * place + 1) {
            if (child + 1 < entries_.size() && before(entries_[child + 1], entries_[child])) ++child;
            if (!before(entries_[child], moved)) break;
            put(place, entries_[child]);
            place = child;
        }
        put(place, moved);
    }

    std::vector<entry> entries_;       // the heap
    std::vector<std::size_t> places_;  // by subscriber: its index in the heap, or absent
    std::uint64_t stamp_ = 0;
    demand_sum total_;
};

}  // namespace sluice::core
