#pragma once

// Bugs that can be switched on, one at a time, in a build of their own (SLUICE_PLANTED_BUGS): the simulator must find
// each of them, or the tests fail. In every other build SLUICE_BUG(name) is `false` and leaves nothing behind.

#if defined(SLUICE_PLANTED_BUGS)
namespace sluice::core {
enum class planted_bug {
    none,
    lost_wake_up,              // who looks, lets others run and then waits is not woken for what was there
    ask_twice,                 // the consumer sends each ask twice
    ask_forgotten,             // asks that arrive together count once
    ask_too_late,              // a consumer asks again when less than min_demand is outstanding, not at min_demand
    demand_not_reused,         // what a cancelled consumer had asked for is asked of the producer again
    demand_not_used_up,        // a consumer's demand stays as it is when events are delivered
    end_overtakes_events,      // the end of a subscription is seen before the events in front of it
    end_twice,                 // a consumer hears of an end again
    events_dropped_on_cancel,  // events under way are dropped when the consumer cancels
    order_reversed,            // a consumer is given the newest batch first
    emit_returns_early,        // emit does not wait for the last event to find a taker
    acknowledged_early,        // the consumer asks when it is given a batch, not when it comes back for the next
    wrong_strand,              // a woken operation completes outside its strand
    stop_forgotten,            // a stop does not wake a body that waits for events
    calls_kept,                // a producer that has ended keeps what it had yet to tell its handler
    renewal_forgotten,         // a stream that gives out two batches renews the demand of one
    open_batch_forgotten,      // single events kept back to travel together are not sent at the end of the turn
    broadcast_selector_swallows_demand,  // what a selector refuses uses up its consumer's demand all the same
    round_robin_turn_kept,               // whose turn it is keeps it as long as it has demand
    partition_none_swallows_demand,      // an event that no partition wants uses up demand all the same
    redelivery_forgotten,                // what a consumer that failed had in its hands is not sent again
    demand_whole_not_counted,            // a batch that is handed over whole uses up no demand
    weighted_demand_not_used_up,         // a turn of a weighted dispatcher uses up no demand
    restart_not_rewired,                 // nobody subscribes to a stage that was made again
    adaptive_bound_forgotten,            // adaptive demand goes to twice max_demand
};
inline planted_bug active_bug = planted_bug::none;
}  // namespace sluice::core
    #define SLUICE_BUG(name) (::sluice::core::active_bug == ::sluice::core::planted_bug::name)
#else
    /// Whether that bug is switched on: only in a build for it; false everywhere else.
    #define SLUICE_BUG(name) false
#endif
