#pragma once

#include <sluice/consumer.hpp>
#include <sluice/detail/access.hpp>
#include <sluice/producer.hpp>

namespace sluice {

namespace detail {

/// What a producer_consumer owns besides its body.
template <class In, class Out>
class producer_consumer_ends : public body_core {
public:
    producer_consumer_ends(asio::any_io_executor const& executor, stage_options const& options,
                           std::unique_ptr<any_dispatcher<Out>> dispatcher)
        : body_core(executor),
          in_(*this, options.in),
          out_(*this, options.out, std::move(dispatcher)),
          inlet_(in_),
          outlet_(out_) {
        this->add_end(in_);
        this->add_end(out_);
    }

    auto in() noexcept -> inlet_core<In>& { return in_; }
    auto out() noexcept -> outlet_core<Out>& { return out_; }
    auto end() noexcept -> outlet<Out>& { return outlet_; }

    template <class Body, class... Args>
    auto invoke(Body& body, Args&&... args) -> asio::awaitable<void> {
        if constexpr (has_handle_events<Body, In>) {
            return serve_both<In, Out>(in_, out_, body);
        } else {
            return std::invoke(body, inlet_, outlet_, std::forward<Args>(args)...);
        }
    }
    template <class Body>
    auto step(Body& body) -> next_wait requires takes_events_at_once<Body, In> {
        return step_both<In, Out>(in_, out_, body);
    }

protected:
    void line_up(visit_ptr what) override { in_.line_up(std::move(what)); }
    void pass_on(visit_ptr what) override { out_.line_up(std::move(what)); }

private:
    inlet_core<In> in_;
    outlet_core<Out> out_;
    inlet<In> inlet_;
    outlet<Out> outlet_;
};

template <class Body, class In, class Out, class... Args>
concept middle_body = std::is_invocable_r_v<asio::awaitable<void>, Body&, inlet<In>&, outlet<Out>&, Args...>;

}  // namespace detail

/// A stage that receives events of type In and emits events of type Out.
///
/// Its body is a coroutine function `body(inlet<In>&, outlet<Out>&, args…) -> asio::awaitable<void>`, or a handler
/// object whose `handle_events` (as in consumer) gives back an `emission<Out>` or an awaitable of one. While what it
/// emitted waits for demand it takes nothing in, and so asks for nothing. `handle_subscribe(subscription, peer)` and
/// `handle_cancel(end_reason, subscription, peer)` tell which side a subscription is on. See producer for what holds of
/// every stage.
template <class In, class Out>
class producer_consumer : public receiving_stage<In, emitting_stage<Out, visited_stage<outlet<Out>>>> {
    using base = receiving_stage<In, emitting_stage<Out, visited_stage<outlet<Out>>>>;

public:
    /// What from() wants to know of it.
    using event_type = Out;

    /// With a body and its arguments, or a handler object, as producer takes them.
    template <class Body, class... Args>
        requires(!std::is_same_v<std::decay_t<Body>, stage_options>)
    producer_consumer(executor_arg executor, sources<In> const& from, Body&& body, Args&&... args)
        : producer_consumer(executor, from, stage_options{}, std::forward<Body>(body), std::forward<Args>(args)...) {}

    /// The same with options, before the body.
    template <class Body, class... Args>
    producer_consumer(executor_arg executor, sources<In> const& from, stage_options const& options, Body&& body,
                      Args&&... args)
        : producer_consumer(make(executor.get(), options, std::forward<Body>(body), std::forward<Args>(args)...)) {
        detail::subscribe_all(detail::access::core(*this), detail::access::input(*this), from);
    }

    /// @cond
    /// Say what is wrong with what is no executor, with what nothing can be received from, and with a copy.
    template <detail::no_executor Other, class... Rest>
        requires(sizeof...(Rest) > 0)
    producer_consumer(Other&&, Rest&&...) : producer_consumer(core_ptr(detail::refuse_executor<Other>())) {}
    template <detail::no_sources<In> From, class... Rest>
    producer_consumer(executor_arg, From&&, Rest&&...)
        : producer_consumer(core_ptr(detail::refuse_sources<In, From>())) {}
    template <std::same_as<producer_consumer> Other>
    producer_consumer(Other&) : producer_consumer(core_ptr(detail::refuse_copy<Other>())) {}
    /// @endcond

    /// Sees every batch that is lost on the way in, and why. Runs on the strand. Before the stage runs.
    void on_discard_in(std::function<void(batch<In>, discard_reason)> hook) {
        detail::access::input(*this).on_discard = std::move(hook);
    }
    /// Sees every batch that is lost on the way out, and why. Runs on the strand. Before the stage runs.
    void on_discard_out(std::function<void(batch<Out>, discard_reason)> hook) {
        detail::access::output(*this).on_discard = std::move(hook);
    }

private:
    using core_type = detail::producer_consumer_ends<In, Out>;
    using core_ptr = boost::intrusive_ptr<core_type>;

    explicit producer_consumer(core_ptr core) : base(core, core->in(), core->out(), core->end()) {}

    template <class First, class... Rest>
    static auto make(asio::any_io_executor const& executor, stage_options const& options, First&& first, Rest&&... rest)
        -> core_ptr {
        if constexpr (dispatcher_for<std::decay_t<First>, Out>) {
            return make_with(executor, options, detail::erase_dispatcher<Out>(std::forward<First>(first)),
                             std::forward<Rest>(rest)...);
        } else if constexpr (detail::has_handle_events<std::decay_t<First>, In> && sizeof...(Rest) == 1) {
            static_assert((dispatcher_for<std::decay_t<Rest>, Out> && ...),
                          "sluice::producer_consumer<In, Out>: a handler object takes a dispatcher of Out and nothing "
                          "else");
            return make_with(executor, options, detail::erase_dispatcher<Out>(std::forward<Rest>(rest)...),
                             std::forward<First>(first));
        } else {
            return make_with(executor, options, detail::erase_dispatcher<Out>(demand_dispatcher<Out>()),
                             std::forward<First>(first), std::forward<Rest>(rest)...);
        }
    }

    template <class Body, class... Args>
    static auto make_with(asio::any_io_executor const& executor, stage_options const& options,
                          std::unique_ptr<detail::any_dispatcher<Out>> dispatcher, Body&& body, Args&&... args)
        -> core_ptr {
        using body_type = std::decay_t<Body>;
        constexpr bool is_handler = detail::has_handle_events<body_type, In>;
        constexpr bool is_body = detail::middle_body<body_type, In, Out, std::decay_t<Args>...>;
        if constexpr (!is_handler && !is_body) {
            detail::refuse_body<detail::ends_of_stage<inlet<In>, outlet<Out>>, body_type, std::decay_t<Args>...>();
        }
        static_assert(
            is_handler || is_body,
            "sluice::producer_consumer<In, Out>: the body must be a coroutine function that can be called as "
            "body(sluice::inlet<In>&, sluice::outlet<Out>&, args...) and returns boost::asio::awaitable<void>, or a "
            "handler object whose handle_events(sluice::batch<In>) returns sluice::emission<Out>");
        if constexpr (is_handler) {
            detail::check_hooks<body_type>();
            static_assert(
                std::convertible_to<detail::events_result_t<body_type, In>, emission<Out>>,
                "sluice::producer_consumer<In, Out>: handle_events must return sluice::emission<Out>, a "
                "sluice::batch<Out> or a std::vector<Out>, or an awaitable of one of them; a stage that emits "
                "nothing is a consumer");
        }
        if constexpr (is_handler || is_body) {
            core_ptr made(new core_type(executor, options, std::move(dispatcher)));
            detail::set_body<body_type>(*made, std::forward<Body>(body), std::forward<Args>(args)...);
            if constexpr (is_handler) {
                made->in().report_calls();
                made->out().report_notices(made->in().receive_wait());
            }
            return made;
        } else {
            return nullptr;
        }
    }
};

/// @cond
// Says that the types of the events are missing.
template <class Executor, class From, class Body, class... Args>
producer_consumer(Executor&&, From&&, Body&&, Args&&...)
    -> producer_consumer<typename detail::missing_event_type<Body>::type, int>;
/// @endcond

}  // namespace sluice
