#pragma once

#include <cstdint>
#include <type_traits>

namespace sluice {

/// What becomes of events that are emitted while nobody is subscribed.
enum class when_nobody : std::uint8_t {
    wait,  ///< They wait for the next subscriber, and with them the producer: GenStage.
    drop,  ///< They are discarded, visibly, with discard_reason::no_consumers: also before the first subscriber.
};

/// How a broadcast_dispatcher gives out events.
struct broadcast_options {
    /// For a producer whose consumers come and go, and that is to go on without any: drop. It still waits where it asks
    /// for demand, for nobody wants anything; and for subscribers that have not asked for more. Whether the producer
    /// ends with its last consumer says outlet_options::on_last_cancel.
    sluice::when_nobody when_nobody = sluice::when_nobody::wait;
};
static_assert(std::is_trivially_destructible_v<broadcast_options>);

}  // namespace sluice
