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
