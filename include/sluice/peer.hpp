#pragma once

namespace sluice {

/// Who is at the other end of a subscription, for handlers of stages that have both ends. GenStage: the first argument
/// of `handle_subscribe`.
enum class peer : unsigned char {
    producer,  ///< the stage receives events over it
    consumer,  ///< the stage emits events over it
};

}  // namespace sluice
