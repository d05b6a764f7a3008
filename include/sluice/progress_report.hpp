#pragma once

#include <cstdint>
#include <optional>
#include <type_traits>

namespace sluice {

/// What progress is counted in.
enum class progress_unit : unsigned char {
    events,  ///< What a source gives.
    bytes,   ///< Of files.
};

/// How far something has come.
struct progress_report {
    /// How much is done.
    std::uint64_t done = 0;
    /// Of how much; nullopt: that is not known.
    std::optional<std::uint64_t> total = std::nullopt;
    /// What both count.
    progress_unit unit = progress_unit::events;
};
static_assert(std::is_trivially_destructible_v<progress_report>);

}  // namespace sluice
