#include <sluice/errc.hpp>
#include <sluice/flow/exchange.hpp>
#include <sluice/flow/join.hpp>
#include <sluice/flow/keyed.hpp>
#include <string>

namespace sluice::flow {
namespace {

template <class Options>
void check(Options const& options, std::string const& name) {
    if (options.stages && (*options.stages < 1 || *options.stages > 4096)) {
        detail::throw_invalid_option(name + "::stages must be 1 to 4096 (got " + std::to_string(*options.stages) + ")");
    }
    if (options.max_demand < 1) detail::throw_invalid_option(name + "::max_demand must be at least 1 (got 0)");
    if (options.min_demand && *options.min_demand >= options.max_demand) {
        detail::throw_invalid_option(name + "::min_demand must be less than max_demand (got " +
                                     std::to_string(*options.min_demand) + ", " + std::to_string(options.max_demand) +
                                     ")");
    }
}

}  // namespace

void validate(exchange_options const& options) { check(options, "exchange_options"); }
void validate(join_options const& options) {
    check(options, "join_options");
    if (options.max_buffered < 1) detail::throw_invalid_option("join_options::max_buffered must be at least 1 (got 0)");
}
void validate(reduce_by_key_options const& options) {
    check(options, "reduce_by_key_options");
    if (options.combine_keys < 1) {
        detail::throw_invalid_option("reduce_by_key_options::combine_keys must be at least 1 (got 0)");
    }
}

}  // namespace sluice::flow
