#include <sluice/detail/flow_async.hpp>
#include <sluice/errc.hpp>
#include <string>

namespace sluice::flow {

void validate(map_async_options const& options) {
    if (options.concurrency < 1)
        detail::throw_invalid_option("map_async_options::concurrency must be at least 1 (got 0)");
    if (options.attempts < 1) detail::throw_invalid_option("map_async_options::attempts must be at least 1 (got 0)");
    if (options.backoff < std::chrono::steady_clock::duration::zero()) {
        auto const got = std::chrono::duration_cast<std::chrono::milliseconds>(options.backoff).count();
        detail::throw_invalid_option("map_async_options::backoff must be at least 0 (got " + std::to_string(got) +
                                     " ms)");
    }
}

}  // namespace sluice::flow

namespace sluice::detail {

auto backoff_after(std::size_t attempts, flow::map_async_options const& options) noexcept
    -> std::chrono::steady_clock::duration {
    using duration = std::chrono::steady_clock::duration;
    auto delay = options.backoff;
    for (; attempts > 1 && delay > duration::zero(); --attempts) {
        if (delay > duration::max() / 2) return duration::max();
        delay *= 2;
    }
    return delay;
}

}  // namespace sluice::detail
