#pragma once

namespace sluice {

/// How a subscription, or a stage, has ended; end_reason tells more of a failure.
enum class end_kind : unsigned char {
    normal,              ///< the producer has delivered everything, or was cancelled as a matter of course
    shutdown,            ///< an orderly stop
    cancelled,           ///< cancelled with a reason that is neither normal nor shutdown
    failed,              ///< an exception
    already_subscribed,  ///< the producer takes no second subscription of this consumer
    unknown_producer,    ///< there was nobody to subscribe to
};

}  // namespace sluice
