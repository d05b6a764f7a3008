#pragma once

#include <sluice/batch.hpp>
#include <sluice/detail/body.hpp>
#include <sluice/detail/executor_arg.hpp>
#include <sluice/detail/stepping.hpp>
#include <sluice/dispatcher/dispatcher.hpp>
#include <sluice/emitting_stage.hpp>
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

}  // namespace detail

/// A stage that emits events of type T when its consumers have asked for them.
///
/// Its body is a coroutine function `body(outlet<T>&, args…) -> asio::awaitable<void>`, whose own arguments are kept by
/// value as std::thread keeps them, or a handler object with `handle_demand(std::size_t) -> emission<T>` (or an
/// awaitable of one) and, if it wants, `handle_subscribe(subscription)` and `handle_cancel(end_reason, subscription)`.
/// Body and hooks run on the stage's strand, one at a time.
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
    using event_type = T;

    /// With a body and its arguments, or a handler object; before them, or after a handler object, a dispatcher:
    /// `producer<int>{pool, broadcast_dispatcher<int>{}, body, args…}`. Default: demand_dispatcher.
    template <class Body, class... Args>
        requires(!std::is_same_v<std::decay_t<Body>, outlet_options>)
    producer(detail::executor_arg executor, Body&& body, Args&&... args)
        : producer(executor, outlet_options{}, std::forward<Body>(body), std::forward<Args>(args)...) {}

    /// The same with options: `producer<int>{pool, {.buffer_size = 100}, body, args…}`.
    template <class Body, class... Args>
    producer(detail::executor_arg executor, outlet_options const& options, Body&& body, Args&&... args)
        : producer(make(executor.get(), options, std::forward<Body>(body), std::forward<Args>(args)...)) {}

    /// Sees every batch that is lost here, and why. Runs on the strand. Before the stage runs.
    void on_discard(std::function<void(batch<T>, discard_reason)> hook) { this->output().on_discard = std::move(hook); }

private:
    using core_type = detail::producer_ends<T>;

    explicit producer(boost::intrusive_ptr<core_type> core) : base(core, core->out(), core->end()) {}

    template <class First, class... Rest>
    static auto make(asio::any_io_executor const& executor, outlet_options const& options, First&& first,
                     Rest&&... rest) -> boost::intrusive_ptr<core_type> {
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
        -> boost::intrusive_ptr<core_type> {
        using body_type = std::decay_t<Body>;
        constexpr bool is_handler = detail::has_handle_demand<body_type>;
        constexpr bool is_body = detail::stage_body<body_type, outlet<T>, std::decay_t<Args>...>;
        static_assert(is_handler || is_body,
                      "sluice::producer<T>: the body must be a coroutine function that can be called as "
                      "body(sluice::outlet<T>&, args...) and returns boost::asio::awaitable<void>, or a handler object "
                      "with handle_demand(std::size_t)");
        static_assert(!is_handler || sizeof...(Args) == 0,
                      "sluice::producer<T>: a handler object takes a dispatcher and nothing else");
        if constexpr (is_handler || is_body) {
            boost::intrusive_ptr<core_type> made(new core_type(executor, options, std::move(dispatcher)));
            detail::set_body<body_type>(*made, std::forward<Body>(body), std::forward<Args>(args)...);
            if constexpr (is_handler) made->out().report_calls();
            return made;
        } else {
            return nullptr;
        }
    }
};

template <class Executor, class Handler, class... Dispatcher>
    requires detail::has_handle_demand<std::decay_t<Handler>> producer(Executor&&, Handler&&, Dispatcher&&...)
->producer<typename detail::emitted_type<detail::demand_result_t<std::decay_t<Handler>>>::type>;

template <class Executor, class Handler, class... Dispatcher>
    requires detail::has_handle_demand<std::decay_t<Handler>> producer(Executor&&, outlet_options const&, Handler&&,
                                                                       Dispatcher&&...)
->producer<typename detail::emitted_type<detail::demand_result_t<std::decay_t<Handler>>>::type>;

}  // namespace sluice
