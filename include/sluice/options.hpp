#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <sluice/buffer_keep.hpp>
#include <sluice/cancel_mode.hpp>
#include <sluice/core/api.hpp>
#include <type_traits>

namespace sluice {

/// Who asks for events on a subscription.
enum class demand_mode {
    automatic,  ///< The runtime, by max_demand and min_demand.
    manual,     ///< The user, by subscription::ask(n).
};

/// Demand that follows what a consumer can take, so that max_demand need be no more than a bound:
/// `from(numbers, {.max_demand = 5000, .adaptive = {.target_latency = 2ms}})`.
///
/// The runtime then asks for as many events as bring the throughput near the most that it can be, and for so few that
/// an event does not take longer than the target from its arrival at the consumer until the consumer comes back for
/// the next batch. It begins with 10 and may go up to max_demand; min_demand keeps its proportion to that. Where
/// waiting is not the demand's doing, as with a consumer that spends a long time on each batch whatever its size, one
/// and a half times the wait that is there without it is borne. How it decides: docs/design/adaptive_demand.md.
///
/// Costs one reading of a clock and some additions a batch. Not with demand_mode::manual.
struct adaptive_demand {
    /// More than 0; 0: demand is not adaptive, and max_demand is always in force.
    std::chrono::nanoseconds target_latency{};
    /// The least that it goes down to, in place of max_demand. 1 … max_demand.
    std::size_t least_demand = 1;

    friend auto operator==(adaptive_demand const&, adaptive_demand const&) -> bool = default;
};
static_assert(std::is_trivially_destructible_v<adaptive_demand>);

/// The terms of one subscription; name them in the order that they have here, as C++ wants it. GenStage: the options of
/// `subscribe`.
struct subscribe_options {
    /// How many events may be outstanding at most, and the first ask. Events, at least 1.
    std::size_t max_demand = 1000;
    /// When outstanding demand has fallen to this, the consumer asks again. 0 … max_demand - 1; default: half of
    /// max_demand. A batch handed to the consumer holds at most max_demand - min_demand events.
    std::optional<std::size_t> min_demand = std::nullopt;
    /// Whether the consumer ends when this subscription does. GenStage's default is permanent; here it is transient, so
    /// that a consumer of two producers does not lose the second one's events because the first has finished.
    cancel_mode cancel = cancel_mode::transient;
    /// Which partition of a partition_dispatcher that has numbered ones; for other keys see source::partition.
    std::optional<std::size_t> partition = std::nullopt;
    /// Subscriptions of a higher priority are served first as long as they have demand, by the demand_dispatcher and
    /// within a partition.
    int priority = 0;
    /// The share of a weighted_dispatcher's events beside the other subscriptions'. At least 1.
    std::size_t weight = 1;
    /// Bounds what is under way by weight, besides by number, because events differ in size: in the unit of the
    /// function given to source::weigh, bytes for instance. 0: no bound. One event is let through however heavy it is.
    std::size_t max_weight = 0;
    /// The producer keeps what it has sent until this consumer has processed it, which it says by asking for the next
    /// batch. If the consumer fails, is stopped or leaves before, those events go to the other subscribers, or to the
    /// next one that comes, before all others: each is delivered at least once. Bounded by max_demand. Events must be
    /// copyable; not for dispatchers that give an event to several. GenStage: such events are lost.
    bool redeliver = false;
    /// Who asks. With manual, max_demand and min_demand are not used and a batch has the size in which it was sent.
    sluice::demand_mode demand_mode = sluice::demand_mode::automatic;
    /// Whether the runtime finds out by itself how many events should be outstanding; max_demand is the most, then.
    adaptive_demand adaptive = {};

    /// Whether `adaptive` has a target.
    auto is_adaptive() const -> bool { return adaptive.target_latency != std::chrono::nanoseconds::zero(); }
    /// min_demand, or its default where it is not given.
    auto min() const -> std::size_t { return min_demand ? *min_demand : max_demand / 2; }

    friend auto operator==(subscribe_options const&, subscribe_options const&) -> bool = default;
};
static_assert(std::is_trivially_destructible_v<subscribe_options>);

/// What a producer does when its last consumer has left.
enum class on_last_cancel {
    stop,       ///< demand() answers nullopt and emit() false: the body can end.
    stay_open,  ///< It waits for the next subscriber.
};

/// What a producer does with demand.
enum class demand_flow {
    forward,     ///< It is served as it comes.
    accumulate,  ///< Asks wait, and so do events (emits, and at most buffer_size that are pushed), until forward is
                 ///< set: so that all consumers can subscribe first.
};

/// Options of whatever emits: producer, producer_consumer, intake.
struct outlet_options {
    /// How many events are kept at most for which there is no demand: what a handler object has emitted, and what was
    /// pushed. 0 keeps none.
    std::size_t buffer_size = 10'000;
    /// Which events survive when the buffer is full: the first or the last ones.
    sluice::buffer_keep buffer_keep = sluice::buffer_keep::last;
    /// What happens when the last consumer has left.
    sluice::on_last_cancel on_last_cancel = sluice::on_last_cancel::stop;
    /// Whether asks are served from the start. GenStage: `:demand`.
    demand_flow demand = demand_flow::forward;
};
static_assert(std::is_trivially_destructible_v<outlet_options>);

/// Options of a stage that receives: consumer, producer_consumer.
struct inlet_options {
    /// true: the inlet does not end when all its subscriptions have; later ones may come.
    bool stay_open = false;
};
static_assert(std::is_trivially_destructible_v<inlet_options>);

/// Options of a stage: those of its ends. A producer does not look at `in`, a consumer not at `out`.
struct stage_options {
    outlet_options out = {};  ///< towards its consumers
    inlet_options in = {};    ///< towards its producers
};
static_assert(std::is_trivially_destructible_v<stage_options>);

/// Throws system_error(errc::invalid_option) that names the member and the value.
SLUICE_API void validate(subscribe_options const& options);

}  // namespace sluice
