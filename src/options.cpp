#include <cstddef>
#include <limits>
#include <sluice/errc.hpp>
#include <sluice/options.hpp>
#include <string>

namespace sluice {

void validate(subscribe_options const& options) {
    if (options.weight < 1) detail::throw_invalid_option("subscribe_options::weight must be at least 1 (got 0)");
    if (options.demand == demand_mode::manual) return;
    if (options.max_demand < 1) {
        detail::throw_invalid_option("subscribe_options::max_demand must be at least 1 (got 0)");
    }
    constexpr auto most = static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max());
    if (options.max_demand > most) {  // most likely a negative number
        detail::throw_invalid_option("subscribe_options::max_demand must be at most " + std::to_string(most) +
                                     " (got " + std::to_string(options.max_demand) + ")");
    }
    if (options.min() >= options.max_demand) {
        detail::throw_invalid_option("subscribe_options::min_demand must be less than max_demand (got " +
                                     std::to_string(options.min()) + ", " + std::to_string(options.max_demand) + ")");
    }
}

}  // namespace sluice
