#pragma once

#include <exception>
#include <sluice/detail/body.hpp>
#include <sluice/detail/stages/handler.hpp>
#include <utility>

namespace sluice::detail {

// The bodies of stages that are handler objects none of whose functions returns an awaitable: no coroutine is needed,
// so none is made. Each function goes on until the body has to wait; handler.hpp has the same as coroutines.

/// Its optional calls return nothing that is to be awaited.
template <class H>
concept is_told_at_once =
    !is_awaitable<decltype(call_handle_subscribe(std::declval<H&>(), std::declval<subscription const&>(), peer{}))> &&
    !is_awaitable<decltype(call_handle_cancel(std::declval<H&>(), std::declval<end_reason const&>(),
                                              std::declval<subscription const&>(), peer{}))>;

template <class H, class T>
concept takes_events_at_once =
    has_handle_events<H, T> && is_told_at_once<H> && !is_awaitable<decltype(call_handle_events<T>(
        std::declval<H&>(), std::declval<handled_batch<H, T>&>(), std::declval<subscription const&>()))>;

template <class H>
concept answers_demand_at_once = has_handle_demand<H> && is_told_at_once<H> &&
    !is_awaitable<decltype(std::declval<H&>().handle_demand(std::size_t{}))>;

/// answer_inlet_call() without a coroutine.
template <class T, class H>
void tell_inlet_call(inlet_core<T>& in, H& handler) {
    auto call = in.next_call();
    subscription const over(std::move(call.over));
    if (call.subscribed) {
        call_handle_subscribe(handler, over, peer::producer);
    } else {
        call_handle_cancel(handler, call.reason, over, peer::producer);
    }
}

/// answer_outlet_call() without a coroutine.
template <class T, class H>
auto tell_outlet_call(outlet_core<T>& out, H& handler) -> bool {
    auto call = out.next_call();
    using kind = outlet_call::kind;
    if (call.what == kind::all_left) return out.all_left() || out.is_winding_down();  // another one may have come since
    if (call.what == kind::demand) {
        if constexpr (has_handle_demand<H>) {
            return call.demand != 0 && push_emission<T>(out, handler.handle_demand(call.demand));
        }
        return false;
    }
    subscription const over(std::move(call.over));
    if (call.what == kind::subscribed) {
        call_handle_subscribe(handler, over, peer::consumer);
    } else {
        call_handle_cancel(handler, call.reason, over, peer::consumer);
    }
    return false;
}

/// serve_demand() until it waits.
template <class T, class H>
auto step_demand(outlet_core<T>& out, H& handler) -> next_wait {
    for (;;) {
        if (out.stage().is_stopping()) throw_aborted();
        bool const ready = out.has_call();
        if (!ready || !out.stage().take_operation()) return {&out.demand_wait(), ready};
        if (tell_outlet_call<T>(out, handler)) return {};
    }
}

/// serve_events() until it waits.
template <class T, class H>
auto step_events(inlet_core<T>& in, H& handler) -> next_wait {
    for (;;) {
        in.acknowledge();
        auto const state = in.poll();
        if (state == inlet_state::stopping) throw_aborted();
        bool const ready = state != inlet_state::waiting;
        if (!ready || !in.stage().take_operation()) return {&in.receive_wait(), ready};
        if (state == inlet_state::ended) return {};
        if (state == inlet_state::failed) std::rethrow_exception(in.doom());
        if (state == inlet_state::call) {
            tell_inlet_call(in, handler);
            continue;
        }
        auto events = take_for<H>(in);
        subscription const from(in.current());
        call_handle_events<T>(handler, events, from);
    }
}

/// serve_both() until it waits.
template <class In, class Out, class H>
auto step_both(inlet_core<In>& in, outlet_core<Out>& out, H& handler) -> next_wait {
    for (;;) {
        while (out.has_notice()) {
            if (tell_outlet_call<Out>(out, handler)) return {};
        }
        if (out.has_backlog()) {  // waits for demand: so this stage asks no more upstream
            if (in.stage().is_stopping()) throw_aborted();
            return {&out.emit_wait(), false};
        }
        in.acknowledge();
        auto const state = in.poll();
        if (state == inlet_state::stopping) throw_aborted();
        bool const ready = state != inlet_state::waiting;
        if (!ready || !in.stage().take_operation()) return {&in.receive_wait(), ready};
        if (state == inlet_state::ended) return {};
        if (state == inlet_state::failed) std::rethrow_exception(in.doom());
        if (state == inlet_state::call) {
            tell_inlet_call(in, handler);
            continue;
        }
        auto events = take_for<H>(in);
        subscription const from(in.current());
        if (push_emission<Out>(out, call_handle_events<In>(handler, events, from))) return {};
    }
}

}  // namespace sluice::detail
