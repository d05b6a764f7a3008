#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <sluice/buffer_keep.hpp>
#include <sluice/core/block_queue.hpp>
#include <sluice/core/demand.hpp>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace sluice::core {

/// The events of a producer that nobody has asked for yet, in order, up to a bound; and among them infos: marks that
/// come out when the events before them have gone, whether taken or dropped. An info is never dropped.
///
/// Events beyond the bound are dropped, as buffer_keep says, and shown to the caller's `discard` on the way out: there
/// is no other way to lose one. GenStage: `GenStage.Buffer`, temporary and permanent entries.
///
/// O(1) an event, amortised; no allocation in the steady state. Events need only be movable.
/// The callables given to a function must not call the buffer. One thread at a time.
///
/// If something throws: an event is either still inside, or it was given away; see each function. Infos that were due
/// in a call that threw come out of the next one.
template <class T, class Info = std::monostate>
class event_buffer {
    static_assert(std::is_nothrow_move_constructible_v<Info>,
                  "an info must move without throwing: wrap it in a pointer");

public:
    /// What `store` and `clear` answer.
    struct stored {
        std::size_t discarded = 0;  ///< how many events were dropped
        std::vector<Info> infos;    ///< those that stood behind dropped events, in order: they are due now
    };

    /// What `take` answers.
    struct taken {
        std::size_t events = 0;     ///< how many events went to the sink
        std::size_t remaining = 0;  ///< how many more were wanted
        std::vector<Info> infos;    ///< those that stood behind the last of them, in order: they are due now
    };

    /// Without bound.
    event_buffer() noexcept : event_buffer(unlimited) {}

    /// At most `bound` events; `unlimited` is no bound, 0 stores nothing.
    explicit event_buffer(std::size_t bound, buffer_keep which = buffer_keep::last) noexcept
        : bound_(bound), keep_(which) {}

    /// Moves `events` in. Those beyond the bound are dropped, the oldest or the newest of all as it says: each is
    /// given to `discard(T&&)`, oldest first.
    ///
    /// If a move or an allocation throws, the events before that one are inside, it and those behind it are still the
    /// caller's: `total_stored` tells how many came in. If `discard` throws, the event it was called with counts as
    /// dropped, and no later one was touched.
    template <std::invocable<T&&> Discard>
    auto store(std::span<T> events, Discard&& discard) -> stored {
        const auto discarded_before = total_discarded_;
        if (keep_ == buffer_keep::first) {
            const auto fitting = std::min(events.size(), bound_ - size());
            push(events.first(fitting));
            discard_each(events.subspan(fitting), discard);
        } else {
            const auto fitting = std::min(events.size(), bound_);
            const auto staying = std::min(size(), bound_ - fitting);
            discard_oldest(size() - staying, discard);
            discard_each(events.first(events.size() - fitting), discard);
            push(events.last(fitting));
        }
        return {static_cast<std::size_t>(total_discarded_ - discarded_before), due_infos()};
    }

    /// Puts `info` behind the events that are inside now. False, and `info` is untouched, if the buffer is empty: then
    /// it is due at once. Throws std::bad_alloc; nothing has changed then.
    auto store_info(Info&& info) -> bool {
        if (empty()) return false;
        infos_.push_back({events_.end_number(), std::move(info)});
        return true;
    }

    /// The same with a copy.
    auto store_info(Info const& info) -> bool requires std::copy_constructible<Info> { return store_info(Info{info}); }

    /// Gives up to `n` events to `sink(T&&)`, oldest first, and stops early behind an event that infos stand behind.
    /// So deliver the events, then the infos, then take again what remains.
    ///
    /// If `sink` throws, it must have left that event as it was: it is still the oldest one inside.
    template <std::invocable<T&&> Sink>
    auto take(std::size_t n, Sink&& sink) -> taken {
        const auto count = std::min(n, until_info());
        for (std::size_t i = 0; i < count; ++i) {
            sink(std::move(events_.front()));
            events_.pop_front();
        }
        return {count, n - count, due_infos()};
    }

    /// The oldest events where they lie, as far as they lie side by side and no info stands among them, at most
    /// `limit`. Another way to take: look, move out of them what is wanted, then `pop` so many.
    auto front(std::size_t limit = unlimited) noexcept -> std::span<T> {
        return events_.front_run(std::min(limit, until_info()));
    }

    /// Removes the oldest `n` events, which must be no more than `front` showed. Answers the infos that stood there.
    auto pop(std::size_t n) -> std::vector<Info> {
        events_.pop_front(n);
        return due_infos();
    }

    /// Drops everything, oldest first. If `discard` throws, as in `store`.
    template <std::invocable<T&&> Discard>
    auto clear(Discard&& discard) -> stored {
        const auto discarded_before = total_discarded_;
        discard_oldest(size(), discard);
        return {static_cast<std::size_t>(total_discarded_ - discarded_before), due_infos()};
    }

    /// How many events are inside; infos do not count.
    auto size() const noexcept -> std::size_t { return events_.size(); }

    /// Neither events nor infos inside.
    auto empty() const noexcept -> bool { return events_.empty() && infos_.empty(); }

    /// How many infos are inside.
    auto info_count() const noexcept -> std::size_t { return infos_.size(); }
    /// How many events fit in.
    auto bound() const noexcept -> std::size_t { return bound_; }
    /// Which events survive when it is full.
    auto keeps() const noexcept -> buffer_keep { return keep_; }

    /// How many events ever came inside.
    auto total_stored() const noexcept -> std::uint64_t { return events_.end_number(); }
    /// How many events were ever dropped, whether they had been inside or not.
    auto total_discarded() const noexcept -> std::uint64_t { return total_discarded_; }

private:
    struct mark {
        std::uint64_t position;  // due when all events of a lower number have gone
        Info info;
    };

    /// How many events stand before the first info.
    auto until_info() noexcept -> std::size_t {
        if (infos_.empty()) return events_.size();
        const auto position = infos_.front().position;
        return position <= events_.begin_number() ? 0 : static_cast<std::size_t>(position - events_.begin_number());
    }

    void push(std::span<T> events) {
        for (auto& event : events) events_.push_back(std::move(event));
    }

    template <class Discard>
    void discard_each(std::span<T> events, Discard& discard) {
        for (auto& event : events) {
            ++total_discarded_;
            discard(std::move(event));
        }
    }

    template <class Discard>
    void discard_oldest(std::size_t n, Discard& discard) {
        struct pop_at_exit {
            block_queue<T>& events;
            ~pop_at_exit() { events.pop_front(); }
        };
        for (; n > 0; --n) {
            ++total_discarded_;
            const auto popped = pop_at_exit{events_};
            discard(std::move(events_.front()));
        }
    }

    auto due_infos() -> std::vector<Info> {
        auto last = infos_.begin_number();
        while (last != infos_.end_number() && infos_[last].position <= events_.begin_number()) ++last;
        auto due = std::vector<Info>{};
        due.reserve(static_cast<std::size_t>(last - infos_.begin_number()));  // all or none, should this throw
        for (; infos_.begin_number() != last; infos_.pop_front()) due.push_back(std::move(infos_.front().info));
        return due;
    }

    block_queue<T> events_;
    block_queue<mark> infos_;
    std::uint64_t total_discarded_ = 0;
    std::size_t bound_;
    buffer_keep keep_;
};

}  // namespace sluice::core
