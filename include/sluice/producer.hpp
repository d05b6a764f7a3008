#pragma once

#include <sluice/batch.hpp>
#include <sluice/detail/body.hpp>
#include <sluice/detail/executor_arg.hpp>
#include <sluice/detail/handler.hpp>
#include <sluice/dispatcher/dispatcher.hpp>
#include <sluice/options.hpp>
#include <sluice/outlet.hpp>
#include <sluice/stage.hpp>

namespace sluice {

namespace detail {

/// What a producer owns besides its body.
template <class T>
class producer_ends : public stage_core {
public:
    producer_ends(asio::any_io_executor const& executor, outlet_options const& options,
                  std::unique_ptr<any_dispatcher<T>> dispatcher)
        : stage_core(executor), out_(*this, options, std::move(dispatcher)), outlet_(out_) {
        this->add_end(out_);
    }

    auto out() noexcept -> outlet_core<T>& { return out_; }

protected:
    template <class Body, class... Args>
    auto invoke(Body& body, Args&&... args) -> asio::awaitable<void> {
        if constexpr (has_handle_demand<Body>) {
            return serve_demand<T>(out_, body);
        } else {
            return std::invoke(body, outlet_, std::forward<Args>(args)...);
        }
    }

private:
    outlet_core<T> out_;
    outlet<T> outlet_;
};

template <class T, class Dispatcher>
auto erase_dispatcher(Dispatcher dispatcher) -> std::unique_ptr<any_dispatcher<T>> {
    return std::make_unique<erased_dispatcher<T, Dispatcher>>(std::move(dispatcher));
}

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
class producer : public stage {
public:
    using event_type = T;

    /// With a body and its arguments, or a handler object.
    template <class Body, class... Args>
        requires(!std::is_same_v<std::decay_t<Body>, outlet_options>)
    producer(detail::executor_arg executor, Body&& body, Args&&... args)
        : producer(executor, outlet_options{}, std::forward<Body>(body), std::forward<Args>(args)...) {}

    /// The same with options: `producer<int>{pool, {.buffer_size = 100}, body, args…}`.
    template <class Body, class... Args>
    producer(detail::executor_arg executor, outlet_options const& options, Body&& body, Args&&... args)
        : producer(make(executor.get(), options, std::forward<Body>(body), std::forward<Args>(args)...)) {}

    /// Sees every batch that is lost here, and why. Runs on the strand. Before the stage runs.
    void on_discard(std::function<void(batch<T>, discard_reason)> hook) { out_->on_discard = std::move(hook); }

    /// The runtime's way to subscribe; users call from().
    auto output() const noexcept -> detail::outlet_core<T>& { return *out_; }

private:
    using core_type = detail::producer_ends<T>;

    explicit producer(boost::intrusive_ptr<core_type> core) : stage(core), out_(&core->out()) {}

    template <class Body, class... Args>
    static auto make(asio::any_io_executor const& executor, outlet_options const& options, Body&& body, Args&&... args)
        -> boost::intrusive_ptr<core_type> {
        using body_type = std::decay_t<Body>;
        constexpr bool is_handler = detail::has_handle_demand<body_type>;
        static_assert(is_handler || detail::stage_body<body_type, outlet<T>, std::decay_t<Args>...>,
                      "sluice::producer<T>: the body must be a coroutine function that can be called as "
                      "body(sluice::outlet<T>&, args...) and returns boost::asio::awaitable<void>, or a handler object "
                      "with handle_demand(std::size_t)");
        if constexpr (is_handler && sizeof...(Args) == 1) {
            return make_with<body_type>(executor, options, detail::erase_dispatcher<T>(std::forward<Args>(args)...),
                                        std::tuple<>(), std::forward<Body>(body));
        } else if constexpr (is_handler) {
            static_assert(sizeof...(Args) == 0,
                          "sluice::producer<T>: a handler object takes a dispatcher and nothing else");
            return make_with<body_type>(executor, options, detail::erase_dispatcher<T>(demand_dispatcher<T>()),
                                        std::tuple<>(), std::forward<Body>(body));
        } else if constexpr (detail::stage_body<body_type, outlet<T>, std::decay_t<Args>...>) {
            return make_with<body_type>(executor, options, detail::erase_dispatcher<T>(demand_dispatcher<T>()),
                                        std::tuple<std::decay_t<Args>...>(std::forward<Args>(args)...),
                                        std::forward<Body>(body));
        } else {
            return nullptr;
        }
    }

    template <class Body, class... Args, class B>
    static auto make_with(asio::any_io_executor const& executor, outlet_options const& options,
                          std::unique_ptr<detail::any_dispatcher<T>> dispatcher, std::tuple<Args...> args, B&& body)
        -> boost::intrusive_ptr<core_type> {
        using stage_type = detail::body_stage<core_type, Body, Args...>;
        auto* made =
            new stage_type(std::move(args), Body(std::forward<B>(body)), executor, options, std::move(dispatcher));
        if constexpr (detail::has_handle_demand<Body>) made->out().report_calls();
        return made;
    }

    detail::outlet_core<T>* out_;
};

template <class Executor, class Handler, class... Dispatcher>
    requires detail::has_handle_demand<std::decay_t<Handler>> producer(Executor&&, Handler&&, Dispatcher&&...)
->producer<typename detail::emitted_type<detail::demand_result_t<std::decay_t<Handler>>>::type>;

}  // namespace sluice
