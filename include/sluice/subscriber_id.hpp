#pragma once

#include <cstdint>

namespace sluice {

/// Names a subscriber to its dispatcher. Whoever owns the dispatcher gives the numbers: dense and small, for
/// dispatchers index vectors by them; a number may be given again after its subscriber has cancelled.
using subscriber_id = std::uint32_t;

}  // namespace sluice
