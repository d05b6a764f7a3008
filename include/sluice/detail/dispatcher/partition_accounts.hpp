#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <sluice/core/block_queue.hpp>
#include <sluice/core/demand.hpp>
#include <sluice/core/on_exit.hpp>
#include <sluice/detail/dispatcher/partition_lane.hpp>
#include <sluice/detail/dispatcher/partition_table.hpp>
#include <sluice/dispatcher/partition_options.hpp>
#include <sluice/subscriber_id.hpp>
#include <utility>
#include <vector>

namespace sluice::detail {

/// Of a partition_dispatcher that knows the partitions by their places: its subscribers, its accounts, its queues and
/// its infos. See there for what each function means.
///
/// The account: waiting == demand + pending - queued, where what is queued counts only without queue_ahead; with it,
/// the demand that is met by the queue does not count either.
template <class T>
class partition_accounts {
public:
    using lane = partition_lane<T>;

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

    auto take_returned(std::size_t buffered) noexcept -> std::size_t {
        auto const returned = std::exchange(returned_, 0);
        return std::min(returned, waiting() - std::min(waiting(), buffered));
    }

    template <class Sink>
    void clear(Sink& sink) {
        for (std::uint32_t at = 0; at < lanes_.size(); ++at) {
            while (!lanes_[at].queue.empty()) {
                auto const popped = core::on_exit([&] {
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
                auto const popped = core::on_exit([&] { events.pop_front(); });
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

    /// flush(), take_returned(), take_dropped() or take_due_info() may have something to do.
    auto has_news() const noexcept -> bool {
        return !to_flush_.empty() || returned_ > 0 || !dropped_.empty() || !infos_.empty();
    }

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

protected:
    explicit partition_accounts(partition_options const& options) : options_(options), lanes_(options.partitions) {
        to_flush_.reserve(lanes_.size());
    }

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

    void note_full(std::uint32_t at) noexcept {
        blocked_ = at;
        if (at == no_partition) return;
        ++lanes_[at].held_back;
        if (!std::exchange(lanes_[at].told_full, true)) warning_ = at;
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
};

}  // namespace sluice::detail
