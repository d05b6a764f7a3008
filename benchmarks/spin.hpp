#pragma once

#include <optional>
#include <string>

namespace sluice::benchmarks {

/// How long one thread takes for a fixed amount of work, and how long two take for that much each.
struct spin_times {
    double alone = 0;     ///< seconds, median of some rounds
    double together = 0;  ///< the slower of the two
};

/// Takes a tenth of a second.
[[nodiscard]] auto spin() -> spin_times;

/// Why these say that two cores were not both free; nothing if they were: two threads took at most a tenth longer than
/// one.
[[nodiscard]] auto why_busy(spin_times const& times) -> std::optional<std::string>;

/// Why something else ran, or the processor changed its pace, between these two: nothing if they differ by less than a
/// tenth, and both are good.
[[nodiscard]] auto why_busy(spin_times const& before, spin_times const& after) -> std::optional<std::string>;

}  // namespace sluice::benchmarks
