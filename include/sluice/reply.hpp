#pragma once

#include <type_traits>
#include <utility>

namespace sluice {

/// An answer that is given before its visitor is done; made by reply_then.
template <class R, class Then>
struct early_reply {
    R value;    ///< what the visitor's caller gets
    Then then;  ///< what is called after that
};

/// For the function of an async_visit or async_inform to give back: whoever waits for the visit gets `value` at once,
/// and then `then()` is called, in the same turn of the stage; it may push what the value has announced.
///
/// @code
/// co_await numbers.async_visit<counter>([](counter& c, outlet<int>& out) {
///     return sluice::reply_then(c.next, [&c, &out] { out.push(c.next++); });
/// });
/// @endcode
///
/// What `then` throws fails the stage: nobody else is left to hear of it. GenStage: `reply/2`.
template <class R, class Then>
    requires std::is_invocable_v<Then&>
auto reply_then(R value, Then then) -> early_reply<R, Then> { return {std::move(value), std::move(then)}; }

}  // namespace sluice
