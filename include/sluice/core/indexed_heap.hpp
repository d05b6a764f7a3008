#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <functional>
#include <limits>
#include <sluice/subscriber_id.hpp>
#include <utility>
#include <vector>

namespace sluice::core {

/// Subscribers by a key, the smallest first; the key of any of them can be changed.
///
/// A binary heap with the place of each subscriber beside it: O(log subscribers) a change, O(1) to find anyone. For an
/// order among equal keys put a stamp into the key. Memory is allocated by `insert` only, and kept; ids must be dense.
template <class Key, class Less = std::less<Key>>
class indexed_heap {
public:
    /// A subscriber with its key.
    struct entry {
        Key key;               ///< where it stands
        subscriber_id id = 0;  ///< who it is
    };

    /// A new subscriber, which must not be there yet. Throws std::bad_alloc, and nothing has changed then.
    void insert(subscriber_id id, Key key) {
        assert(!contains(id));
        if (id >= places_.size()) places_.resize(std::size_t{id} + 1, absent);
        entries_.push_back({key, id});
        places_[id] = entries_.size() - 1;
        restore(entries_.size() - 1);
    }

    /// The subscriber leaves.
    void erase(subscriber_id id) noexcept {
        const auto place = place_of(id);
        const auto last = entries_.back();
        entries_.pop_back();
        places_[id] = absent;
        if (last.id == id) return;
        put(place, last);
        restore(place);
    }

    /// Gives the subscriber another key.
    void update(subscriber_id id, Key key) noexcept {
        change(id, [&key](Key& old) { old = key; });
    }
    /// Has `f(key)` change the subscriber's key; it must not throw.
    template <class F>
    void change(subscriber_id id, F&& f) noexcept {
        const auto place = place_of(id);
        f(entries_[place].key);
        restore(place);
    }

    /// Whether the subscriber is there. O(1).
    auto contains(subscriber_id id) const noexcept -> bool { return id < places_.size() && places_[id] != absent; }
    /// The key of a subscriber, which must be there. O(1).
    auto key(subscriber_id id) const noexcept -> Key const& { return entries_[place_of(id)].key; }

    /// The key of the only one there is, which can be changed at will.
    auto only() noexcept -> Key& {
        assert(size() == 1);
        return entries_.front().key;
    }

    /// The one with the smallest key. There must be somebody.
    auto top() const noexcept -> entry const& { return entries_.front(); }

    /// Whether nobody is there.
    auto empty() const noexcept -> bool { return entries_.empty(); }
    /// How many are there.
    auto size() const noexcept -> std::size_t { return entries_.size(); }

    /// All of them, the smallest key first. O(n log n): for tests and for people.
    auto sorted() const -> std::vector<entry> {
        auto all = entries_;
        std::sort(all.begin(), all.end(), before);
        return all;
    }

private:
    static constexpr auto absent = std::numeric_limits<std::size_t>::max();

    static auto before(entry const& a, entry const& b) noexcept -> bool { return Less{}(a.key, b.key); }

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
        if (entries_.size() == 1) return;  // most have one consumer
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
};

}  // namespace sluice::core
