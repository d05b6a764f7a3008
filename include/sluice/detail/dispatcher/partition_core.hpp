#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <sluice/core/copyable.hpp>
#include <sluice/core/demand.hpp>
#include <sluice/core/on_exit.hpp>
#include <sluice/core/planted.hpp>
#include <sluice/detail/dispatcher/partition_accounts.hpp>
#include <sluice/detail/dispatcher/partition_lane.hpp>
#include <sluice/detail/dispatcher/partition_table.hpp>
#include <sluice/dispatcher/partition_options.hpp>
#include <sluice/subscriber_id.hpp>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::detail {

/// What a partition_dispatcher does once it knows the partitions by their places: hands out, and queues. See there for
/// what each function means.
template <class T>
class partition_core : public partition_accounts<T> {
    using base = partition_accounts<T>;

public:
    using base::waiting;
    using typename base::lane;

    explicit partition_core(partition_options const& options) : base(options) { touched_.reserve(lanes_.size()); }

    /// Room to write the places of that many events.
    auto places(std::size_t n) -> std::uint32_t* {
        decided_ = 0;
        if (places_.size() < n) places_.resize(n);
        return places_.data();
    }

    template <class Deliver>
    auto dispatch(std::span<T> events, Deliver& deliver) -> std::span<T> {
        done_ = 0;
        if (events.size() == 1 && goes_at_once(places_[0])) return deliver_one(events, deliver);
        auto const count = plan(events.size());
        decided_ = count;
        try {
            if constexpr (is_scattered) {
                if (touched_.size() > 1) return scatter(events, count, deliver);
            }
            for (auto const at : touched_) carry_out(at, events, deliver);
        } catch (...) {
            if (is_scattered && touched_.size() > 1) write_indices(count);
            for (auto const index : std::span(indices_).first(done_)) places_[index] = no_partition;
            throw;
        }
        return events.subspan(count);
    }

    auto was_taken(std::size_t index) const noexcept -> bool {
        return index < decided_ && places_[index] == no_partition;
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

private:
    using base::blocked_;
    using base::lanes_;
    using base::note_full;
    using base::options_;
    using base::pop;
    using base::queued_;
    using base::returned_;
    using base::to_flush_;
    using base::waiting_;

    // What can be copied by its bytes is put in order by a pass over the events instead of one over their indices.
    static constexpr bool is_scattered = core::is_copied_as_bytes<T> && std::is_nothrow_default_constructible_v<T>;

    /// Most single events: somebody waits for it, and nothing is before it.
    auto goes_at_once(std::uint32_t at) const noexcept -> bool {
        return at != no_partition && waiting() > 0 && lanes_[at].queue.empty() && lanes_[at].demand() > 0;
    }
    template <class Deliver>
    auto deliver_one(std::span<T> event, Deliver& deliver) -> std::span<T> {
        auto& to = lanes_[places_[0]];
        blocked_ = no_partition;
        decided_ = 1;
        places_[0] = no_partition;  // it counts as taken, whatever deliver does
        hand_over(to, to.consumers.top().id, event, deliver);
        return event.subspan(1);
    }

    /// Decides how many of the first events are taken, and reserves what that needs. If it throws, nothing has changed.
    auto plan(std::size_t events) -> std::size_t {
        auto const wanted = count_all(events);
        if (!wanted) return plan_some(events);
        sort(events, *wanted);
        note_full(no_partition);
        if (!SLUICE_BUG(partition_none_swallows_demand)) returned_ = core::saturating_add(returned_, events - *wanted);
        return events;
    }
    void forget_plan() noexcept {
        for (auto const at : touched_) lanes_[at].planned = 0;
        touched_.clear();
    }
    /// How many somebody wants, if all of them can be delivered at once. It looks at the demand only once they are
    /// counted, for mostly there is enough.
    auto count_all(std::size_t events) -> std::optional<std::size_t> {
        forget_plan();
        if (events > waiting()) return std::nullopt;
        auto wanted = events;
        for (std::size_t i = 0; i < events; ++i) {
            auto const at = places_[i];
            if (at == no_partition) {
                --wanted;
            } else if (lanes_[at].planned++ == 0) {
                lanes_[at].first = i;
                touched_.push_back(at);
            }
        }
        for (auto const at : touched_) {
            auto& to = lanes_[at];
            to.open = to.unmet();
            if (to.planned > to.open) return std::nullopt;
        }
        return wanted;
    }
    /// As many as there is demand and room for.
    auto plan_some(std::size_t events) -> std::size_t {
        forget_plan();
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
                to.first = count;
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
        if constexpr (is_scattered) {
            if (touched_.size() > 1) {
                if (scattered_.size() < wanted) scattered_.resize(wanted);
                return;
            }
        }
        if (most < count) gathered_.reserve(most);
        write_indices(count);
    }
    /// Each partition's behind one another; `end` is where they begin before, and where they end afterwards.
    void write_indices(std::size_t count) noexcept {
        auto end = std::size_t{0};
        for (auto const at : touched_) end = (lanes_[at].end = end) + lanes_[at].planned;
        for (std::size_t i = 0; i < count; ++i) {
            if (places_[i] != no_partition) indices_[lanes_[places_[i]].end++] = static_cast<std::uint32_t>(i);
        }
    }

    /// Delivers and queues the first `count` events, of several partitions.
    template <class Deliver>
    auto scatter(std::span<T> events, std::size_t count, Deliver& deliver) -> std::span<T> {
        auto* const into = scattered_.data();
        for (std::size_t i = 0; i < count; ++i) {
            if (places_[i] != no_partition) into[lanes_[places_[i]].end++] = events[i];
        }
        for (auto const at : touched_) {
            auto& to = lanes_[at];
            auto part = std::span<T>(into + (to.end - to.planned), to.planned);
            if (is_run(at)) part = events.subspan(to.first, to.planned);  // where they lie
            if (!to.queue.empty()) hand_out(at, deliver);
            while (!part.empty() && to.demand() > 0) {
                auto const [demand, local] = to.consumers.top();
                auto const now = part.first(std::min(demand, part.size()));
                hand_over(to, local, now, deliver);
                part = part.subspan(now.size());
            }
            for (T& event : part) enqueue(to, event);
        }
        return events.subspan(count);
    }
    auto is_run(std::uint32_t at) const noexcept -> bool {
        auto const run = std::span(places_).subspan(lanes_[at].first, lanes_[at].planned);
        return std::ranges::all_of(run, [at](std::uint32_t each) { return each == at; });
    }
    void enqueue(lane& to, T& event) {
        to.queue.push_back(std::move(event));
        ++queued_;
        ++done_;
        if (!options_.queue_ahead) waiting_.subtract(1);
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
        for (auto const index : indices) enqueue(to, events[index]);
    }

    template <class Deliver>
    void serve(lane& to, std::uint32_t local, std::span<std::uint32_t const> part, std::span<T> events,
               Deliver& deliver) {
        auto const first = part.front();
        if (part.back() - first + 1 == part.size()) {
            hand_over(to, local, events.subspan(first, part.size()), deliver);
            return;
        }
        auto const emptied = core::on_exit([&] { gathered_.clear(); });
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
                auto const popped = core::on_exit([&] { pop(at, run.size()); });
                deliver(to.members[local], run);
            }
        }
    }

    // Of one dispatch; kept for their memory.
    std::vector<std::uint32_t> places_;   // by event: its partition; after a failure, no_partition if it was taken
    std::vector<std::uint32_t> touched_;  // partitions that get events
    std::vector<std::uint32_t> indices_;  // of the events taken, partition by partition
    std::vector<T> gathered_;
    std::vector<T> scattered_;
    std::size_t decided_ = 0;  // how many events were to be taken
    std::size_t done_ = 0;     // how many indices have been dealt with
};

}  // namespace sluice::detail
