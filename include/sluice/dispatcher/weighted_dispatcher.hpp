#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <sluice/core/demand.hpp>
#include <sluice/core/indexed_heap.hpp>
#include <sluice/core/owed_demand.hpp>
#include <sluice/core/planted.hpp>
#include <sluice/dispatcher/subscriber.hpp>
#include <sluice/errc.hpp>
#include <sluice/subscriber_id.hpp>
#include <span>
#include <type_traits>
#include <vector>

namespace sluice {

/// Options of a weighted_dispatcher.
struct weighted_options {
    /// How many events a subscriber is given in one turn at least, per unit of its weight, as far as its demand goes.
    /// More: larger parts, and fewer of them, where batches are small; subscribers are further apart for it. At
    /// least 1.
    std::size_t quantum = 1;
};
static_assert(std::is_trivially_destructible_v<weighted_options>);

/// Gives each event to one subscriber, and to each in proportion to its weight (`subscribe_options::weight`) among
/// those that have demand, whatever their max_demand. GenStage has none like it: its `DemandDispatcher` gives most to
/// the one that asks for most.
///
/// Subscribers take turns. A round is `quantum * weight` events, and the next turn is that of the one that is the
/// fewest rounds ahead; among equals, of the one whose last turn is longest ago. A turn is as many rounds as it takes
/// to give the batch away in one turn of each that has demand: so a batch is split into about as many parts as there
/// are subscribers, and shared as the weights say. A round that was cut short, because the batch ended, goes on in the
/// next batch.
///
/// Nobody saves up: one that comes, or has been without demand, is as far as the last of the others when it asks.
/// As long as two subscribers have demand throughout, they get no further apart than the rounds of the longest turn,
/// and one.
///
/// What a subscriber asks for is asked of the producer, less what the producer owes to subscribers that have left:
/// `pending`, as in `demand_dispatcher`.
///
/// subscribe, ask, cancel: O(log subscribers). dispatch: the same for each turn. Memory is allocated by `subscribe`;
/// ids must be dense. One thread at a time; `deliver` may call any function but `dispatch`.
template <class T>
class weighted_dispatcher {
public:
    /// With the options' defaults.
    weighted_dispatcher() : weighted_dispatcher(weighted_options{}) {}

    /// Throws system_error(errc::invalid_option).
    explicit weighted_dispatcher(weighted_options options) : quantum_(options.quantum) {
        if (quantum_ == 0) detail::throw_invalid_option("weighted_options::quantum must be at least 1 (got 0)");
    }

    /// A new subscriber, without demand. One that is there already is left as it is. Answers 0. Throws
    /// system_error(errc::invalid_option) for a weight of 0, or std::bad_alloc, and nothing has changed then.
    auto subscribe(subscriber_id id, subscriber<T> const& who = {}) -> std::size_t {
        if (who.weight == 0) detail::throw_invalid_option("subscribe_options::weight must be at least 1 (got 0)");
        return add(id, who.weight);
    }

    /// The subscriber leaves; its demand becomes `pending`. Answers 0.
    auto cancel(subscriber_id id) noexcept -> std::size_t {
        if (!contains(id)) return 0;
        owed_.add(shares_[id].demand);
        set_demand(id, 0);
        turns_.erase(id);
        if (anybody_waits()) current_ = std::max(current_, turns_.top().key.round);
        return 0;
    }

    /// The subscriber asks for `n` more. Answers how many to ask of the producer. `buffered` is how many events the
    /// producer holds already because there was no demand for them; they meet the ask first. Demand saturates; what an
    /// ask adds beyond that is asked of nobody.
    auto ask(subscriber_id id, std::size_t n, std::size_t buffered = 0) noexcept -> std::size_t {
        if (!contains(id)) return 0;
        auto const before = shares_[id].demand;
        auto const after = core::saturating_add(before, n);
        if (after == before) return 0;
        if (before == 0) join(id);
        set_demand(id, after);
        return owed_.meet(after - before, buffered);
    }

    /// Hands out `events`, in order, in parts: `deliver(id, part)`. Answers the suffix that nobody has demand for;
    /// those events were pending ones, as far as there were any.
    ///
    /// If `deliver` throws, the exception passes through. Everything in the parts it was called with, the last one
    /// too, counts as delivered; the events behind them were not touched, and `pending` is as before the call.
    template <class Deliver>
    auto dispatch(std::span<T> events, Deliver&& deliver) -> std::span<T> {
        auto rounds = rounds_for(events.size());
        while (!events.empty() && anybody_waits()) {
            auto const id = turns_.top().id;
            auto count = std::size_t{0};
            do {
                count += take_turn(id, rounds, events.size() - count);
            } while (count < events.size() && anybody_waits() && turns_.top().id == id);
            auto const ran_out = shares_[id].demand == 0;
            // Last, so that all is in order if deliver throws or calls back.
            deliver(id, events.first(count));
            events = events.subspan(count);
            if (ran_out) rounds = rounds_for(events.size());  // fewer share what is left: in larger parts
        }
        owed_.arrived(events.size());
        return events;
    }

    /// What the producer owes to subscribers who have left.
    auto pending() const noexcept -> std::size_t { return owed_.count(); }

    /// The demand of one subscriber; 0 if there is none of that id.
    auto demand(subscriber_id id) const noexcept -> std::size_t { return contains(id) ? shares_[id].demand : 0; }

    /// The demand of all subscribers there are, saturated. O(1).
    auto total_demand() const noexcept -> std::size_t { return total_.value(); }

    /// How many subscribers there are.
    auto size() const noexcept -> std::size_t { return turns_.size(); }

    /// Whether there is one of that id.
    auto contains(subscriber_id id) const noexcept -> bool { return turns_.contains(id); }

protected:
    /// A new subscriber of that weight, which is at least 1, without demand. Answers 0. Throws std::bad_alloc.
    auto add(subscriber_id id, std::size_t weight) -> std::size_t {
        if (contains(id)) return 0;
        if (id >= shares_.size()) shares_.resize(std::size_t{id} + 1);
        turns_.insert(id, {true, current_, ++stamp_});
        shares_[id] = {0, times(quantum_, weight), 0};
        return 0;
    }

private:
    /// When a subscriber is served: those that wait first, then the fewest rounds, then the oldest stamp.
    struct turn {
        bool idle = true;  // has no demand
        std::uint64_t round = 0;
        std::uint64_t stamp = 0;

        friend auto operator<(turn const& a, turn const& b) noexcept -> bool {
            if (a.idle != b.idle) return b.idle;
            return a.round != b.round ? a.round < b.round : a.stamp < b.stamp;
        }
    };

    struct share {
        std::size_t demand = 0;
        std::size_t unit = 1;  // events in a round
        std::size_t used = 0;  // of the current round
    };

    static auto times(std::size_t a, std::size_t b) noexcept -> std::size_t {
        return a > core::unlimited / b ? core::unlimited : a * b;
    }

    auto anybody_waits() const noexcept -> bool { return !turns_.empty() && !turns_.top().key.idle; }

    /// How many rounds it takes to give away so many events.
    auto rounds_for(std::size_t events) const noexcept -> std::size_t {
        auto const unit = std::max(units_.value(), std::size_t{1});
        return std::max(events / unit + (events % unit > 0 ? 1 : 0), std::size_t{1});
    }

    /// The subscriber is about to have demand: it forfeits the rounds that it has missed.
    void join(subscriber_id id) noexcept {
        auto next = turns_.key(id);
        if (next.round < current_) {
            next.round = current_;
            shares_[id].used = 0;
        }
        next.stamp = ++stamp_;
        turns_.update(id, next);
    }

    void set_demand(subscriber_id id, std::size_t demand) noexcept {
        auto& mine = shares_[id];
        if (mine.demand == demand) return;
        auto next = turns_.key(id);
        if (mine.demand == 0) units_.add(mine.unit);
        if (demand == 0) units_.subtract(mine.unit);
        total_.subtract(mine.demand);
        total_.add(demand);
        mine.demand = demand;
        next.idle = demand == 0;
        turns_.update(id, next);
    }

    /// Lets the subscriber have up to `rounds` rounds, of at most `available` events. Answers how many events it has.
    auto take_turn(subscriber_id id, std::size_t rounds, std::size_t available) noexcept -> std::size_t {
        auto& mine = shares_[id];
        auto const count = std::min({times(rounds, mine.unit) - mine.used, mine.demand, available});
        auto next = turns_.key(id);
        auto const ended = (mine.used + count) / mine.unit;
        mine.used = (mine.used + count) % mine.unit;
        if (ended > 0 && !SLUICE_BUG(round_robin_turn_kept)) {
            next.round += ended;
            next.stamp = ++stamp_;
            turns_.update(id, next);
        }
        if (!SLUICE_BUG(weighted_demand_not_used_up)) set_demand(id, mine.demand - count);
        current_ = std::max(current_, anybody_waits() ? turns_.top().key.round : next.round);
        return count;
    }

    core::indexed_heap<turn> turns_;
    std::vector<share> shares_;  // by id
    core::owed_demand owed_;
    core::demand_sum total_;
    core::demand_sum units_;     // of those that have demand
    std::uint64_t current_ = 0;  // the round of the one that is furthest behind
    std::uint64_t stamp_ = 0;
    std::size_t quantum_;
};

/// Gives each event to one subscriber, to all in turn: a `weighted_dispatcher` in which all weigh the same.
template <class T>
class round_robin_dispatcher : public weighted_dispatcher<T> {
public:
    using weighted_dispatcher<T>::weighted_dispatcher;

    /// A new subscriber, without demand, whatever its weight. One that is there already is left as it is. Answers 0.
    /// Throws std::bad_alloc, and nothing has changed then.
    auto subscribe(subscriber_id id, subscriber<T> const& = {}) -> std::size_t { return this->add(id, 1); }
};

}  // namespace sluice
