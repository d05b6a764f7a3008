#include <sluice/detail/flow/async.hpp>
#include <sluice/errc.hpp>
#include <sluice/flow/retry.hpp>
#include <string>

namespace sluice::flow {
namespace {

void check_tries(char const* of, std::size_t attempts, std::chrono::steady_clock::duration backoff) {
    if (attempts < 1) detail::throw_invalid_option(std::string(of) + "::attempts must be at least 1 (got 0)");
    if (backoff < std::chrono::steady_clock::duration::zero()) {
        auto const got = std::chrono::duration_cast<std::chrono::milliseconds>(backoff).count();
        detail::throw_invalid_option(std::string(of) + "::backoff must be at least 0 (got " + std::to_string(got) +
                                     " ms)");
    }
}

}  // namespace

void validate(map_async_options const& options) {
    if (options.concurrency < 1)
        detail::throw_invalid_option("map_async_options::concurrency must be at least 1 (got 0)");
    check_tries("map_async_options", options.attempts.value_or(1), options.backoff);
}

void validate(retry_options const& options) { check_tries("retry_options", options.attempts, options.backoff); }

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
