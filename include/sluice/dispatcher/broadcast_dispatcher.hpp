#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <optional>
#include <sluice/core/demand.hpp>
#include <sluice/core/id_list.hpp>
#include <sluice/core/indexed_heap.hpp>
#include <sluice/core/on_exit.hpp>
#include <sluice/core/owed_demand.hpp>
#include <sluice/core/planted.hpp>
#include <sluice/dispatcher/broadcast_options.hpp>
#include <sluice/dispatcher/subscriber.hpp>
#include <sluice/errc.hpp>
#include <sluice/subscriber_id.hpp>
#include <span>
#include <unordered_set>
#include <utility>
#include <vector>

namespace sluice {

/// Gives each event to every subscriber. An event goes out when all of them have demand: the common demand is the
/// smallest of theirs, and a new subscriber, who has none yet, holds everybody back until it asks.
/// GenStage: `BroadcastDispatcher`.
///
/// A subscriber with a `selector` gets the events for which it answers true. What it refuses does not use up its
/// demand: `take_returned` answers how many events to ask of the producer in place of those. A selector is a function
/// of the event alone: it may be asked about one more than once, and it must not call the dispatcher. All selectors
/// have answered for all events of a dispatch before the first one is delivered. One that throws ends its own
/// subscription (`take_failed`), which gets nothing of that dispatch; the others get everything.
///
/// The producer is asked for what the common demand grows by, less what it owes: events it was asked for and that are
/// no longer waited for, because a subscriber came who has no demand, or the last one left. `ask`, `cancel` and
/// `take_returned` are told how many events the producer holds already because there was no demand for them
/// (`buffered`): those meet the growth first.
///
/// While nobody is subscribed events wait, or are dropped (`take_dropped`), as broadcast_options::when_nobody says.
///
/// A stage subscribes once: a second subscriber of the same `consumer` is refused with errc::already_subscribed.
///
/// subscribe, ask, cancel: O(log subscribers). dispatch: O(subscribers + events * selectors). Memory is allocated by
/// `subscribe`; by `dispatch` only until it has seen its largest batch, and for a selector that throws. Ids must be
/// dense. One thread at a time; `deliver` may call any function but `dispatch`.
template <class T>
class broadcast_dispatcher {
public:
    /// Several subscribers get the same event; see dispatcher_for.
    static constexpr bool shares_events = true;

    broadcast_dispatcher() = default;
    /// With what becomes of events while nobody is subscribed.
    explicit broadcast_dispatcher(broadcast_options const& options)
        : drops_(options.when_nobody == when_nobody::drop) {}

    /// A new subscriber, without demand. One that is there already is left as it is. Answers 0. Throws
    /// system_error(errc::already_subscribed), std::bad_alloc, or what a copy of the selector throws; nothing has
    /// changed then.
    auto subscribe(subscriber_id id, subscriber<T> const& who = {}) -> std::size_t {
        if (contains(id)) return 0;
        if (who.consumer && consumers_.contains(who.consumer)) detail::throw_error(errc::already_subscribed);
        auto const before = common();
        add(id, who);
        owed_.add(before - unasked_);
        unasked_ = 0;
        return 0;
    }

    /// The subscriber leaves. If it was the one that held the others back, they have demand now: answers how many to
    /// ask of the producer. If it was the last one, all that was asked for is owed.
    auto cancel(subscriber_id id, std::size_t buffered = 0) noexcept -> std::size_t {
        if (!contains(id)) return 0;
        auto const before = common();
        remove(id);
        if (limits_.empty()) {
            owed_.add(before - unasked_);
            unasked_ = 0;
            return 0;
        }
        return owed_.meet(common() - before, buffered);
    }

    /// The subscriber asks for `n` more. Answers how many to ask of the producer. Demand saturates; what an ask adds
    /// beyond that is asked of nobody.
    auto ask(subscriber_id id, std::size_t n, std::size_t buffered = 0) noexcept -> std::size_t {
        if (!contains(id)) return 0;
        auto const before = common();
        limits_.update(id, saturating(limits_.key(id), n));
        return owed_.meet(common() - before, buffered);
    }

    /// Hands out `events` to all: `deliver(id, part)`, one part for a subscriber without a selector, and one for each
    /// run of consecutive chosen events for those with one. Answers the suffix for which there was no common demand.
    ///
    /// If `deliver` throws, the exception passes through, and everything but the answer is as if it had not: see
    /// `was_taken`.
    template <class Deliver>
    auto dispatch(std::span<T> events, Deliver&& deliver) -> std::span<T> {
        taken_ = 0;
        if (drops_now()) return drop(events);
        auto const before = common();
        auto const count = before == 0 || events.empty() ? 0 : plan(events);
        taken_ = count;
        commit(count);
        settle(before, events.size());
        hand_out(events.first(count), deliver);
        return events.subspan(count);
    }

    /// Whether that event of the last dispatch counts as delivered, also if `deliver` threw.
    auto was_taken(std::size_t index) const noexcept -> bool { return index < taken_; }

    /// Events to ask of the producer in place of those that selectors refused, since the last call. To be called after
    /// each dispatch.
    auto take_returned(std::size_t buffered = 0) noexcept -> std::size_t {
        return owed_.meet(std::exchange(unasked_, 0), buffered);
    }

    /// That has_news() speaks of this dispatcher; see dispatcher_for.
    using tells_news = broadcast_dispatcher;
    /// Whether take_returned, take_dropped or take_failed has anything to do. O(1).
    auto has_news() const noexcept -> bool { return unasked_ > 0 || !failed_.empty() || !dropped_.empty(); }

    /// Moves the events that were dropped since the last call into `sink(T&&)`; see when_nobody::drop. If `sink`
    /// throws, those that it has not seen are gone.
    template <class Sink>
    void take_dropped(Sink&& sink) {
        auto const emptied = core::on_exit([this] { dropped_.clear(); });
        for (auto&& event : dropped_) sink(T(std::move(event)));  // std::vector<bool> has no T& to give
    }

    /// A subscriber whose selector threw, and what: it is cancelled here already. The oldest first.
    auto take_failed() -> std::optional<std::pair<subscriber_id, std::exception_ptr>> {
        if (failed_.empty()) return std::nullopt;
        auto oldest = std::move(failed_.front());
        failed_.erase(failed_.begin());
        return oldest;
    }

    /// The common demand: how many events go out now at least; with selectors, which give some demand back, it may be
    /// more. If there is nobody 0, or, if events are dropped then, as many as there are. O(1). GenStage: `waiting`.
    auto total_demand() const noexcept -> std::size_t { return drops_now() ? all : common(); }

    /// What the producer was asked for and has not told a dispatch of. GenStage: `requested`, which there includes the
    /// events that a dispatch has left over, while here they are with the caller.
    auto requested() const noexcept -> std::size_t { return core::saturating_add(common() - unasked_, owed_.count()); }

    /// The demand of one subscriber; 0 if there is none of that id.
    auto demand(subscriber_id id) const noexcept -> std::size_t {
        return contains(id) ? static_cast<std::size_t>(limits_.key(id) - dispatched_) : 0;
    }

    /// Its demand beyond the common one.
    auto surplus(subscriber_id id) const noexcept -> std::size_t { return contains(id) ? demand(id) - common() : 0; }

    /// How many subscribers there are.
    auto size() const noexcept -> std::size_t { return limits_.size(); }

    /// Whether there is one of that id.
    auto contains(subscriber_id id) const noexcept -> bool { return limits_.contains(id); }

private:
    static constexpr auto all = std::numeric_limits<std::size_t>::max();

    struct member {
        std::function<bool(T const&)> selector;
        void const* consumer = nullptr;
        std::uint64_t stamp = 0;  // tells it from another one to whom the id is given later
    };

    /// What one subscriber gets of a dispatch: everything, or the runs from `first` to `last`.
    struct portion {
        subscriber_id id;
        std::uint64_t stamp;
        std::size_t first;
        std::size_t last;

        auto is_everything() const noexcept -> bool { return first == all; }
    };

    struct run {
        std::size_t begin;
        std::size_t end;
    };

    auto common() const noexcept -> std::size_t {
        return limits_.empty() ? 0 : static_cast<std::size_t>(limits_.top().key - dispatched_);
    }
    auto drops_now() const noexcept -> bool { return limits_.empty() && drops_; }

    /// Nobody gets them, and nobody waits for them.
    auto drop(std::span<T> events) -> std::span<T> {
        dropped_.reserve(dropped_.size() + events.size());
        for (T& event : events) {
            dropped_.push_back(std::move(event));
            ++taken_;
            owed_.arrived(1);
        }
        return {};
    }

    static auto saturating(std::uint64_t limit, std::uint64_t n) noexcept -> std::uint64_t {
        auto const most = std::numeric_limits<std::uint64_t>::max();
        return limit > most - n ? most : limit + n;
    }

    void add(subscriber_id id, subscriber<T> const& who) {
        auto selector = who.selector;
        if (id >= members_.size()) members_.resize(std::size_t{id} + 1);
        if (who.consumer) consumers_.insert(who.consumer);
        try {
            order_.push_back(id);
            limits_.insert(id, dispatched_);
        } catch (...) {
            consumers_.erase(who.consumer);
            if (order_.contains(id)) order_.erase(id);
            throw;
        }
        if (selector) ++selecting_;
        members_[id] = {std::move(selector), who.consumer, ++stamp_};
    }

    void remove(subscriber_id id) noexcept {
        limits_.erase(id);
        order_.erase(id);
        auto& left = members_[id];
        if (left.selector) --selecting_;
        if (left.consumer) consumers_.erase(left.consumer);
        left = {};
    }

    /// Decides who gets what, and how many of the events go out. Commits nothing but that selectors have failed.
    auto plan(std::span<T> events) -> std::size_t {
        portions_.clear();
        runs_.clear();
        auto count = selecting_ == 0 ? std::min(events.size(), common()) : events.size();
        for (auto id = order_.first(); id != order_.none; id = order_.after(id)) {
            auto const selects = selecting_ > 0 && members_[id].selector;
            portions_.push_back({id, members_[id].stamp, selects ? 0 : all, 0});
            if (selecting_ > 0 && !selects) count = std::min(count, demand(id));
        }
        if (selecting_ == 0) return count;
        for (auto& each : portions_) {
            if (!each.is_everything()) count = choose(each, events.first(count));
        }
        return limits_.empty() ? 0 : count;
    }

    /// Asks a selector about the events, until it has chosen as many as the subscriber has asked for. Answers how far
    /// that is.
    auto choose(portion& chosen, std::span<T> events) -> std::size_t {
        chosen.first = runs_.size();
        try {
            auto const count = append_runs(members_[chosen.id].selector, events, demand(chosen.id));
            chosen.last = runs_.size();
            return count;
        } catch (...) {
            failed_.emplace_back(chosen.id, std::current_exception());
            runs_.resize(chosen.first);
            chosen.last = chosen.first;
            remove(chosen.id);
            return events.size();
        }
    }

    auto append_runs(std::function<bool(T const&)> const& selector, std::span<T> events, std::size_t demand)
        -> std::size_t {
        auto running = false;
        for (std::size_t i = 0; i < events.size(); ++i) {
            auto const wants = selector(std::as_const(events[i]));
            if (wants && running) ++runs_.back().end;
            if (wants && !running) runs_.push_back({i, i + 1});
            running = wants;
            if (wants && --demand == 0) return i + 1;
        }
        return events.size();
    }

    /// Counts `count` events as delivered, and gives back to each selector's subscriber what it has refused of them.
    void commit(std::size_t count) noexcept {
        dispatched_ += count;
        if (selecting_ == 0 || count == 0) return;
        for (auto const& each : portions_) {
            if (each.is_everything() || !is_current(each)) continue;
            auto refused = count;
            for (auto i = each.first; i < each.last && runs_[i].begin < count; ++i)
                refused -= std::min(runs_[i].end, count) - runs_[i].begin;
            if (SLUICE_BUG(broadcast_selector_swallows_demand)) refused = 0;
            limits_.update(each.id, saturating(limits_.key(each.id), refused));
        }
    }

    /// Of `arrived` events as many met the common demand that there was, and the others were owed ones. What there is
    /// of it now has been asked for as far as it is left of that.
    void settle(std::size_t common_before, std::size_t arrived) noexcept {
        auto const met = std::min(arrived, common_before);
        auto const under_way = common_before - met;
        auto const left = common();
        owed_.arrived(arrived - met);
        if (left < under_way) {  // nobody is left: every selector has failed
            owed_.add(under_way - std::min(under_way, unasked_));
            unasked_ = 0;
        } else {
            unasked_ = std::min(left, unasked_ + (left - under_way));
        }
    }

    template <class Deliver>
    void hand_out(std::span<T> events, Deliver& deliver) {
        if (events.empty()) return;
        for (auto const& each : portions_) {
            if (each.is_everything()) {
                if (is_current(each)) deliver(each.id, events);
                continue;
            }
            for (auto i = each.first; i < each.last && runs_[i].begin < events.size() && is_current(each); ++i) {
                auto const end = std::min(runs_[i].end, events.size());
                deliver(each.id, events.subspan(runs_[i].begin, end - runs_[i].begin));
            }
        }
    }

    auto is_current(portion const& p) const noexcept -> bool { return members_[p.id].stamp == p.stamp; }

    core::indexed_heap<std::uint64_t> limits_;  // up to which event each may receive, counted from the first one
    std::uint64_t dispatched_ = 0;              // how many events have gone out
    core::owed_demand owed_;
    std::size_t unasked_ = 0;  // of the common demand: what refusals have added, and nobody was asked for
    std::size_t taken_ = 0;    // of the last dispatch
    core::id_list order_;
    std::vector<member> members_;  // by id
    std::unordered_set<void const*> consumers_;
    std::size_t selecting_ = 0;  // how many have a selector
    std::uint64_t stamp_ = 0;
    std::vector<portion> portions_;  // of the current dispatch, as are runs_; kept for their memory
    std::vector<run> runs_;
    std::vector<std::pair<subscriber_id, std::exception_ptr>> failed_;
    std::vector<T> dropped_;
    bool drops_ = false;  // while nobody is subscribed
};

}  // namespace sluice
