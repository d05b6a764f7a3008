#pragma once

#include <concepts>
#include <cstddef>
#include <sluice/dispatcher/subscriber_id.hpp>
#include <span>

namespace sluice {

/// The value that decides which subscriber gets which event. It does no I/O, waits for nothing and knows no executor:
/// it is told what happens, answers how much to ask of the producer, and hands out spans through `deliver`.
///
/// * `subscribe(id)`, `cancel(id)`, `ask(id, n, buffered)` answer how many events to ask of the producer now.
///   `buffered` is how many events the producer holds already because nobody had asked for them.
/// * `dispatch(events, deliver)` calls `deliver(id, part)` for parts of `events`, each in order, and answers the suffix
///   that nobody had demand for. No subscriber gets more than it has asked for.
/// * `total_demand()` answers how many events `dispatch` would hand out now, saturated.
///
/// Tell `dispatch` of each new event once, even if there is no demand: that is how a dispatcher learns that the
/// producer has delivered what it owed. What it left over, and the producer kept, is told again only to hand it out:
/// no more than `total_demand()` at a time.
///
/// Unknown subscribers are ignored: their messages may be late. One thread at a time.
/// GenStage: `GenStage.Dispatcher`, with `deliver` in place of a message to a process, so that a test needs none.
template <class D, class T>
concept dispatcher_for = std::movable<D> &&
    requires(D d, D const& c, subscriber_id id, std::size_t n, std::size_t buffered, std::span<T> events,
             void (*deliver)(subscriber_id, std::span<T>)) {
    { d.subscribe(id) } -> std::same_as<std::size_t>;
    { d.cancel(id) } -> std::same_as<std::size_t>;
    { d.ask(id, n, buffered) } -> std::same_as<std::size_t>;
    { d.dispatch(events, deliver) } -> std::same_as<std::span<T>>;
    { c.total_demand() } -> std::same_as<std::size_t>;
};

}  // namespace sluice
