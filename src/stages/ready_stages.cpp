#include <sluice/batcher.hpp>
#include <sluice/buffer.hpp>
#include <sluice/errc.hpp>
#include <sluice/throttle.hpp>
#include <string>

namespace sluice {
namespace {

void at_least_one(char const* member, std::size_t given) {
    if (given < 1) detail::throw_invalid_option(std::string(member) + " must be at least 1 (got 0)");
}
void more_than_zero(char const* member, std::chrono::nanoseconds given) {
    if (given > std::chrono::nanoseconds::zero()) return;
    detail::throw_invalid_option(std::string(member) + " must be more than 0 (got " + std::to_string(given.count()) +
                                 " ns)");
}

}  // namespace

void validate(throttle_options const& options) {
    at_least_one("throttle_options::events", options.events);
    more_than_zero("throttle_options::per", options.per);
}

void validate(batcher_options const& options) {
    at_least_one("batcher_options::size", options.size);
    more_than_zero("batcher_options::timeout", options.timeout);
}

void detail::validate(batcher_options const& options, bool weighs) {
    sluice::validate(options);
    if (options.max_weight > 0 && !weighs)
        throw_invalid_option("batcher_options::max_weight needs a weight: batcher(executor, from, options, f)");
}

void validate(buffer_options const& options) { at_least_one("buffer_options::size", options.size); }

}  // namespace sluice
