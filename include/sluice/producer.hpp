#pragma once

#include <sluice/batch.hpp>
#include <sluice/detail/access.hpp>
#include <sluice/detail/body.hpp>
#include <sluice/detail/stages/mistakes.hpp>
#include <sluice/detail/stages/stepping.hpp>
#include <sluice/dispatcher/dispatcher.hpp>
#include <sluice/emitting_stage.hpp>
#include <sluice/executor_arg.hpp>
#include <sluice/options.hpp>
#include <sluice/outlet.hpp>
#include <sluice/visited_stage.hpp>

namespace sluice {

namespace detail {

/// What a producer owns besides its body.
template <class T>
class producer_ends : public body_core {
public:
    producer_ends(asio::any_io_executor const& executor, outlet_options const& options,
                  std::unique_ptr<any_dispatcher<T>> dispatcher)
        : body_core(executor), out_(*this, options, std::move(dispatcher)), outlet_(out_) {
        this->add_end(out_);
    }

    auto out() noexcept -> outlet_core<T>& { return out_; }
    auto end() noexcept -> outlet<T>& { return outlet_; }

    template <class Body, class... Args>
    auto invoke(Body& body, Args&&... args) -> asio::awaitable<void> {
        if constexpr (has_handle_demand<Body>) {
            return serve_demand<T>(out_, body);
        } else {
            return std::invoke(body, outlet_, std::forward<Args>(args)...);
        }
    }
    template <class Body>
    auto step(Body& body) -> next_wait requires answers_demand_at_once<Body> {
        return step_demand<T>(out_, body);
    }

protected:
    void line_up(visit_ptr what) override { out_.line_up(std::move(what)); }

private:
    outlet_core<T> out_;
    outlet<T> outlet_;
};

/// By a handler object, which may stand behind options.
template <class... Given>
inline constexpr bool event_type_is_told = false;
template <class First, class... Rest>
inline constexpr bool event_type_is_told<First, Rest...> = tells_event_type<First>;
template <class... Rest>
inline constexpr bool event_type_is_told<outlet_options, Rest...> = event_type_is_told<Rest...>;

}  // namespace detail

/// A stage that emits events of type T when its consumers have asked for them.
///
/// Its body is a coroutine function `body(outlet<T>&, args…) -> asio::awaitable<void>`, whose own arguments are kept by
/// value as std::thread keeps them, or a handler object with `handle_demand(std::size_t) -> emission<T>` (or an
/// awaitable of one) and, if it wants, `handle_subscribe(subscription)` and `handle_cancel(end_reason, subscription)`.
/// Body and hooks run on the stage's strand, one at a time.
///
/// It lives where its first argument says: any executor, or an execution context or pool that has one.
///
/// Nothing runs until async_run(). When the body returns, the stage ends normally as soon as everything it emitted has
/// found a taker; when it throws, the stage fails with that exception, and so do the consumers whose cancel mode says
/// so.
///
/// A body must not block its thread: await instead.
template <class T>
class producer : public emitting_stage<T, visited_stage<outlet<T>>> {
    using base = emitting_stage<T, visited_stage<outlet<T>>>;

public:
    /// What from() wants to know of it.
    using event_type = T;

    /// With a body and its arguments, or a handler object; before them, or after a handler object, a dispatcher:
    /// `producer<int>{pool, broadcast_dispatcher<int>{}, body, args…}`. Default: demand_dispatcher.
    template <class Body, class... Args>
        requires(!std::is_same_v<std::decay_t<Body>, outlet_options>)
    producer(executor_arg executor, Body&& body, Args&&... args)
        : producer(executor, outlet_options{}, std::forward<Body>(body), std::forward<Args>(args)...) {}

    /// The same with options: `producer<int>{pool, {.buffer_size = 100}, body, args…}`.
    template <class Body, class... Args>
    producer(executor_arg executor, outlet_options const& options, Body&& body, Args&&... args)
        : producer(make(executor.get(), options, std::forward<Body>(body), std::forward<Args>(args)...)) {}

    /// @cond
    /// Say what is wrong with what is no executor, and with a copy.
    template <detail::no_executor Other, class Body, class... Args>
    producer(Other&&, Body&&, Args&&...) : producer(core_ptr(detail::refuse_executor<Other>())) {}
    template <std::same_as<producer> Other>
    producer(Other&) : producer(core_ptr(detail::refuse_copy<Other>())) {}
    /// @endcond

    /// Sees every batch that is lost here, and why. Runs on the strand. Before the stage runs.
    void on_discard(std::function<void(batch<T>, discard_reason)> hook) {
        detail::access::output(*this).on_discard = std::move(hook);
    }

private:
    using core_type = detail::producer_ends<T>;
    using core_ptr = boost::intrusive_ptr<core_type>;

    explicit producer(core_ptr core) : base(core, core->out(), core->end()) {}

    template <class First, class... Rest>
    static auto make(asio::any_io_executor const& executor, outlet_options const& options, First&& first,
                     Rest&&... rest) -> core_ptr {
        if constexpr (dispatcher_for<std::decay_t<First>, T>) {
            return make_with(executor, options, detail::erase_dispatcher<T>(std::forward<First>(first)),
                             std::forward<Rest>(rest)...);
        } else if constexpr (detail::has_handle_demand<std::decay_t<First>> && sizeof...(Rest) == 1) {
            static_assert((dispatcher_for<std::decay_t<Rest>, T> && ...),
                          "sluice::producer<T>: a handler object takes a dispatcher of T and nothing else");
            return make_with(executor, options, detail::erase_dispatcher<T>(std::forward<Rest>(rest)...),
                             std::forward<First>(first));
        } else {
            return make_with(executor, options, detail::erase_dispatcher<T>(demand_dispatcher<T>()),
                             std::forward<First>(first), std::forward<Rest>(rest)...);
        }
    }

    template <class Body, class... Args>
    static auto make_with(asio::any_io_executor const& executor, outlet_options const& options,
                          std::unique_ptr<detail::any_dispatcher<T>> dispatcher, Body&& body, Args&&... args)
        -> core_ptr {
        using body_type = std::decay_t<Body>;
        constexpr bool is_handler = detail::has_handle_demand<body_type>;
        constexpr bool is_body = detail::stage_body<body_type, outlet<T>, std::decay_t<Args>...>;
        if constexpr (!is_handler && !is_body) {
            detail::refuse_body<detail::ends_of_stage<outlet<T>>, body_type, std::decay_t<Args>...>();
        }
        static_assert(is_handler || is_body,
                      "sluice::producer<T>: the body must be a coroutine function that can be called as "
                      "body(sluice::outlet<T>&, args...) and returns boost::asio::awaitable<void>, or a handler object "
                      "with handle_demand(std::size_t)");
        static_assert(!is_handler || sizeof...(Args) == 0,
                      "sluice::producer<T>: a handler object takes a dispatcher and nothing else");
        if constexpr (is_handler) {
            detail::check_hooks<body_type>();
            static_assert(std::convertible_to<detail::demand_result_t<body_type>, emission<T>>,
                          "sluice::producer<T>: handle_demand must return sluice::emission<T>, a sluice::batch<T> or a "
                          "std::vector<T>, or an awaitable of one of them");
        }
        if constexpr (is_handler || is_body) {
            core_ptr made(new core_type(executor, options, std::move(dispatcher)));
            detail::set_body<body_type>(*made, std::forward<Body>(body), std::forward<Args>(args)...);
            if constexpr (is_handler) made->out().report_calls();
            return made;
        } else {
            return nullptr;
        }
    }
};

/// The type of the events is what `handle_demand` gives.
template <class Executor, class Handler, class... Dispatcher>
    requires detail::tells_event_type<std::decay_t<Handler>> producer(Executor&&, Handler&&, Dispatcher&&...)
->producer<typename detail::emitted_type<detail::demand_result_t<std::decay_t<Handler>>>::type>;

/// The same with options.
template <class Executor, class Handler, class... Dispatcher>
    requires detail::tells_event_type<std::decay_t<Handler>> producer(Executor&&, outlet_options const&, Handler&&,
                                                                      Dispatcher&&...)
->producer<typename detail::emitted_type<detail::demand_result_t<std::decay_t<Handler>>>::type>;

/// @cond
// Says what is missing, where nothing tells it.
template <class Executor, class First, class... Rest>
    requires(!detail::event_type_is_told<std::decay_t<First>, std::decay_t<Rest>...>)
producer(Executor&&, First&&, Rest&&...)
->producer<typename detail::missing_event_type<
    First, detail::event_type_is_told<std::decay_t<First>, std::decay_t<Rest>...>>::type>;
/// @endcond

}  // namespace sluice
