#pragma once

#include <sluice/core/api.hpp>

namespace sluice {

/// Why events were lost. There is no other way to lose one: each is counted, logged, and given to the on_discard hook.
/// The hooks of two stages run on two strands: what they share must be atomic, or have a lock.
enum class discard_reason {
    buffer_full,   ///< More events without demand than the buffer holds.
    no_consumers,  ///< Nobody was subscribed: every consumer had left for good, or a dispatcher drops events then.
    cancelled,     ///< The emit was cancelled before they found a taker.
    stage_ended,   ///< The stage that held them ended: stopped, failed, or its body returned early.
    failed,        ///< User code threw while they were dispatched.
    too_late,      ///< All windows that they belong to were closed; see flow::late.
};

/// "the buffer is full" …
SLUICE_API auto to_string(discard_reason reason) noexcept -> char const*;

}  // namespace sluice
