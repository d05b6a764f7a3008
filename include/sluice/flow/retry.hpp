#pragma once

#include <chrono>
#include <cstddef>
#include <sluice/core/api.hpp>
#include <sluice/detail/flow/fused_step.hpp>
#include <string>
#include <type_traits>
#include <utility>

namespace sluice::flow {

/// How often flow::retry has a call made.
struct retry_options {
    /// The first time included. At least 1.
    std::size_t attempts = 3;
    /// How long to wait before the second attempt; each further one waits twice as long. At least zero.
    std::chrono::steady_clock::duration backoff = std::chrono::milliseconds(100);
};
static_assert(std::is_trivially_destructible_v<retry_options>);

/// Throws system_error(errc::invalid_option), which names the member.
SLUICE_API void validate(retry_options const& options);

}  // namespace sluice::flow

namespace sluice::detail {

struct retry_step : fused_step<retry_step> {
    static constexpr char const* kind = "retry";
    static constexpr bool takes_batches = true;
    static constexpr bool is_remark = true;
    static constexpr bool is_stateless = true;
    static constexpr bool is_retry = true;

    template <class In>
    struct on {
        using out = In;
    };

    template <class In, class Next>
    auto node(Next next) const -> Next {
        return next;
    }

    flow::retry_options options;
};

}  // namespace sluice::detail

namespace sluice::flow {

/// Says how often flow::map_async makes a call that throws. Holds for those that stand behind it up to the next
/// exchange or another flow::retry, unless they say so themselves by map_async_options::attempts. Only what the last
/// attempt throws comes to flow::on_error, or ends the flow. Order: as flow::map_async keeps it. Memory: none. Copies:
/// of each event that reaches flow::map_async one for each attempt, if there is to be more than one. Throws
/// errc::invalid_option.
///
/// @code
/// auto const answers =
///     flow::from(std::views::iota(1, 2)) | flow::retry({.attempts = 3, .backoff = 10ms}) |
///     flow::map_async(ask);  // asked again 10 and then 20 ms after a failure, before it ends the flow
/// @endcode
inline auto retry(retry_options const& options = {}) {
    validate(options);
    auto shown = std::to_string(options.attempts) + (options.attempts == 1 ? " attempt" : " attempts");
    return detail::close_over(detail::retry_step{{std::move(shown)}, options});
}

}  // namespace sluice::flow
