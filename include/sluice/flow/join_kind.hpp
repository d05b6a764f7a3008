#pragma once

#include <cstdint>

namespace sluice::flow {

/// Which events of a join come out though the other side has none with their key. SQL: the kinds of `JOIN`.
enum class join_kind : std::uint8_t {
    inner,  ///< none
    left,   ///< those of the left side
    right,  ///< those of the right side
    full,   ///< those of both
};

}  // namespace sluice::flow
