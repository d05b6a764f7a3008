#pragma once

namespace sluice {

/// When a child that has ended is started again.
enum class restart {
    permanent,  ///< Always, also when it has ended normally. Not for children of a consumer_supervisor.
    transient,  ///< When it has failed: ended with an exception other than operation_aborted.
    temporary,  ///< Never.
};

/// What a child is doing.
enum class child_state {
    active,       ///< It runs.
    restarting,   ///< It has ended and is about to be started again.
    terminating,  ///< It was told to end, and has not yet.
    ended,        ///< It has ended for good.
};

}  // namespace sluice
