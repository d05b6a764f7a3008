#pragma once

namespace sluice {

/// When a child that has ended is started again.
enum class restart_mode {
    permanent,  ///< Always, also when it has ended normally. Not for children of a consumer_supervisor.
    transient,  ///< When it has failed: ended with an exception other than operation_aborted.
    temporary,  ///< Never.
};

}  // namespace sluice
