#pragma once

namespace sluice {

/// What a child is doing.
enum class child_state {
    active,       ///< It runs.
    restarting,   ///< It has ended and is about to be started again.
    terminating,  ///< It was told to end, and has not yet.
    ended,        ///< It has ended for good.
};

}  // namespace sluice
