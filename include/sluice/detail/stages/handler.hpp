#pragma once

#include <boost/asio/awaitable.hpp>
#include <concepts>
#include <cstddef>
#include <sluice/batch.hpp>
#include <sluice/detail/await.hpp>
#include <sluice/detail/inlet_core.hpp>
#include <sluice/detail/outlet_core.hpp>
#include <sluice/emission.hpp>
#include <sluice/end_reason.hpp>
#include <sluice/peer.hpp>
#include <sluice/shared_batch.hpp>
#include <sluice/subscription.hpp>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#if defined(__GNUC__) && !defined(__clang__)
    #pragma GCC diagnostic push
    #pragma GCC diagnostic ignored \
        "-Wsubobject-linkage"  // GCC 12: a coroutine template over a user's type of an unnamed namespace
#endif

namespace sluice::detail {

template <class H>
concept has_handle_demand = requires(H& handler, std::size_t n) {
    handler.handle_demand(n);
};

template <class H>
using demand_result_t = awaited_t<decltype(std::declval<H&>().handle_demand(std::size_t{}))>;

// What a handler may be given of a batch: itself, or a view of it, with or without the subscription it came from.
template <class H, class T>
concept takes_batch_from = requires(H& h, batch<T> b, subscription const& s) {
    h.handle_events(std::move(b), s);
};
template <class H, class T>
concept takes_batch = requires(H& h, batch<T> b) {
    h.handle_events(std::move(b));
};
template <class H, class T>
concept takes_span = requires(H& h, std::span<T> s) {
    h.handle_events(s);
};
template <class H, class T>
concept takes_shared_from = requires(H& h, shared_batch<T> const& b, subscription const& s) {
    h.handle_events(b, s);
};
template <class H, class T>
concept takes_shared = requires(H& h, shared_batch<T> const& b) {
    h.handle_events(b);
};
/// It only looks at events, so that those which others have too need not be copied.
template <class H, class T>
concept only_looks = !takes_batch_from<H, T> && !takes_batch<H, T> && !takes_span<H, T> &&
                     (takes_shared_from<H, T> || takes_shared<H, T>);
template <class H, class T>
concept has_handle_events = takes_batch_from<H, T> || takes_batch<H, T> || takes_span<H, T> || only_looks<H, T>;
/// What is taken from the inlet for it.
template <class H, class T>
using handled_batch = std::conditional_t<only_looks<H, T>, shared_batch<T>, batch<T>>;
template <class H, class T>
auto take_for(inlet_core<T>& in) -> handled_batch<H, T> {
    if constexpr (only_looks<H, T>) {
        return in.take_shared();
    } else {
        return in.take();
    }
}

template <class T, class H>
decltype(auto) call_handle_events(H& handler, handled_batch<H, T>& events, subscription const& from) {
    if constexpr (only_looks<H, T>) {
        if constexpr (takes_shared_from<H, T>) {
            return handler.handle_events(std::as_const(events), from);
        } else {
            return handler.handle_events(std::as_const(events));
        }
    } else if constexpr (takes_batch_from<H, T>) {
        return handler.handle_events(std::move(events), from);
    } else if constexpr (takes_batch<H, T>) {
        return handler.handle_events(std::move(events));
    } else {
        return handler.handle_events(std::span<T>(events.data(), events.size()));
    }
}

template <class H, class T>
using events_result_t = awaited_t<decltype(call_handle_events<T>(
    std::declval<H&>(), std::declval<handled_batch<H, T>&>(), std::declval<subscription const&>()))>;

/// The event type of what handle_demand or handle_events gives back.
template <class R>
struct emitted_type;
template <class T>
struct emitted_type<emission<T>> {
    using type = T;
};
template <class T>
struct emitted_type<batch<T>> {
    using type = T;
};
template <class T>
struct emitted_type<std::vector<T>> {
    using type = T;
};

/// A handler object from which the type of a producer's events can be seen.
template <class H>
concept tells_event_type = has_handle_demand<H> && requires {
    typename emitted_type<demand_result_t<H>>::type;
};

// The optional calls, on either side: handle_subscribe(subscription) and handle_cancel(end_reason, subscription); both
// may take a peer besides.
/// It has no member of that name, or one that is called.
template <class H>
concept is_told_of_subscribe = !requires {
    &H::handle_subscribe;
}
|| requires(H& h, subscription const& s) { h.handle_subscribe(s); }
|| requires(H& h, subscription const& s, peer other) { h.handle_subscribe(s, other); };
template <class H>
concept is_told_of_cancel = !requires {
    &H::handle_cancel;
}
|| requires(H& h, end_reason const& r, subscription const& s) { h.handle_cancel(r, s); }
|| requires(H& h, end_reason const& r, subscription const& s, peer other) { h.handle_cancel(r, s, other); };

template <class H>
constexpr auto check_hooks() {
    static_assert(is_told_of_subscribe<H>,
                  "sluice: handle_subscribe must be callable as handle_subscribe(sluice::subscription), and may take a "
                  "sluice::peer besides: as it is, it would never be called");
    static_assert(is_told_of_cancel<H>,
                  "sluice: handle_cancel must be callable as handle_cancel(sluice::end_reason, sluice::subscription), "
                  "and may take a sluice::peer besides: as it is, it would never be called");
}

template <class H>
decltype(auto) call_handle_subscribe(H& handler, subscription const& s, peer other) {
    if constexpr (requires { handler.handle_subscribe(s, other); }) {
        return handler.handle_subscribe(s, other);
    } else if constexpr (requires { handler.handle_subscribe(s); }) {
        return handler.handle_subscribe(s);
    }
}
template <class H>
decltype(auto) call_handle_cancel(H& handler, end_reason const& reason, subscription const& s, peer other) {
    if constexpr (requires { handler.handle_cancel(reason, s, other); }) {
        return handler.handle_cancel(reason, s, other);
    } else if constexpr (requires { handler.handle_cancel(reason, s); }) {
        return handler.handle_cancel(reason, s);
    }
}

template <class H>
auto tell_subscribed(H& handler, link_ptr over, peer other) -> asio::awaitable<void> {
    subscription const s(std::move(over));
    if constexpr (is_awaitable<decltype(call_handle_subscribe(handler, s, other))>) {
        co_await call_handle_subscribe(handler, s, other);
    } else {
        call_handle_subscribe(handler, s, other);
    }
    co_return;
}

template <class H>
auto tell_cancelled(H& handler, link_ptr over, end_reason reason, peer other) -> asio::awaitable<void> {
    subscription const s(std::move(over));
    if constexpr (is_awaitable<decltype(call_handle_cancel(handler, reason, s, other))>) {
        co_await call_handle_cancel(handler, reason, s, other);
    } else {
        call_handle_cancel(handler, reason, s, other);
    }
    co_return;
}

/// Gives what a handler has answered to the outlet; true when it was its last.
template <class T>
auto push_emission(outlet_core<T>& out, emission<T> what) -> bool {
    out.push(std::move(what.events()));
    return what.is_last();
}

/// Tells a handler what has happened on the producer's side since; true when that was the end.
template <class T, class H>
auto answer_outlet_call(outlet_core<T>& out, H& handler) -> asio::awaitable<bool> {
    auto call = out.next_call();
    using kind = outlet_call::kind;
    if (call.what == kind::subscribed) {
        co_await tell_subscribed(handler, std::move(call.over), peer::consumer);
    } else if (call.what == kind::cancelled) {
        co_await tell_cancelled(handler, std::move(call.over), std::move(call.reason), peer::consumer);
    } else if (call.what == kind::all_left) {
        co_return out.all_left() || out.is_winding_down();  // another one may have come since
    } else if constexpr (has_handle_demand<H>) {
        if (call.demand == 0) co_return false;
        if constexpr (is_awaitable<decltype(handler.handle_demand(call.demand))>) {
            auto answered = co_await handler.handle_demand(call.demand);
            co_return push_emission<T>(out, std::move(answered));
        } else {
            co_return push_emission<T>(out, handler.handle_demand(call.demand));
        }
    }
    co_return false;
}

/// The body of a producer that is a handler object.
template <class T, class H>
auto serve_demand(outlet_core<T>& out, H& handler) -> asio::awaitable<void> {
    for (;;) {
        if (out.stage().is_stopping()) throw_aborted();
        bool const ready = out.has_call();
        if (!ready || !out.stage().take_operation()) {
            co_await wait_in(out.demand_wait(), ready);
            continue;
        }
        bool const last = co_await answer_outlet_call<T>(out, handler);
        if (last) co_return;
    }
}

/// Hands a batch to a handler that emits nothing.
template <class T, class H>
auto consume(H& handler, handled_batch<H, T> events, link_ptr over) -> asio::awaitable<bool> {
    subscription const from(std::move(over));
    using result = decltype(call_handle_events<T>(handler, events, from));
    if constexpr (is_awaitable<result>) {
        co_await call_handle_events<T>(handler, events, from);
    } else {
        call_handle_events<T>(handler, events, from);
    }
    co_return false;
}

/// Hands a batch to a handler that emits; true when it was its last.
template <class Out, class T, class H>
auto transform(outlet_core<Out>& out, H& handler, handled_batch<H, T> events, link_ptr over) -> asio::awaitable<bool> {
    subscription const from(std::move(over));
    using result = decltype(call_handle_events<T>(handler, events, from));
    if constexpr (is_awaitable<result>) {
        auto answered = co_await call_handle_events<T>(handler, events, from);
        co_return push_emission<Out>(out, std::move(answered));
    } else {
        co_return push_emission<Out>(out, call_handle_events<T>(handler, events, from));
    }
}

/// Tells a handler which subscription has begun or ended on the consumer's side.
template <class T, class H>
auto answer_inlet_call(inlet_core<T>& in, H& handler) -> asio::awaitable<void> {
    auto call = in.next_call();
    if (call.subscribed) {
        co_await tell_subscribed(handler, std::move(call.over), peer::producer);
    } else {
        co_await tell_cancelled(handler, std::move(call.over), std::move(call.reason), peer::producer);
    }
}

/// The body of a consumer that is a handler object.
template <class T, class H>
auto serve_events(inlet_core<T>& in, H& handler) -> asio::awaitable<void> {
    for (;;) {
        in.acknowledge();
        auto const state = in.poll();
        if (state == inlet_state::stopping) throw_aborted();
        if (state == inlet_state::waiting || !in.stage().take_operation()) {
            co_await wait_in(in.receive_wait(), state != inlet_state::waiting);
            continue;
        }
        if (state == inlet_state::ended) co_return;
        if (state == inlet_state::failed) std::rethrow_exception(in.doom());
        if (state == inlet_state::call) {
            co_await answer_inlet_call(in, handler);
            continue;
        }
        auto events = take_for<H>(in);
        co_await consume<T>(handler, std::move(events), in.current());
    }
}

/// The body of a producer_consumer that is a handler object: takes a batch only while nothing waits for a taker.
template <class In, class Out, class H>
auto serve_both(inlet_core<In>& in, outlet_core<Out>& out, H& handler) -> asio::awaitable<void> {
    for (;;) {
        while (out.has_notice()) {
            bool const over = co_await answer_outlet_call<Out>(out, handler);
            if (over) co_return;
        }
        if (out.has_backlog()) {  // waits for demand: so this stage asks no more upstream
            if (in.stage().is_stopping()) throw_aborted();
            co_await wait_in(out.emit_wait());
            continue;
        }
        in.acknowledge();
        auto const state = in.poll();
        if (state == inlet_state::stopping) throw_aborted();
        if (state == inlet_state::waiting || !in.stage().take_operation()) {
            co_await wait_in(in.receive_wait(), state != inlet_state::waiting);
            continue;
        }
        if (state == inlet_state::ended) co_return;
        if (state == inlet_state::failed) std::rethrow_exception(in.doom());
        if (state == inlet_state::call) {
            co_await answer_inlet_call(in, handler);
            continue;
        }
        auto events = take_for<H>(in);
        bool const last = co_await transform<Out, In>(out, handler, std::move(events), in.current());
        if (last) co_return;
    }
}

}  // namespace sluice::detail

#if defined(__GNUC__) && !defined(__clang__)
    #pragma GCC diagnostic pop
#endif
