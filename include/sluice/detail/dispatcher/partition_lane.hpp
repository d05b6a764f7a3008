#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <sluice/core/block_queue.hpp>
#include <sluice/core/demand.hpp>
#include <sluice/core/demand_heap.hpp>
#include <sluice/subscriber_id.hpp>
#include <vector>

namespace sluice::detail {

/// One partition of a partition_dispatcher: its subscribers, its queue and the marks in it. Subscribers have numbers of
/// their own here, dense in this partition: else each of many partitions would need a table of all subscribers.
template <class T>
struct partition_lane {
    /// An info waits for the events up to here.
    struct mark {
        std::uint64_t position;
        std::uint64_t info;
    };

    /// Answers the number here. Throws std::bad_alloc, and nothing has changed then.
    auto join(subscriber_id id, int priority) -> std::uint32_t {
        auto const local = free.empty() ? static_cast<std::uint32_t>(members.size()) : free.back();
        if (members.size() == members.capacity()) members.reserve(2 * members.size() + 1);
        free.reserve(members.capacity());  // so that nobody's leaving allocates
        consumers.insert(local, priority);
        if (local == members.size()) {
            members.push_back(id);
        } else {
            free.pop_back();
            members[local] = id;
        }
        return local;
    }

    /// Answers the demand left behind.
    auto leave(std::uint32_t local) noexcept -> std::size_t {
        free.push_back(local);
        return consumers.erase(local);
    }

    auto demand() const noexcept -> std::size_t { return consumers.total(); }
    /// The demand that what is queued does not meet.
    auto unmet() const noexcept -> std::size_t { return demand() - std::min(demand(), queue.size()); }

    core::demand_heap consumers;
    core::block_queue<T> queue;
    core::block_queue<mark> marks;
    std::vector<subscriber_id> members;  // by local number
    std::vector<std::uint32_t> free;     // local numbers
    std::uint64_t delivered = 0;
    std::uint64_t held_back = 0;
    bool told_full = false;   // a warning was given since the queue was last empty
    bool in_flush = false;    // among those to be flushed
    std::size_t planned = 0;  // of the dispatch that is going on: events for this partition,
    std::size_t first = 0;    // the first of them,
    std::size_t open = 0;     // how many of them its subscribers can take,
    std::size_t room = 0;     // how many with those that can be queued,
    std::size_t end = 0;      // and where their indices end
};

}  // namespace sluice::detail
