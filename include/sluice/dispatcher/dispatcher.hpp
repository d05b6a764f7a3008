#pragma once

#include <concepts>
#include <cstddef>
#include <sluice/dispatcher/subscriber.hpp>
#include <sluice/subscriber_id.hpp>
#include <span>

namespace sluice {

/// The value that decides which subscriber gets which event. It does no I/O, waits for nothing and knows no executor:
/// it is told what happens, answers how much to ask of the producer, and hands out spans through `deliver`.
///
/// * `subscribe(id, who)`, `cancel(id)`, `ask(id, n, buffered)` answer how many events to ask of the producer now.
///   `buffered` is how many events the producer holds already because nobody had asked for them. `subscribe` may throw
///   to refuse: then that subscription ends with the exception, and nothing has changed.
/// * `dispatch(events, deliver)` calls `deliver(id, part)` for parts of `events`, each in order, and answers the suffix
///   that nobody had demand for. No subscriber gets more than it has asked for.
/// * `total_demand()` answers how many events `dispatch` would take now, saturated.
///
/// Tell `dispatch` of each new event once, even if there is no demand: that is how a dispatcher learns that the
/// producer has delivered what it owed. What it left over, and the producer kept, is told again only to hand it out:
/// no more than `total_demand()` at a time.
///
/// `dispatch` takes nothing while `total_demand()` is 0. A dispatcher that can stop at an event although there is
/// demand answers 0 until it can take that event: else later events would overtake those that the producer keeps.
///
/// What a dispatcher may have besides, each for itself; a producer looks for them:
/// * `cancel(id, buffered)` and `take_returned(buffered)`: that they, too, can count what the producer holds first.
/// * `static constexpr bool shares_events = true`: the parts of one dispatch may overlap, since several subscribers get
///   the same event. Then nothing is moved out of `events`. Else a part is moved from.
/// * `take_returned() -> std::size_t`, after each dispatch: events to ask of the producer in place of those that
///   `dispatch` took and nobody wanted.
/// * `take_whole(n) -> std::optional<subscriber_id>`, in place of a dispatch of n events: the one who would get them
///   all, if that is so; it notes that they were delivered. So most batches are handed on without being looked at.
///   Goes with `using hands_over_whole = D`, which says that it belongs to this dispatcher and was not inherited.
/// * `was_taken(index) const -> bool`, after a dispatch that threw: whether that event was delivered or queued. Without
///   it, the events taken are those in front of the end of the last part that `deliver` was called with.
/// * `flush(deliver)`, after each subscribe, cancel and ask: hands out what the dispatcher itself had queued. Goes with
///   `queued() const -> std::size_t`, how many events that are, and `clear(sink)`, which moves them all into
///   `sink(T&&)`.
/// * `take_dropped(sink)`, after each cancel: moves the events that it gave up, because nobody is left who wanted them,
///   into `sink(T&&)`. They are discarded visibly.
/// * `hold_info(number) -> bool`: a mark shall come out when everything queued by now has gone; false: it is due at
///   once. `take_due_info() -> std::optional<std::uint64_t>`, asked after each flush and dispatch until it is empty:
///   marks whose time has come, in the order in which they were given. Numbers grow.
/// * `take_failed() -> std::optional<std::pair<subscriber_id, std::exception_ptr>>`, asked after each dispatch until it
///   is empty: subscribers whose own code threw. Their subscriptions end with that exception, and are cancelled here.
/// * `has_news() const -> bool`: whether `take_returned`, `flush`, `take_dropped`, `take_due_info` or `take_failed` may
///   have anything to do, or `take_warning` or `full_part` anything new to tell. Then they are asked only if so, which
///   is what makes single events cheap. Goes with `using tells_news = D`, as above.
/// * `take_warning() -> std::optional<std::string>`, asked after each ask and dispatch: a sentence for the log.
/// * `full_part() const -> std::optional<std::size_t>`, asked after each of its steps: which of its parts holds the
///   producer back now. Goes with `part_name(part) const -> std::string`, which is called from any thread, also while
///   the dispatcher works.
///
/// Unknown subscribers are ignored: their messages may be late. One thread at a time.
/// GenStage: `GenStage.Dispatcher`, with `deliver` in place of a message to a process, so that a test needs none.
template <class D, class T>
concept dispatcher_for = std::movable<D> &&
    requires(D d, D const& c, subscriber_id id, subscriber<T> const& who, std::size_t n, std::size_t buffered,
             std::span<T> events, void (*deliver)(subscriber_id, std::span<T>)) {
    { d.subscribe(id, who) } -> std::same_as<std::size_t>;
    { d.cancel(id) } -> std::same_as<std::size_t>;
    { d.ask(id, n, buffered) } -> std::same_as<std::size_t>;
    { d.dispatch(events, deliver) } -> std::same_as<std::span<T>>;
    { c.total_demand() } -> std::same_as<std::size_t>;
};

/// Of a dispatcher whose subscribers share events.
template <class D>
inline constexpr bool shares_events = requires {
    requires D::shares_events;
};

}  // namespace sluice
