#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <sluice/core/copyable.hpp>
#include <sluice/detail/await.hpp>
#include <sluice/detail/flow/fused_step.hpp>
#include <sluice/detail/flow/guard.hpp>
#include <sluice/flow/errors.hpp>
#include <string>
#include <type_traits>
#include <utility>

namespace sluice::flow {

/// What a sink for dead letters gets: an event that a step threw for. `Event` is the type of the events that reach
/// flow::on_error.
template <class Event>
class dead_letter {
public:
    /// For the step that has thrown.
    dead_letter(std::optional<Event> what, std::exception_ptr why, step_place at)
        : event(std::move(what)), error(std::move(why)), place(std::move(at)) {}

    /// What the exception says: its what().
    auto reason() const -> std::string { return detail::describe_error(error); }

    /// As it came to flow::on_error. Empty when it was no single event, as with a reduction's result at the end; and
    /// with flow::report_to.
    std::optional<Event> event;
    /// What was thrown.
    std::exception_ptr error;
    /// In which step; the element is its number among the events that came to flow::on_error in that stage.
    step_place place;
};

}  // namespace sluice::flow

namespace sluice::detail {

template <class Sink, class Event>
concept letter_sink = std::invocable<Sink&, flow::dead_letter<Event>> &&
    !is_awaitable<std::invoke_result_t<Sink&, flow::dead_letter<Event>>>;

struct stop_policy : no_policy {
    static auto shown() -> std::string { return "stop"; }
    template <class In>
    static constexpr auto check() -> bool {
        return true;
    }
};

struct skip_policy {
    static constexpr bool holds = true;
    static constexpr bool keeps_events = false;

    static auto shown() -> std::string { return "skip"; }
    template <class In>
    static constexpr auto check() -> bool {
        return true;
    }
    template <class In>
    void bad(step_faults& faults, std::optional<In>, flow::step_place const& where,
             std::exception_ptr const& error) const {
        faults.skipped(1, where, error, nullptr);
    }

    /// The same, which writes to this logger; null: to none.
    auto log_to(std::shared_ptr<spdlog::logger> logger) const;
};

struct logged_skip_policy : skip_policy {
    explicit logged_skip_policy(std::shared_ptr<spdlog::logger> l) : log(std::move(l)) {}

    template <class In>
    void bad(step_faults& faults, std::optional<In>, flow::step_place const& where,
             std::exception_ptr const& error) const {
        faults.skipped(1, where, error, &log);
    }

    std::shared_ptr<spdlog::logger> log;
};

inline auto skip_policy::log_to(std::shared_ptr<spdlog::logger> logger) const {
    return logged_skip_policy(std::move(logger));
}

/// A sink that all stages share.
template <class Sink>
struct shared_sink {
    explicit shared_sink(Sink s) : sink(std::move(s)) {}

    std::mutex mutex;
    Sink sink;
};

template <class Sink, bool Keep>
struct letter_policy {
    static constexpr bool holds = true;
    static constexpr bool keeps_events = Keep;

    static auto shown() -> std::string { return "to a sink"; }
    template <class In>
    static constexpr auto check() -> bool {
        static_assert(letter_sink<Sink, In>,
                      "flow::on_error: the sink must be callable with flow::dead_letter<Event>, where Event is the "
                      "event that reaches flow::on_error, and not return an awaitable. The guard holds up to the next "
                      "exchange, also behind flow::map_async and flow::stage: there the event may be another, so take "
                      "auto, or end the guard before with flow::on_error(flow::stop).");
        static_assert(!Keep || core::is_copyable<In>,
                      "flow::on_error: events that cannot be copied cannot be kept for the sink. Use flow::report_to, "
                      "whose letters have no event, or flow::skip.");
        return letter_sink<Sink, In> && (!Keep || core::is_copyable<In>);
    }
    template <class In>
    void bad(step_faults& faults, std::optional<In> event, flow::step_place const& where,
             std::exception_ptr const& error) const {
        flow::dead_letter<In> letter(std::move(event), error, where);
        faults.buried(1);
        std::lock_guard const one_at_a_time(to->mutex);
        std::invoke(to->sink, std::move(letter));
    }

    std::shared_ptr<shared_sink<Sink>> to;
};

template <class Policy>
concept error_policy = requires {
    { Policy::holds } -> std::convertible_to<bool>;
    Policy::shown();
};

template <class Policy>
struct guard_step : fused_step<guard_step<Policy>> {
    static constexpr char const* kind = "on_error";
    static constexpr bool takes_batches = true;
    static constexpr bool is_remark = true;
    static constexpr bool is_stateless = true;
    using policy_type = Policy;

    template <class In>
    struct on {
        static constexpr bool fits = Policy::template check<In>();
        using out = std::conditional_t<fits, In, In>;  // looks at it in any case
    };

    template <class In, class Next>
    auto node(Next next, step_faults& faults, std::size_t place) const {
        if constexpr (!Policy::holds || !on<In>::fits) {
            return pass_errors_node<Next>(std::move(next), faults);
        } else if constexpr (requires(batch<In> all, pace & p) { next.push_batch(std::move(all), p); }) {
            return batch_guard_node<In, Policy, Next>(policy, std::move(next), faults, place);
        } else {
            return guard_node<In, Policy, Next>(policy, std::move(next), faults, place);
        }
    }

    Policy policy;
};

}  // namespace sluice::detail

namespace sluice::flow {

// What flow::on_error does with an event for which a step behind it throws.

/// The exception ends the flow, as without flow::on_error; also where another flow::on_error stands before.
inline constexpr detail::stop_policy stop;

/// The event is dropped, and the flow goes on. Counted in stage_stats::skipped, and logged: at most one line a second
/// for each stage, with how many there were and the last reason, and one at the end for those not told of yet. The line
/// goes to the stage's logger, by default that of spdlog; `flow::skip.log_to(logger)` names another one, or none.
inline constexpr detail::skip_policy skip;

/// The event goes to a sink for dead letters, and the flow goes on: `sink(flow::dead_letter<Event>)`. Counted in
/// stage_stats::dead_letters.
///
/// There is one sink for all stages, for all copies of the flow and all their runs, and it is called for one letter at
/// a time, in the thread of the stage, which waits for it: so it needs no lock, should be quick, and must not run
/// flows. It need not be copyable. What it throws ends the flow. Order: that of the events, within a stage. Copies:
/// each event once, before the steps behind get it, whether it is bad or not, because they may take it over.
template <class Sink>
[[nodiscard]] auto to(Sink&& sink) {
    using function = std::decay_t<Sink>;
    using shared = detail::shared_sink<function>;
    return detail::letter_policy<function, true>{std::make_shared<shared>(std::forward<Sink>(sink))};
}

/// The same without the event: the sink learns the exception and the place. For events that cannot be copied, or whose
/// copies are dear. Copies: none.
template <class Sink>
[[nodiscard]] auto report_to(Sink&& sink) {
    using function = std::decay_t<Sink>;
    using shared = detail::shared_sink<function>;
    return detail::letter_policy<function, false>{std::make_shared<shared>(std::forward<Sink>(sink))};
}

/// Says what happens to events for which a step throws: flow::stop, flow::skip, flow::to(sink) or
/// flow::report_to(sink). Holds for the steps that stand behind it up to the next exchange, so first in a layer for the
/// whole layer, or until another flow::on_error; also for the calls of flow::map_async, and for the steps behind it and
/// behind flow::stage.
///
/// @code
/// auto const put_aside = [&bad](flow::dead_letter<std::string> letter) {
///     bad.push_back(*letter.event + ": " + letter.reason());
/// };
/// auto const numbers = flow::from(words{"1", "two", "3"}) | flow::on_error(flow::to(put_aside)) |
///                      flow::map(to_number) |        // throws for "two"
///                      flow::on_error(flow::skip) |  // from here on they are dropped, counted and logged
///                      flow::map([](int i) { return 10 / i; });
/// auto const all = flow::collect(numbers, pool);  // 10, 3
/// @endcode
///
/// What is dropped is the event as it comes to flow::on_error, with everything that the steps would still have made of
/// it: when the third element of a flat_map's range throws, the two before have gone on, and the rest is given up.
///
/// What a step with a memory had noted of a bad event stays: a reduction what it has taken, uniq the key, take its
/// count. Before map_batch a batch is dropped as a whole, and each of its events counts. An exception that belongs to
/// no single event, of a reduction's result on its way at the end, is held as well, and counts as one event.
///
/// Not held: exceptions of the source, of the key and the hash of flow::partition, of moving events into their batches,
/// of comparisons in flow::take_sort, of a join's functions, which begin their layer, of the bodies of flow::stage and
/// the functions of terminal operations, and of stages from outside. They end the flow.
///
/// Before windows it holds for the steps in them and for what fires; it cannot stand between a window and its
/// reduction. Order: kept. Memory: an event, with flow::to; a batch, before map_batch. Where nothing throws it costs
/// nothing but the copies of flow::to.
template <class Policy>
auto on_error(Policy policy) {
    static_assert(detail::error_policy<Policy>,
                  "flow::on_error: the policy is flow::stop, flow::skip, flow::to(sink) or flow::report_to(sink).");
    if constexpr (detail::error_policy<Policy>) {
        return detail::close_over(detail::guard_step<Policy>{{Policy::shown()}, std::move(policy)});
    } else {
        return detail::close_over(detail::guard_step<detail::stop_policy>{{}, {}});
    }
}

}  // namespace sluice::flow
