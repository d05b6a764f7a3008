#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <sluice/core/api.hpp>
#include <sluice/core/demand.hpp>
#include <sluice/core/demand_heap.hpp>
#include <sluice/core/owed_demand.hpp>
#include <sluice/core/planted.hpp>
#include <sluice/dispatcher/subscriber.hpp>
#include <sluice/subscriber_id.hpp>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice {

/// Options of a demand_dispatcher.
struct demand_dispatcher_options {
    /// The largest single ask expected of any subscriber; a larger one is a `demand_mismatch`. It changes nothing but
    /// that warning. Default, and 0: the first ask there is.
    std::optional<std::size_t> max_demand;

    /// Serve the subscribers in random order once, at the first dispatch, so that when all start with the same demand
    /// it is not the oldest that gets the first work, in every one of many producers.
    /// GenStage: `:shuffle_demands_on_first_dispatch`.
    bool shuffle_on_first_dispatch = false;

    /// Decides that order; the same seed, the same order.
    std::uint64_t shuffle_seed = 0;
};
static_assert(std::is_trivially_destructible_v<demand_dispatcher_options>);

/// A subscriber asked for more at once than was expected. The one that asks for most is served first, so subscribers
/// of different max_demand do not share the work evenly.
struct demand_mismatch {
    subscriber_id id = 0;      ///< who asked
    std::size_t asked = 0;     ///< for how many at once
    std::size_t expected = 0;  ///< and how many were expected at most
};

/// The warning as a sentence, for the log.
SLUICE_API auto to_string(demand_mismatch const& mismatch) -> std::string;

/// Gives each event to one subscriber: to the one with the largest demand, as many as it has asked for; then to the
/// next. Among equals the one whose demand changed longest ago comes first. GenStage: `DemandDispatcher`.
/// Subscribers of a higher priority (`subscribe_options::priority`), which GenStage does not know, come before all
/// others as long as they have demand.
///
/// What a subscriber asks for is asked of the producer, with one exception: `pending`. When a subscriber leaves with
/// demand, the producer has been asked for those events already and owes them; so as much of the next asks is met by
/// them instead of by new ones. So the producer is never asked for more than subscribers can take, and one that comes
/// back loses nothing.
///
/// subscribe, ask, cancel: O(log subscribers). dispatch: the same for each part delivered. Memory is allocated by
/// `subscribe` (and once by a shuffle); ids must be dense. One thread at a time; `deliver` may call any function but
/// `dispatch`.
template <class T>
class demand_dispatcher {
public:
    /// One subscriber with its demand, as `order` tells it.
    using place = core::demand_heap::entry;

    /// take_whole() does what dispatch() would; not so in a class that is derived from this one and has its own.
    using hands_over_whole = demand_dispatcher;

    /// With the options' defaults.
    demand_dispatcher() : demand_dispatcher(demand_dispatcher_options{}) {}

    /// With these options. Every value is allowed.
    explicit demand_dispatcher(demand_dispatcher_options options)
        : expected_(options.max_demand.value_or(0)),
          seed_(options.shuffle_seed),
          shuffle_(options.shuffle_on_first_dispatch) {}

    /// A new subscriber, without demand, behind all others of its priority. One that is there already is left as it is.
    /// Answers 0. Throws std::bad_alloc, and nothing has changed then.
    auto subscribe(subscriber_id id, subscriber<T> const& who = {}) -> std::size_t {
        if (!subscribers_.contains(id)) subscribers_.insert(id, who.priority);
        return 0;
    }

    /// The subscriber leaves; its demand becomes `pending`. Answers 0.
    auto cancel(subscriber_id id) noexcept -> std::size_t {
        if (!subscribers_.contains(id)) return 0;
        auto const left = subscribers_.erase(id);
        if (!SLUICE_BUG(demand_not_reused)) owed_.add(left);
        return 0;
    }

    /// The subscriber asks for `n` more. Answers how many to ask of the producer.
    ///
    /// `buffered` is how many events the producer holds already because there was no demand for them. They are the
    /// first to meet this ask (the caller dispatches them, as many as there is demand for), and what they meet is set
    /// against neither the producer nor `pending`: the producer owes the pending events besides. GenStage does not
    /// tell its dispatcher of the buffer, and so can leave events in it while a subscriber waits.
    ///
    /// Demand saturates; what an ask adds beyond that is asked of nobody.
    auto ask(subscriber_id id, std::size_t n, std::size_t buffered = 0) noexcept -> std::size_t {
        if (n == 0 || !subscribers_.contains(id)) return 0;
        note_mismatch(id, n);
        const auto before = subscribers_.demand(id);
        const auto after = core::saturating_add(before, n);
        if (after == before) return 0;
        subscribers_.update(id, after);

        return owed_.meet(after - before, buffered);
    }

    /// Hands out `events`, in order, in parts: `deliver(id, part)`. Answers the suffix that nobody has demand for;
    /// those events were pending ones, as far as there were any.
    ///
    /// If `deliver` throws, the exception passes through. Everything in the parts it was called with, the last one
    /// too, counts as delivered; the events behind them were not touched, demand and order are as after those parts,
    /// and `pending` as before the call. The caller knows from its `deliver` how far it has come and may go on there.
    template <class Deliver>
    auto dispatch(std::span<T> events, Deliver&& deliver) -> std::span<T> {
        if (shuffle_ && !events.empty() && total_demand() > 0) events = dispatch_shuffled(events, deliver);
        while (!events.empty() && !subscribers_.empty() && subscribers_.top().demand > 0)
            events = serve(subscribers_.top().id, events, deliver);
        owed_.arrived(events.size());
        return events;
    }

    /// In place of a dispatch of `n` events: the one whose turn it is, if he gets them all.
    auto take_whole(std::size_t n) noexcept -> std::optional<subscriber_id> {
        if (shuffle_ || subscribers_.empty()) return std::nullopt;
        const auto next = subscribers_.top();
        if (next.demand < n) return std::nullopt;
        if (!SLUICE_BUG(demand_whole_not_counted)) use_up(next.id, n);
        return next.id;
    }

    /// What the producer owes to subscribers who have left.
    auto pending() const noexcept -> std::size_t { return owed_.count(); }

    /// The demand of one subscriber; 0 if there is none of that id.
    auto demand(subscriber_id id) const noexcept -> std::size_t {
        return subscribers_.contains(id) ? subscribers_.demand(id) : 0;
    }

    /// The demand of all subscribers there are, saturated. O(1).
    auto total_demand() const noexcept -> std::size_t { return subscribers_.total(); }

    /// How many subscribers there are.
    auto size() const noexcept -> std::size_t { return subscribers_.size(); }

    /// Whether there is one of that id.
    auto contains(subscriber_id id) const noexcept -> bool { return subscribers_.contains(id); }

    /// The subscribers in the order in which they would be served. O(n log n): for tests and for people.
    auto order() const -> std::vector<place> { return subscribers_.sorted(); }

    /// The largest ask expected; nothing before the first ask if the options named none.
    auto expected_max_demand() const noexcept -> std::optional<std::size_t> {
        return expected_ == 0 ? std::nullopt : std::optional{expected_};
    }

    /// The last ask that was larger than expected, if there was one since the last call.
    auto take_mismatch() noexcept -> std::optional<demand_mismatch> { return std::exchange(warning_, std::nullopt); }
    /// The same as a sentence.
    auto take_warning() -> std::optional<std::string> {
        auto const mismatch = take_mismatch();
        return mismatch ? std::optional(to_string(*mismatch)) : std::nullopt;
    }

private:
    void note_mismatch(subscriber_id id, std::size_t n) noexcept {
        if (expected_ == 0) expected_ = n;
        if (n > expected_) warning_ = demand_mismatch{id, n, expected_};
    }

    template <class Deliver>
    auto serve(subscriber_id id, std::span<T> events, Deliver& deliver) -> std::span<T> {
        const auto count = std::min(subscribers_.demand(id), events.size());
        use_up(id, count);  // first, so that all is in order if deliver throws or calls back
        deliver(id, events.first(count));
        return events.subspan(count);
    }
    void use_up(subscriber_id id, std::size_t n) noexcept {
        const auto demand = subscribers_.demand(id);
        subscribers_.update(id, SLUICE_BUG(demand_not_used_up) ? demand : demand - n);
    }

    template <class Deliver>
    auto dispatch_shuffled(std::span<T> events, Deliver& deliver) -> std::span<T> {
        auto waiting = order();
        shuffle_ = false;
        for (auto left = waiting.size(); left > 0 && !events.empty(); --left) {
            seed_ = seed_ * 6364136223846793005u + 1442695040888963407u;  // Knuth's MMIX: the same on every platform
            std::swap(waiting[(seed_ >> 33) % left], waiting[left - 1]);
            const auto next = waiting[left - 1].id;
            if (demand(next) > 0) events = serve(next, events, deliver);
        }
        return events;
    }

    core::demand_heap subscribers_;
    core::owed_demand owed_;
    std::size_t expected_;  // 0: not known yet
    std::uint64_t seed_;
    std::optional<demand_mismatch> warning_;
    bool shuffle_;
};

}  // namespace sluice
