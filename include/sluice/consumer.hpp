#pragma once

#include <sluice/detail/access.hpp>
#include <sluice/detail/body.hpp>
#include <sluice/detail/stages/mistakes.hpp>
#include <sluice/detail/stages/stepping.hpp>
#include <sluice/executor_arg.hpp>
#include <sluice/from.hpp>
#include <sluice/inlet.hpp>
#include <sluice/options.hpp>
#include <sluice/receiving_stage.hpp>
#include <sluice/visited_stage.hpp>

namespace sluice {

namespace detail {

/// What a consumer owns besides its body.
template <class T>
class consumer_ends : public body_core {
public:
    consumer_ends(asio::any_io_executor const& executor, inlet_options const& options)
        : body_core(executor), in_(*this, options), inlet_(in_) {
        this->add_end(in_);
    }

    auto in() noexcept -> inlet_core<T>& { return in_; }
    auto end() noexcept -> inlet<T>& { return inlet_; }

    template <class Body, class... Args>
    auto invoke(Body& body, Args&&... args) -> asio::awaitable<void> {
        if constexpr (has_handle_events<Body, T>) {
            return serve_events<T>(in_, body);
        } else {
            return std::invoke(body, inlet_, std::forward<Args>(args)...);
        }
    }
    template <class Body>
    auto step(Body& body) -> next_wait requires takes_events_at_once<Body, T> {
        return step_events<T>(in_, body);
    }

protected:
    void line_up(visit_ptr what) override { in_.line_up(std::move(what)); }

private:
    inlet_core<T> in_;
    inlet<T> inlet_;
};

}  // namespace detail

/// A stage that receives events of type T from one producer or from many.
///
/// Its body is a coroutine function `body(inlet<T>&, args…) -> asio::awaitable<void>`, or a handler object with
/// `handle_events` that takes a `batch<T>` or a `std::span<T>`, and, if it wants, the `subscription const&` it came
/// from; it returns nothing or an awaitable of nothing. It may have `handle_subscribe(subscription)` and
/// `handle_cancel(end_reason, subscription)`, which are called in order with the events. See producer for what holds of
/// every stage.
template <class T>
class consumer : public receiving_stage<T, visited_stage<inlet<T>>> {
    using base = receiving_stage<T, visited_stage<inlet<T>>>;

public:
    /// With what it subscribes to, a body and its arguments: `consumer<int>{pool, from(numbers), body, args…}`.
    template <class Body, class... Args>
        requires(!std::is_same_v<std::decay_t<Body>, inlet_options>)
    consumer(executor_arg executor, sources<T> const& from, Body&& body, Args&&... args)
        : consumer(executor, from, inlet_options{}, std::forward<Body>(body), std::forward<Args>(args)...) {}

    /// The same with options: `consumer<int>{pool, from(numbers), inlet_options{.stay_open = true}, body, args…}`.
    template <class Body, class... Args>
    consumer(executor_arg executor, sources<T> const& from, inlet_options const& options, Body&& body, Args&&... args)
        : consumer(make(executor.get(), options, std::forward<Body>(body), std::forward<Args>(args)...)) {
        detail::subscribe_all(detail::access::core(*this), detail::access::input(*this), from);
    }

    /// @cond
    /// Say what is wrong with what is no executor, with what nothing can be received from, and with a copy.
    template <detail::no_executor Other, class... Rest>
        requires(sizeof...(Rest) > 0)
    consumer(Other&&, Rest&&...) : consumer(core_ptr(detail::refuse_executor<Other>())) {}
    template <detail::no_sources<T> From, class... Rest>
    consumer(executor_arg, From&&, Rest&&...) : consumer(core_ptr(detail::refuse_sources<T, From>())) {}
    template <std::same_as<consumer> Other>
    consumer(Other&) : consumer(core_ptr(detail::refuse_copy<Other>())) {}
    /// @endcond

    /// Sees every batch that is lost here, and why. Runs on the strand. Before the stage runs.
    void on_discard(std::function<void(batch<T>, discard_reason)> hook) {
        detail::access::input(*this).on_discard = std::move(hook);
    }

private:
    using core_type = detail::consumer_ends<T>;
    using core_ptr = boost::intrusive_ptr<core_type>;

    explicit consumer(core_ptr core) : base(core, core->in(), core->end()) {}

    template <class Body, class... Args>
    static auto make(asio::any_io_executor const& executor, inlet_options const& options, Body&& body, Args&&... args)
        -> core_ptr {
        using body_type = std::decay_t<Body>;
        constexpr bool is_handler = detail::has_handle_events<body_type, T>;
        constexpr bool is_body = detail::stage_body<body_type, inlet<T>, std::decay_t<Args>...>;
        if constexpr (!is_handler && !is_body) {
            detail::refuse_body<detail::ends_of_stage<inlet<T>>, body_type, std::decay_t<Args>...>();
        }
        static_assert(is_handler || is_body,
                      "sluice::consumer<T>: the body must be a coroutine function that can be called as "
                      "body(sluice::inlet<T>&, args...) and returns boost::asio::awaitable<void>, or a handler object "
                      "with handle_events(sluice::batch<T>)");
        if constexpr (is_handler) {
            detail::check_hooks<body_type>();
            static_assert(std::is_void_v<detail::events_result_t<body_type, T>>,
                          "sluice::consumer<T>: handle_events must return nothing, or an awaitable of nothing: a "
                          "consumer emits no events; make it a producer_consumer");
        }
        if constexpr (is_handler || is_body) {
            core_ptr made(new core_type(executor, options));
            detail::set_body<body_type>(*made, std::forward<Body>(body), std::forward<Args>(args)...);
            if constexpr (is_handler) made->in().report_calls();
            return made;
        } else {
            return nullptr;
        }
    }
};

/// @cond
// Says that the type of the events is missing.
template <class Executor, class From, class Body, class... Args>
consumer(Executor&&, From&&, Body&&, Args&&...) -> consumer<typename detail::missing_event_type<Body>::type>;
/// @endcond

}  // namespace sluice
