#include <cstddef>
#include <limits>
#include <sluice/consumer_supervisor_options.hpp>
#include <sluice/errc.hpp>
#include <sluice/options.hpp>
#include <sluice/stage_group_options.hpp>
#include <sluice/supervisor_options.hpp>
#include <string>

namespace sluice {

namespace {

void check_target(subscribe_options const& options) {
    auto const target = options.adaptive.target_latency;
    if (target < std::chrono::nanoseconds::zero()) {
        detail::throw_invalid_option("subscribe_options::adaptive.target_latency must be at least 0 (got " +
                                     std::to_string(target.count()) + " ns)");
    }
    if (options.is_adaptive() && options.demand_mode == demand_mode::manual) {
        detail::throw_invalid_option(
            "subscribe_options::adaptive must not be given when demand_mode is manual: it is for the runtime's asks");
    }
}

void check_least(subscribe_options const& options) {
    auto const least = options.adaptive.least_demand;
    if (options.is_adaptive() && (least < 1 || least > options.max_demand)) {
        detail::throw_invalid_option(
            "subscribe_options::adaptive.least_demand must be at least 1 and at most max_demand (got " +
            std::to_string(least) + ", " + std::to_string(options.max_demand) + ")");
    }
}

}  // namespace

void validate(subscribe_options const& options) {
    if (options.weight < 1) detail::throw_invalid_option("subscribe_options::weight must be at least 1 (got 0)");
    check_target(options);
    if (options.demand_mode == demand_mode::manual) return;
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
    check_least(options);
}

void validate(consumer_supervisor_options const& options) {
    using duration = consumer_supervisor_options::duration;
    auto const at_least_zero = [](char const* member, duration given) {
        if (given >= duration::zero()) return;
        detail::throw_invalid_option(std::string("consumer_supervisor_options::") + member +
                                     " must be at least 0 (got " + std::to_string(given.count()) + " ns)");
    };
    if (options.restart == restart_mode::permanent) {
        detail::throw_invalid_option(
            "consumer_supervisor_options::restart must be transient or temporary (got permanent): a child is there for "
            "one event");
    }
    at_least_zero("restart_period", options.restart_period);
    at_least_zero("restart_delay", options.restart_delay);
    if (options.shutdown_timeout <= duration::zero()) {
        detail::throw_invalid_option("consumer_supervisor_options::shutdown_timeout must be more than 0 (got " +
                                     std::to_string(options.shutdown_timeout.count()) + " ns)");
    }
}

void validate(supervisor_options const& options) {
    if (options.restart_period >= supervisor_options::duration::zero()) return;
    detail::throw_invalid_option("supervisor_options::restart_period must be at least 0 (got " +
                                 std::to_string(options.restart_period.count()) + " ns)");
}

void validate(stage_group_options const& options) {
    if (options.drain_timeout >= stage_group_options::duration::zero()) return;
    detail::throw_invalid_option("stage_group_options::drain_timeout must be at least 0 (got " +
                                 std::to_string(options.drain_timeout.count()) + " ns)");
}

}  // namespace sluice
