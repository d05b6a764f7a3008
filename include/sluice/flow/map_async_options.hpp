#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <sluice/core/api.hpp>
#include <type_traits>

namespace sluice::flow {

/// How flow::map_async calls its function.
struct map_async_options {
    /// How many calls may be under way at once, in each stage of the layer. At least 1.
    std::size_t concurrency = 16;
    /// Results go on in the order of the events; a call that takes long then holds back those that were begun after it.
    /// Else they go on as they come.
    bool ordered = true;
    /// How often a call is made that throws, the first time included. At least 1; if it is not said, as flow::retry
    /// says before the step, else once. What the last one throws comes to flow::on_error, or ends the flow. With more
    /// than 1 the event must be copyable.
    std::optional<std::size_t> attempts = std::nullopt;
    /// How long to wait before the second attempt; each further one waits twice as long. At least zero. A time that the
    /// clock cannot hold is not waited for: the call has failed then. Where flow::retry says the attempts, it says
    /// this.
    std::chrono::steady_clock::duration backoff = std::chrono::milliseconds(100);
};
static_assert(std::is_trivially_destructible_v<map_async_options>);

/// Throws system_error(errc::invalid_option), which names the member.
SLUICE_API void validate(map_async_options const& options);

}  // namespace sluice::flow
