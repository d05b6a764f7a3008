#pragma once

#include <boost/system/error_code.hpp>
#include <sluice/core/api.hpp>
#include <string>
#include <type_traits>

namespace sluice {

/// What can go wrong in Sluice itself. Failures of user code travel as the exceptions they are.
enum class errc {
    /// Every producer has finished and every event has been received. Given by async_receive; receive() answers
    /// nullopt.
    end_of_stream = 1,
    /// Every consumer has left for good. Given by async_demand and async_emit; demand() and emit() answer nullopt and
    /// false.
    no_consumers,
    /// A second operation was started on an end of a stage while the first one of its kind had not completed.
    already_running,
    /// A stage runs once; this one was run before.
    already_run,
    /// The producer was destroyed before it was run, or had ended before the subscription reached it.
    no_such_stage,
    /// A consumer asked for no events, or for more than a count can hold: zero and negative asks are refused.
    invalid_demand,
    /// An option is out of its range; the message names the member and the value.
    invalid_option,
    /// A producer sent more events than had been asked for.
    excess_events,
    /// The subscription has ended; there is nobody to ask.
    subscription_ended,
    /// ask(n) is for subscriptions with manual demand; this one asks by itself.
    automatic_demand,
    /// A producer ended with an exception that is not a system_error. Given by async_receive; receive() throws the
    /// exception.
    producer_failed,
    /// A stage subscribed to a producer that gives every event to each of its consumers, and had subscribed to it
    /// before.
    already_subscribed,
    /// The execution context was destroyed, or the stage's handle was, before the operation could complete.
    abandoned,
    /// Several consumers of one producer get the same event, and one of them asked for its own copy, but the event's
    /// type cannot be copied.
    not_copyable,
    /// A visit named another type of handler object than the stage has, or the stage has none.
    wrong_handler,
    /// A subscription wants redelivery of a producer whose dispatcher gives an event to several.
    redelivery_of_shared,
    /// The hash of a partition_dispatcher named a partition that there is not.
    unknown_partition,
    /// The last consumer of a partition left while events were queued for it, and
    /// partition_options::on_leave is fail.
    partition_left,
    /// A child was told to end, and has not within its shutdown_timeout. A coroutine cannot be killed: it goes on.
    shutdown_expired,
    /// A supervisor's children were restarted more often than max_restarts within restart_period, and the last one had
    /// not even failed.
    too_many_restarts,
    /// A stage of a join had to keep more events than join_options::max_buffered.
    join_full,
    /// The layer that was to be resized always has as many stages; the message says why.
    layer_is_fixed,
    /// The flow, or that layer of it, had ended or was being stopped.
    flow_ended,
};

/// The category "sluice".
SLUICE_API auto sluice_category() noexcept -> boost::system::error_category const&;
/// What Boost.System calls to compare and convert: an error_code of sluice_category().
SLUICE_API auto make_error_code(errc code) noexcept -> boost::system::error_code;

namespace detail {
/// Throws boost::system::system_error with errc::invalid_option and `what`.
[[noreturn]] SLUICE_API void throw_invalid_option(std::string const& what);
[[noreturn]] SLUICE_API void throw_error(errc code);
}  // namespace detail

}  // namespace sluice

namespace boost::system {
template <>
struct is_error_code_enum<sluice::errc> : std::true_type {};
}  // namespace boost::system
