#pragma once

#include <cassert>
#include <cstddef>
#include <limits>
#include <sluice/subscriber_id.hpp>
#include <vector>

namespace sluice::core {

/// Subscribers in the order in which they came. O(1) to add one, to take any of them out, and to go on to the next.
/// Memory is allocated by `push_back` only, and kept; ids must be dense.
class id_list {
public:
    /// No subscriber: behind the last one.
    static constexpr auto none = std::numeric_limits<subscriber_id>::max();

    /// Puts a subscriber, which must not be there yet, behind all others. Throws std::bad_alloc, and nothing has
    /// changed then.
    void push_back(subscriber_id id) {
        assert(!contains(id));
        if (id >= links_.size()) links_.resize(std::size_t{id} + 1);
        links_[id] = {last_, none, true};
        (last_ == none ? first_ : links_[last_].next) = id;
        last_ = id;
    }

    /// Takes out a subscriber, which must be there.
    void erase(subscriber_id id) noexcept {
        assert(contains(id));
        auto const [previous, next, inside] = links_[id];
        (previous == none ? first_ : links_[previous].next) = next;
        (next == none ? last_ : links_[next].previous) = previous;
        links_[id].inside = false;
    }

    /// Whether it is in the list. O(1).
    auto contains(subscriber_id id) const noexcept -> bool { return id < links_.size() && links_[id].inside; }

    /// The one that came first, or `none`.
    auto first() const noexcept -> subscriber_id { return first_; }
    /// The one that came next after `id`, which must be there, or `none`.
    auto after(subscriber_id id) const noexcept -> subscriber_id { return links_[id].next; }

private:
    struct link {
        subscriber_id previous = none;
        subscriber_id next = none;
        bool inside = false;
    };

    std::vector<link> links_;
    subscriber_id first_ = none;
    subscriber_id last_ = none;
};

}  // namespace sluice::core
