#pragma once

namespace sluice {

/// Whether a consumer ends together with one of its subscriptions.
///
/// | the subscription ended                  | permanent | transient | temporary |
/// |-----------------------------------------|-----------|-----------|-----------|
/// | normally, or by an orderly shutdown     | ends too  | lives on  | lives on  |
/// | with any other reason or an exception   | ends too  | ends too  | lives on  |
/// | because it was there already            | lives on  | lives on  | lives on  |
/// | because there was no such producer      | ends too  | ends too  | lives on  |
///
/// GenStage: `:cancel`. Its default is permanent; ours is transient, so that a consumer of two producers does not lose
/// the second one's events because the first has finished.
enum class cancel_mode : unsigned char {
    permanent,  ///< ends with every end of the subscription
    transient,  ///< ends with every end but an orderly one
    temporary,  ///< never ends because of the subscription
};

}  // namespace sluice
