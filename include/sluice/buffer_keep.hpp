#pragma once

namespace sluice {

/// Which events a full buffer keeps. GenStage: `:buffer_keep`.
enum class buffer_keep : unsigned char {
    first,  ///< what is there already; the newest events are dropped
    last,   ///< what comes in; the oldest events are dropped
};

}  // namespace sluice
