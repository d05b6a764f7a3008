#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <sluice/core/api.hpp>
#include <string>
#include <vector>

namespace sluice {

/// What a stage is doing at a moment.
enum class activity {
    not_started,         ///< It has not been run.
    busy,                ///< Its body works, or awaits something that is none of its ends: a timer, a socket.
    waiting_for_events,  ///< Its body waits for its producers.
    waiting_for_demand,  ///< Its body waits for its consumers: to ask, or to take what it has emitted.
    ending,              ///< Its body has ended; what it has emitted still waits for takers.
    ended,               ///< It is over.
};
/// In words: "waits for events".
SLUICE_API auto to_string(activity what) noexcept -> char const*;

/// One subscription, as its consumer sees it.
struct subscription_stats {
    /// The producer's name; in a snapshot its title, also if it has no name.
    std::string producer;
    /// Events that have come over it.
    std::uint64_t received = 0;
    /// Events asked for and not processed: on their way, in the consumer's queue, or in its hands. At most max_demand.
    std::size_t outstanding = 0;
    /// Of these, those that the producer still owes.
    std::size_t awaited = 0;
    /// How long ago the consumer has asked for more; zero before the first ask.
    std::chrono::nanoseconds since_ask{};
    /// The max_demand in force: that of its options, or what adaptive demand has found, up to that; 0: the user asks.
    std::size_t max_demand = 0;

    /// What the consumer has and has not processed.
    auto in_hand() const noexcept -> std::size_t { return outstanding > awaited ? outstanding - awaited : 0; }
};

/// What a stage has done, and what it is doing. A value: it does not change when the stage goes on.
///
/// Each number was right at some moment of the call, but not all at the same one: the stage is not stopped for it.
/// Durations are as exact as the beginning and the end of the stage's turns, and are taken from the processor's cycle
/// counter.
struct stage_stats {
    /// What set_name() has given it. A stage of a flow is called as flow::describe() shows it, or as the exchange
    /// before it if that is named, with a number if there are several: "flat_map | filter 2".
    std::string name;
    /// What its body is doing.
    activity doing = activity::not_started;
    /// For how long; zero when it is not busy and not waiting.
    std::chrono::nanoseconds doing_for{};

    /// Events that its body has received.
    std::uint64_t events_in = 0;
    /// Events that its body has emitted or pushed.
    std::uint64_t events_out = 0;
    /// Events that were lost here, on either side, by a policy or because it ended; on_discard has seen each.
    std::uint64_t discarded = 0;
    /// Events of the batch that its body had in its hands when it failed or was stopped: perhaps it had processed them,
    /// perhaps not. Those that come again, because the subscription says `redeliver`, do not count.
    std::uint64_t lost_in_hand = 0;
    /// Of a stage of a flow: events that flow::on_error has dropped because a function threw, and lines that were too
    /// long for long_lines::skip.
    std::uint64_t skipped = 0;
    /// Those that it has given to a sink for dead letters instead.
    std::uint64_t dead_letters = 0;

    /// How many consumers it has.
    std::size_t consumers = 0;
    /// What they have asked for and it has not emitted.
    std::size_t demand = 0;
    /// Events that it has emitted and that wait for a taker, in its buffer and in its dispatcher.
    std::size_t buffered = 0;
    /// The most there ever were of these.
    std::size_t most_buffered = 0;
    /// The partition that holds back the stage now, because its queue is full; empty: none does.
    std::string held_back_by = {};
    /// How often one did.
    std::uint64_t times_held_back = 0;
    /// Events that have arrived and wait for its body.
    std::size_t queued = 0;
    /// The most there ever were of these.
    std::size_t most_queued = 0;

    /// How long its body has waited for events in all, up to now.
    std::chrono::nanoseconds waited_for_events{};
    /// How long it has waited for its consumers in all, up to now.
    std::chrono::nanoseconds waited_for_demand{};

    /// Those it has as a consumer, in no particular order.
    std::vector<subscription_stats> subscriptions;
};

}  // namespace sluice
