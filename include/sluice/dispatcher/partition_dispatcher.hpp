#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <sluice/detail/dispatcher/partition_core.hpp>
#include <sluice/detail/dispatcher/partition_hash.hpp>
#include <sluice/detail/dispatcher/partition_table.hpp>
#include <sluice/dispatcher/partition_options.hpp>
#include <sluice/dispatcher/subscriber.hpp>
#include <sluice/errc.hpp>
#include <sluice/subscriber_id.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

/// What can say to which partition an event goes: a function of the event, `T const&` or `T&`, that answers the
/// partition's key or std::optional of it; nullopt: nobody wants the event.
template <class Hash, class T, class Key>
concept partition_hash_for = std::invocable<Hash&, T&> &&
                             std::constructible_from<Key, typename detail::answer_of<Hash, T>::type const&> &&
                             (!std::integral<Key> || std::integral<typename detail::answer_of<Hash, T>::type>);

/// Gives each event to one partition: the one that the hash names. GenStage: `PartitionDispatcher`.
///
///     sluice::partition_dispatcher<order>(4)                                    // by std::hash, mixed
///     sluice::partition_dispatcher<order>(4, [](order const& o) { return o.customer % 4; })
///     sluice::partition_dispatcher<int, std::string>({"odd", "even"},
///                                                    [](int i) { return i % 2 == 0 ? "even" : "odd"; })
///
/// A subscriber names its partition (`subscribe_options::partition`). Several may name the same one: they share its
/// events as they would those of a demand_dispatcher. Events for a partition without demand are queued, in order and up
/// to `queue_limit`, and then hold back the producer; see partition_options.
///
/// The hash is asked for all events of a dispatch before the first of them goes anywhere: if it throws or names a
/// partition that there is not (errc::unknown_partition), nothing has changed. It is asked again about events that the
/// producer kept, so it should be a pure function; one that takes `T&` and changes the event must bear that.
/// An event that nobody wants costs no demand: it is given back by take_returned().
///
/// Order: kept within each partition; between partitions none, and so within a part of a dispatch that fails.
/// Costs: subscribe, ask, cancel O(log subscribers of the partition); dispatch O(events + consumers served), flush
/// likewise; hold_info and clear O(partitions). Memory is allocated by subscribe, and kept; by dispatch only as long as
/// queues grow or a batch is the largest so far. An event is moved once if it is delivered at once and others stand
/// between it and the next of its partition, twice if it is queued, else not at all.
/// One thread at a time; `deliver` and `sink` must not call the dispatcher.
template <class T, class Key = std::size_t>
class partition_dispatcher {
    using table = detail::partition_table<Key>;

public:
    /// Partitions 0 … n - 1; an event's is the std::hash of it (of a text, text_hash), mixed: the one that
    /// flow::partition() would choose. Throws errc::invalid_option, as all constructors do.
    explicit partition_dispatcher(std::size_t n) requires detail::number_key<Key> && detail::hashable_event<T>
        : partition_dispatcher(partition_options{.partitions = n}) {}

    /// The same with options, of which `partitions` says how many.
    explicit partition_dispatcher(
        partition_options const& options) requires detail::number_key<Key> && detail::hashable_event<T>
        : partition_dispatcher(options, detail::hash_to_number<T>{options.partitions}) {}

    /// Partitions 0 … n - 1, and a hash that answers one of these numbers.
    template <partition_hash_for<T, Key> Hash>
    partition_dispatcher(std::size_t n, Hash hash) requires detail::number_key<Key>
        : partition_dispatcher(partition_options{.partitions = n}, std::move(hash)) {}

    /// The same with options.
    template <partition_hash_for<T, Key> Hash>
    partition_dispatcher(partition_options const& options, Hash hash) requires detail::number_key<Key>
        : core_(detail::checked_for_numbers(options, std::numeric_limits<Key>::max())),
          table_(core_.options().partitions),
          hash_(std::make_unique<detail::erased_partition_hash<T, Key, Hash>>(std::move(hash))) {}

    /// The partitions that `keys` names, and a hash that answers one of these. Key needs std::hash and ==.
    template <partition_hash_for<T, Key> Hash>
    partition_dispatcher(std::initializer_list<Key> keys, Hash hash, partition_options const& options = {})
        : partition_dispatcher(std::vector<Key>(keys), std::move(hash), options) {}

    /// The same with the keys in a vector.
    template <partition_hash_for<T, Key> Hash>
    partition_dispatcher(std::vector<Key> keys, Hash hash, partition_options const& options = {})
        : core_(detail::checked_for_keys(options, keys.size())),
          table_(std::move(keys)),
          hash_(std::make_unique<detail::erased_partition_hash<T, Key, Hash>>(std::move(hash))) {}

    /// A new subscriber, without demand. One that is there already is left as it is. Answers 0. Throws
    /// errc::invalid_option if it names no partition that there is, or std::bad_alloc; nothing has changed then.
    auto subscribe(subscriber_id id, subscriber<T> const& who = {}) -> std::size_t {
        if (!contains(id)) core_.subscribe(id, table_.find_wanted(who.partition), who.priority);
        return 0;
    }

    /// The subscriber leaves; its demand becomes `pending`. If it was the last one of its partition and events are
    /// queued there, `on_leave` decides. Answers how many events to ask of the producer in place of dropped ones;
    /// `buffered` as in `ask`. Throws errc::partition_left where on_leave is fail: the subscriber has left, the queue
    /// is as before. Throws std::bad_alloc where it is drop; nothing has changed then.
    auto cancel(subscriber_id id, std::size_t buffered = 0) -> std::size_t {
        if (!contains(id)) return 0;
        auto const orphan = core_.orphan_of(id);
        auto const asked = core_.cancel(id, buffered);
        if (orphan && core_.options().on_leave == on_leave::fail)
            detail::throw_partition_left(name(*orphan), core_.at(*orphan).queue.size());
        return asked;
    }

    /// The subscriber asks for `n` more. Answers how many to ask of the producer; what is queued for its partition goes
    /// out with the next flush. `buffered` is how many events the producer holds already: as far as no earlier demand
    /// waits for them, they meet this ask. Demand saturates.
    auto ask(subscriber_id id, std::size_t n, std::size_t buffered = 0) noexcept -> std::size_t {
        return n == 0 || !contains(id) ? 0 : core_.ask(id, n, buffered);
    }

    /// Hands out `events`, and queues those whose partition has no demand, as far as there is demand at all: an event
    /// uses up demand, whosever it is. Answers the suffix that was not taken: because all demand is used up, or because
    /// the first event in it is for a partition whose queue is full; that is so until this partition has room, or an
    /// ask says that the producer keeps nothing. While total_demand() is 0 nothing is taken, and the hash is not asked.
    ///
    /// Throws what the hash throws, errc::unknown_partition or std::bad_alloc: nothing has changed then. Throws what
    /// `deliver` or a move of T throws: the part it was called with counts as delivered; of the other events
    /// `was_taken` tells which were delivered or queued, and the rest are the caller's. An event whose move threw is
    /// as the move left it, and not taken; so the only event that can be lost is one that its own move destroys.
    template <class Deliver>
    auto dispatch(std::span<T> events, Deliver&& deliver) -> std::span<T> {
        auto* const places = core_.places(events.size());
        if (total_demand() == 0) return events;
        hash_->place(events, table_, places);
        return core_.dispatch(events, deliver);
    }

    /// After a dispatch that threw: whether the event of that index was taken, else it is the caller's still.
    auto was_taken(std::size_t index) const noexcept -> bool { return core_.was_taken(index); }

    /// How many events to ask of the producer, in place of those that nobody wanted, since the last call; and with
    /// queue_ahead in place of those queued. `buffered` as in `ask`: how many events it has kept.
    auto take_returned(std::size_t buffered = 0) noexcept -> std::size_t { return core_.take_returned(buffered); }

    /// Hands out what is queued for those who have asked. If `deliver` throws, the part it was called with counts as
    /// delivered, and the rest is still queued.
    template <class Deliver>
    void flush(Deliver&& deliver) {
        core_.flush(deliver);
    }

    /// That has_news() speaks of this dispatcher; see dispatcher_for.
    using tells_news = partition_dispatcher;
    /// Whether take_returned, flush, take_dropped or take_due_info may have anything to do. O(1).
    auto has_news() const noexcept -> bool { return core_.has_news(); }

    /// How many events are queued for all partitions.
    auto queued() const noexcept -> std::size_t { return core_.queued(); }

    /// Moves all that is queued into `sink(T&&)`, partition by partition; all infos are due. The demand that they had
    /// used up is back, and nobody is asked for it. If `sink` throws, its event is gone and no later one was touched.
    template <class Sink>
    void clear(Sink&& sink) {
        core_.clear(sink);
    }

    /// Moves the events that were dropped since the last call into `sink(T&&)`; see on_leave::drop. If `sink` throws,
    /// as in `clear`.
    template <class Sink>
    void take_dropped(Sink&& sink) {
        core_.take_dropped(sink);
    }

    /// A mark shall come out when each partition has passed the events that are queued for it by now; false: none are,
    /// so it is due at once. Throws std::bad_alloc, and nothing has changed then.
    auto hold_info(std::uint64_t number) -> bool { return core_.hold_info(number); }

    /// The next mark whose time has come, in the order in which they were given.
    auto take_due_info() noexcept -> std::optional<std::uint64_t> { return core_.take_due_info(); }

    /// Says once of a partition that it is full and holds back the producer; again only after its queue was empty.
    auto take_warning() -> std::optional<std::string> {
        auto const at = core_.take_warning();
        if (at == detail::no_partition) return std::nullopt;
        return detail::full_partition_text(name(at), core_.options().queue_limit, core_.at(at).consumers.size());
    }

    /// The partition that holds back the producer now; null if none does.
    auto full() const noexcept -> Key const* {
        return core_.blocked() == detail::no_partition ? nullptr : &table_.keys()[core_.blocked()];
    }

    /// The same as a place among the partitions.
    auto full_part() const noexcept -> std::optional<std::size_t> {
        return full() ? std::optional<std::size_t>(core_.blocked()) : std::nullopt;
    }
    /// What the partition at a place is called in texts. From any thread.
    auto part_name(std::size_t place) const -> std::string { return name(static_cast<std::uint32_t>(place)); }

    /// Throws errc::invalid_option if there is no such partition.
    auto stats(Key const& partition) const -> partition_stats {
        auto const place = table_.find(partition);
        if (place == detail::no_partition) {
            detail::throw_invalid_option("partition_dispatcher::stats: the partition must be " + table_.list() +
                                         " (got " + detail::key_text(partition) + ")");
        }
        auto const& found = core_.at(place);
        return {found.consumers.size(), found.demand(), found.queue.size(), found.delivered, found.held_back};
    }

    /// How many events `dispatch` would take now, at most: 0 while a partition holds back the producer, for the next
    /// event is for that one.
    auto total_demand() const noexcept -> std::size_t { return full() ? 0 : waiting(); }

    /// All demand, live and pending, that no event was set against yet. Saturated. GenStage: `waiting`.
    auto waiting() const noexcept -> std::size_t { return core_.waiting(); }
    /// What subscribers who have left had asked for, and nobody has asked for since. Saturated. GenStage: `pending`.
    auto pending() const noexcept -> std::size_t { return core_.pending(); }

    /// The demand of one subscriber; 0 if there is none of that id.
    auto demand(subscriber_id id) const noexcept -> std::size_t { return core_.demand(id); }
    /// Whether there is a subscriber of that id.
    auto contains(subscriber_id id) const noexcept -> bool { return core_.contains(id); }
    /// How many subscribers there are.
    auto size() const noexcept -> std::size_t { return core_.size(); }

    /// The keys of the partitions, in the order in which they were given.
    auto partitions() const noexcept -> std::vector<Key> const& { return table_.keys(); }
    /// The options as they hold, with the number of partitions set.
    auto options() const noexcept -> partition_options const& { return core_.options(); }

private:
    auto name(std::uint32_t place) const -> std::string { return detail::key_text(table_.keys()[place]); }

    detail::partition_core<T> core_;
    table table_;
    std::unique_ptr<detail::partition_hash<T, Key>> hash_;
};

}  // namespace sluice
