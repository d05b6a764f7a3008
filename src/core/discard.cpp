#include <sluice/discard.hpp>

namespace sluice {

auto to_string(discard_reason reason) noexcept -> char const* {
    switch (reason) {
        case discard_reason::buffer_full: return "the buffer is full";
        case discard_reason::no_consumers: return "nobody is subscribed";
        case discard_reason::cancelled: return "the emit was cancelled";
        case discard_reason::stage_ended: return "the stage has ended";
        case discard_reason::too_late: return "their windows were closed";
        case discard_reason::failed: return "user code threw while they were dispatched";
    }
    return "unknown";
}

}  // namespace sluice
