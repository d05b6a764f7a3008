#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <sluice/core/block_queue.hpp>
#include <sluice/core/demand.hpp>
#include <sluice/detail/on_exit.hpp>
#include <sluice/detail/partition_lane.hpp>
#include <sluice/detail/partition_table.hpp>
#include <sluice/detail/planted.hpp>
#include <sluice/dispatcher/partition_options.hpp>
#include <sluice/dispatcher/subscriber_id.hpp>
#include <span>
#include <utility>
#include <vector>

namespace sluice::detail {

/// What a partition_dispatcher does once it knows the partitions by their places: its accounts, queues and infos. See
/// there for what each function means.
///
/// The account: waiting == demand + pending - queued, where what is queued counts only without queue_ahead; with it,
/// the demand that is met by the queue does not count either.
template <class T>
class partition_core {
public:
    using lane = partition_lane<T>;

    explicit partition_core(partition_options const& options) : options_(options), lanes_(options.partitions) {
        to_flush_.reserve(lanes_.size());
        touched_.reserve(lanes_.size());
    }

    void subscribe(subscriber_id id, std::uint32_t at, int priority) {
        if (id >= seats_.size()) seats_.resize(std::size_t{id} + 1);
        seats_[id] = {at, lanes_[at].join(id, priority)};
        ++size_;
    }

    /// The partition whose queue would be left behind if this subscriber went.
    auto orphan_of(subscriber_id id) const noexcept -> std::optional<std::uint32_t> {
        if (!contains(id)) return std::nullopt;
        auto const at = seats_[id].at;
        if (lanes_[at].consumers.size() > 1 || lanes_[at].queue.empty()) return std::nullopt;
        return at;
    }

    auto cancel(subscriber_id id, std::size_t buffered) -> std::size_t {
        auto const orphan = options_.on_leave == on_leave::drop ? orphan_of(id) : std::nullopt;
        if (orphan) dropped_.reserve(dropped_.size() + 1);
        auto const [at, local] = std::exchange(seats_[id], seat());
        auto const open_before = lanes_[at].unmet();
        auto const demand = lanes_[at].leave(local);
        --size_;
        pending_.add(options_.queue_ahead ? open_before - lanes_[at].unmet() : demand);
        return orphan ? drop(at, buffered) : 0;
    }

    auto ask(subscriber_id id, std::size_t n, std::size_t buffered) noexcept -> std::size_t {
        auto const [at, local] = seats_[id];
        auto& asking = lanes_[at];
        auto const before = asking.consumers.demand(local);
        auto const after = core::saturating_add(before, n);
        auto const open_before = asking.unmet();
        asking.consumers.update(local, after);
        if (!asking.queue.empty() && !std::exchange(asking.in_flush, true)) to_flush_.push_back(at);
        if (blocked_ == at || buffered == 0) blocked_ = no_partition;

        auto const more = options_.queue_ahead ? asking.unmet() - open_before : after - before;
        auto const wanted = more - std::min(more, unclaimed(buffered));
        auto const owed = std::min(wanted, pending());
        pending_.subtract(owed);
        waiting_.add(more - owed);
        return wanted - owed;
    }

    /// Room to write the places of that many events.
    auto places(std::size_t n) -> std::uint32_t* {
        decided_ = 0;
        if (places_.size() < n) places_.resize(n);
        return places_.data();
    }

    template <class Deliver>
    auto dispatch(std::span<T> events, Deliver& deliver) -> std::span<T> {
        auto const count = plan(events.size());
        decided_ = count;
        done_ = 0;
        try {
            for (auto const at : touched_) carry_out(at, events, deliver);
        } catch (...) {
            for (auto const index : std::span(indices_).first(done_)) places_[index] = no_partition;
            throw;
        }
        return events.subspan(count);
    }

    auto was_taken(std::size_t index) const noexcept -> bool {
        return index < decided_ && places_[index] == no_partition;
    }

    auto take_returned(std::size_t buffered) noexcept -> std::size_t {
        auto const returned = std::exchange(returned_, 0);
        return std::min(returned, waiting() - std::min(waiting(), buffered));
    }

    template <class Deliver>
    void flush(Deliver& deliver) {
        while (!to_flush_.empty()) {
            auto const at = to_flush_.back();
            hand_out(at, deliver);
            lanes_[at].in_flush = false;
            to_flush_.pop_back();
        }
    }

    template <class Sink>
    void clear(Sink& sink) {
        for (std::uint32_t at = 0; at < lanes_.size(); ++at) {
            while (!lanes_[at].queue.empty()) {
                auto const popped = on_exit([&] {
                    pop(at, 1);
                    if (!options_.queue_ahead) waiting_.add(1);
                });
                sink(std::move(lanes_[at].queue.front()));
            }
        }
    }

    template <class Sink>
    void take_dropped(Sink& sink) {
        for (auto& events : dropped_) {
            while (!events.empty()) {
                auto const popped = on_exit([&] { events.pop_front(); });
                sink(std::move(events.front()));
            }
        }
        dropped_.clear();
    }

    auto hold_info(std::uint64_t number) -> bool {
        if (queued_ == 0 && infos_.empty()) return false;
        infos_.reserve(1);
        for (auto& each : lanes_) each.marks.reserve(each.queue.empty() ? 0 : 1);
        auto partitions = std::size_t{0};
        for (auto& each : lanes_) {
            if (each.queue.empty()) continue;
            each.marks.push_back({each.queue.end_number(), infos_.end_number()});
            ++partitions;
        }
        infos_.push_back({number, partitions});
        return true;
    }

    auto take_due_info() noexcept -> std::optional<std::uint64_t> {
        if (infos_.empty() || infos_.front().partitions > 0) return std::nullopt;
        auto const number = infos_.front().number;
        infos_.pop_front();
        return number;
    }

    /// The partition that a warning is due for, or no_partition.
    auto take_warning() noexcept -> std::uint32_t { return std::exchange(warning_, no_partition); }
    /// The partition that holds back the producer, or no_partition.
    auto blocked() const noexcept -> std::uint32_t { return blocked_; }

    auto waiting() const noexcept -> std::size_t { return waiting_.value(); }
    auto pending() const noexcept -> std::size_t { return pending_.value(); }
    auto queued() const noexcept -> std::size_t { return queued_; }
    auto size() const noexcept -> std::size_t { return size_; }
    auto options() const noexcept -> partition_options const& { return options_; }
    auto at(std::uint32_t place) const noexcept -> lane const& { return lanes_[place]; }

    auto contains(subscriber_id id) const noexcept -> bool {
        return id < seats_.size() && seats_[id].at != no_partition;
    }
    auto demand(subscriber_id id) const noexcept -> std::size_t {
        return contains(id) ? lanes_[seats_[id].at].consumers.demand(seats_[id].local) : 0;
    }

private:
    struct seat {
        std::uint32_t at = no_partition;
        std::uint32_t local = 0;  // its number there
    };
    struct info {
        std::uint64_t number;
        std::size_t partitions;  // that have not yet passed it
    };

    /// Of the events that the producer holds, how many no demand waits for.
    auto unclaimed(std::size_t buffered) const noexcept -> std::size_t {
        return buffered - std::min(buffered, waiting());
    }

    /// Decides how many of the first events are taken, and reserves what that needs. If it throws, nothing has changed.
    auto plan(std::size_t events) -> std::size_t {
        for (auto const at : touched_) lanes_[at].planned = 0;
        touched_.clear();
        auto budget = waiting();
        auto wanted = std::size_t{0};  // events that somebody wants
        auto free = std::size_t{0};    // events that use up no demand
        auto full = no_partition;
        auto count = std::size_t{0};
        for (; count < events && budget > 0; ++count) {
            auto const at = places_[count];
            if (at == no_partition) {
                ++free;
                continue;
            }
            auto& to = lanes_[at];
            if (to.planned == 0) {
                touched_.push_back(at);
                to.open = to.unmet();
                auto const spare = options_.queue_limit - std::min(options_.queue_limit, to.queue.size());
                to.room = core::saturating_add(to.open, spare);
            }
            if (to.planned == to.room) {
                full = at;
                break;
            }
            if (options_.queue_ahead && to.planned >= to.open) {
                ++free;
            } else {
                --budget;
            }
            ++to.planned;
            ++wanted;
        }
        sort(count, wanted);
        note_full(full);
        if (!SLUICE_BUG(partition_none_swallows_demand)) returned_ = core::saturating_add(returned_, free);
        return count;
    }

    /// Writes the indices of the first `count` events, partition by partition, and reserves.
    void sort(std::size_t count, std::size_t wanted) {
        if (indices_.size() < wanted) indices_.resize(wanted);
        auto end = std::size_t{0};
        auto most = std::size_t{0};
        for (auto const at : touched_) {
            auto& to = lanes_[at];
            to.queue.reserve(to.planned - std::min(to.planned, to.open));
            to.end = end;
            end += to.planned;
            most = std::max(most, to.planned);
        }
        if (most < count) gathered_.reserve(most);
        for (std::size_t i = 0; i < count; ++i) {
            if (places_[i] != no_partition) indices_[lanes_[places_[i]].end++] = static_cast<std::uint32_t>(i);
        }
    }

    void note_full(std::uint32_t at) noexcept {
        blocked_ = at;
        if (at == no_partition) return;
        ++lanes_[at].held_back;
        if (!std::exchange(lanes_[at].told_full, true)) warning_ = at;
    }

    /// Delivers and queues what is planned for one partition.
    template <class Deliver>
    void carry_out(std::uint32_t at, std::span<T> events, Deliver& deliver) {
        auto& to = lanes_[at];
        auto indices = std::span(indices_).subspan(to.end - to.planned, to.planned);
        if (!to.queue.empty()) hand_out(at, deliver);
        while (!indices.empty() && to.demand() > 0) {
            auto const [demand, local] = to.consumers.top();
            auto const part = indices.first(std::min(demand, indices.size()));
            serve(to, local, part, events, deliver);
            indices = indices.subspan(part.size());
        }
        for (auto const index : indices) {
            to.queue.push_back(std::move(events[index]));
            ++queued_;
            ++done_;
            if (!options_.queue_ahead) waiting_.subtract(1);
        }
    }

    template <class Deliver>
    void serve(lane& to, std::uint32_t local, std::span<std::uint32_t const> part, std::span<T> events,
               Deliver& deliver) {
        auto const first = part.front();
        if (part.back() - first + 1 == part.size()) {
            hand_over(to, local, events.subspan(first, part.size()), deliver);
            return;
        }
        auto const emptied = on_exit([&] { gathered_.clear(); });
        try {
            for (auto const index : part) gathered_.push_back(std::move(events[index]));
        } catch (...) {  // what has been moved must not be lost
            if (!gathered_.empty()) hand_over(to, local, std::span(gathered_), deliver);
            throw;
        }
        hand_over(to, local, std::span(gathered_), deliver);
    }

    template <class Deliver>
    void hand_over(lane& to, std::uint32_t local, std::span<T> part, Deliver& deliver) {
        // First, so that all is in order if deliver throws.
        to.consumers.update(local, to.consumers.demand(local) - part.size());
        to.delivered += part.size();
        waiting_.subtract(part.size());
        done_ += part.size();
        deliver(to.members[local], part);
    }

    /// Hands out what is queued, as far as it is asked for.
    template <class Deliver>
    void hand_out(std::uint32_t at, Deliver& deliver) {
        auto& to = lanes_[at];
        while (!to.queue.empty() && to.demand() > 0) {
            auto const [demand, local] = to.consumers.top();
            for (auto left = std::min(demand, to.queue.size()); left > 0;) {
                auto const run = to.queue.front_run(left);
                left -= run.size();
                to.consumers.update(local, to.consumers.demand(local) - run.size());
                to.delivered += run.size();
                auto const popped = on_exit([&] { pop(at, run.size()); });
                deliver(to.members[local], run);
            }
        }
    }

    /// The oldest events of a queue are gone.
    void pop(std::uint32_t at, std::size_t n) noexcept {
        auto& from = lanes_[at];
        from.queue.pop_front(n);
        passed(at, n, from.queue.begin_number());
    }

    void passed(std::uint32_t at, std::size_t n, std::uint64_t position) noexcept {
        auto& from = lanes_[at];
        queued_ -= n;
        for (; !from.marks.empty() && from.marks.front().position <= position; from.marks.pop_front())
            --infos_[from.marks.front().info].partitions;
        if (from.queue.empty()) from.told_full = false;
        if (blocked_ == at) blocked_ = no_partition;
    }

    /// The room for it is there.
    auto drop(std::uint32_t at, std::size_t buffered) noexcept -> std::size_t {
        auto const n = lanes_[at].queue.size();
        auto const end = lanes_[at].queue.end_number();
        dropped_.push_back(std::move(lanes_[at].queue));
        passed(at, n, end);
        if (options_.queue_ahead) return 0;
        auto const asked = n - std::min(n, unclaimed(buffered));
        waiting_.add(n);
        return asked;
    }

    partition_options options_;
    std::vector<lane> lanes_;
    std::vector<seat> seats_;              // by subscriber
    std::vector<std::uint32_t> to_flush_;  // partitions with events and demand
    core::block_queue<info> infos_;
    std::vector<core::block_queue<T>> dropped_;
    core::demand_sum waiting_;
    core::demand_sum pending_;
    std::size_t queued_ = 0;
    std::size_t size_ = 0;
    std::size_t returned_ = 0;
    std::uint32_t blocked_ = no_partition;
    std::uint32_t warning_ = no_partition;

    // Of one dispatch; kept for their memory.
    std::vector<std::uint32_t> places_;   // by event: its partition; after a failure, no_partition if it was taken
    std::vector<std::uint32_t> touched_;  // partitions that get events
    std::vector<std::uint32_t> indices_;  // of the events taken, partition by partition
    std::vector<T> gathered_;
    std::size_t decided_ = 0;  // how many events were to be taken
    std::size_t done_ = 0;     // how many indices have been dealt with
};

}  // namespace sluice::detail
