#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <sluice/core/api.hpp>
#include <utility>
#include <vector>

namespace sluice::testing {

/// The books of a run: which events were emitted, received and discarded, and how many were asked for. States what must
/// hold at each entry, and at the end that nothing was lost or came twice. Producers and consumers are numbers that the
/// test gives them.
class SLUICE_API recorder {
public:
    /// Who an event is: its producer, and its place in the order in which that producer emitted, from 0.
    struct event_name {
        std::size_t producer = 0;    ///< which of the test's producers
        std::uint64_t sequence = 0;  ///< its place, from 0
        friend auto operator<=>(event_name const&, event_name const&) = default;
    };

    /// The producer emits its next event; returns the name to send along.
    auto emitted(std::size_t producer) -> event_name;

    /// The consumer has asked the producer for n more.
    void asked(std::size_t consumer, std::size_t producer, std::uint64_t n);

    /// The event has arrived. It must have been emitted, must not have been there, must come after those that the same
    /// producer emitted earlier and the same consumer received; and where asked() is used, must have been asked for.
    void received(std::size_t consumer, event_name const& event);

    /// The event was given to the discard hook. Not for broadcast.
    void discarded(event_name const& event);

    /// How many events were emitted.
    auto emitted_count() const noexcept -> std::uint64_t;
    /// How many were received, by all consumers together.
    auto received_count() const noexcept -> std::uint64_t { return received_; }
    /// How many were discarded.
    auto discarded_count() const noexcept -> std::uint64_t { return discarded_; }

    /// Each event was received by exactly one consumer, or discarded once.
    void check_each_exactly_once() const;
    /// Each event from `first` on was received by this consumer, once.
    void check_broadcast(std::size_t consumer, std::size_t producer, std::uint64_t first = 0) const;

private:
    struct channel {
        std::uint64_t asked = 0;
        bool counts_demand = false;
        std::vector<std::uint64_t> sequences;
    };
    auto emitted_by(std::size_t producer) const -> std::uint64_t;

    std::map<std::size_t, std::uint64_t> emitted_;
    std::map<std::pair<std::size_t, std::size_t>, channel> channels_;  // by consumer, producer
    std::map<event_name, std::size_t> arrivals_;
    std::uint64_t received_ = 0;
    std::uint64_t discarded_ = 0;
};

}  // namespace sluice::testing
