#pragma once

#include <sluice/detail/body.hpp>
#include <sluice/detail/executor_arg.hpp>
#include <sluice/detail/handler.hpp>
#include <sluice/detail/subscribing.hpp>
#include <sluice/detail/visit.hpp>
#include <sluice/from.hpp>
#include <sluice/inlet.hpp>
#include <sluice/options.hpp>
#include <sluice/stage.hpp>

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
class consumer : public stage {
public:
    /// With what it subscribes to, a body and its arguments: `consumer<int>{pool, from(numbers), body, args…}`.
    template <class Body, class... Args>
        requires(!std::is_same_v<std::decay_t<Body>, inlet_options>)
    consumer(detail::executor_arg executor, sources<T> const& from, Body&& body, Args&&... args)
        : consumer(executor, from, inlet_options{}, std::forward<Body>(body), std::forward<Args>(args)...) {}

    /// The same with options: `consumer<int>{pool, from(numbers), inlet_options{.stay_open = true}, body, args…}`.
    template <class Body, class... Args>
    consumer(detail::executor_arg executor, sources<T> const& from, inlet_options const& options, Body&& body,
             Args&&... args)
        : consumer(make(executor.get(), options, std::forward<Body>(body), std::forward<Args>(args)...)) {
        detail::subscribe_all(core(), *in_, from);
    }

    /// Subscribes to one more producer, also while running. Completes when the subscription stands on this side; the
    /// events come as soon as the producer has heard of it.
    ///
    /// @par Completion signature
    /// @code void(error_code, subscription) @endcode
    /// @par Errors
    /// errc::end_of_stream when this stage takes no more subscriptions. Throws errc::invalid_option for bad options,
    /// before anything happens. A producer that has ended already is no error here: the subscription ends at once with
    /// core::end_kind::unknown_producer.
    /// @par Per-operation cancellation
    /// Not supported: it never waits.
    template <emitter S, class Token = asio::use_awaitable_t<>>
    auto async_subscribe(S const& producer, subscribe_options const& options = {}, Token&& token = {}) {
        return detail::async_subscribe<T>(core(), *in_, from(producer, options), std::forward<Token>(token));
    }
    /// The same for what from() makes, which can say more: `async_subscribe(from(lines).select(is_error))`.
    template <class Token = asio::use_awaitable_t<>>
    auto async_subscribe(source<T> from, Token&& token = {}) {
        return detail::async_subscribe<T>(core(), *in_, std::move(from), std::forward<Token>(token));
    }
    /// Subscribes anew and gives an old subscription of this stage up with `reason`: to the same producer on other
    /// terms, or to another one. Neither the stage is without a subscription in between, nor the same producer without
    /// this consumer: it hears of the cancel first, and does not end for want of consumers; what is under way on the
    /// old one is still delivered. An old subscription that has ended, or was never one of this stage's, is no error.
    /// What its end does to the stage its own cancel mode says: one that is permanent ends the stage all the same.
    /// GenStage: `sync_resubscribe`, `async_resubscribe`.
    ///
    /// Completion, errors and cancellation as of async_subscribe; after errc::end_of_stream the old one is as it was.
    template <class Token = asio::use_awaitable_t<>>
    auto async_resubscribe(subscription const& old, end_reason reason, source<T> from, Token&& token = {}) {
        return detail::async_resubscribe<T>(core(), *in_, old.over(), std::move(reason), std::move(from),
                                            std::forward<Token>(token));
    }

    /// Runs a function on the stage's strand, between two steps of its body, and gives back what it returns. With the
    /// type of the stage's handler object, `async_visit<ticker>(f)`, as `f(handler, inlet)` or `f(handler)`; without,
    /// as `f(inlet)` or `f()`. From any thread; visits run in the order in which they come, and
    /// wait for the stage to run. GenStage: `call`, `cast`.
    ///
    /// @par Completion signature
    /// @code void(std::exception_ptr, R) @endcode or `void(std::exception_ptr)` when f returns nothing.
    /// @par Errors
    /// What f throws, which is nothing to the stage; errc::wrong_handler; errc::no_such_stage when it has ended.
    /// @par Per-operation cancellation
    /// Not supported: a visit does not wait, except for the stage to run.
    template <class Handler = void, class F, class Token = asio::use_awaitable_t<>>
    auto async_visit(F f, Token&& token = {}) {
        return detail::async_run_there(core(), false, detail::visitor<Handler>(*core(), *end_, std::move(f)),
                                       std::forward<Token>(token));
    }
    /// The same, when everything that has arrived by then has gone. Informs come in order, and none is
    /// dropped while the stage lives. GenStage: `sync_info`, `async_info`.
    template <class Handler = void, class F, class Token = asio::use_awaitable_t<>>
    auto async_inform(F f, Token&& token = {}) {
        return detail::async_run_there(core(), true, detail::visitor<Handler>(*core(), *end_, std::move(f)),
                                       std::forward<Token>(token));
    }

    /// Sees every batch that is lost here, and why. Runs on the strand. Before the stage runs.
    void on_discard(std::function<void(batch<T>, discard_reason)> hook) { in_->on_discard = std::move(hook); }

    /// The runtime's part; nothing for users.
    auto input() const noexcept -> detail::inlet_core<T>& { return *in_; }

private:
    using core_type = detail::consumer_ends<T>;

    explicit consumer(boost::intrusive_ptr<core_type> core) : stage(core), in_(&core->in()), end_(&core->end()) {}

    template <class Body, class... Args>
    static auto make(asio::any_io_executor const& executor, inlet_options const& options, Body&& body, Args&&... args)
        -> boost::intrusive_ptr<core_type> {
        using body_type = std::decay_t<Body>;
        constexpr bool is_handler = detail::has_handle_events<body_type, T>;
        constexpr bool is_body = detail::stage_body<body_type, inlet<T>, std::decay_t<Args>...>;
        static_assert(is_handler || is_body,
                      "sluice::consumer<T>: the body must be a coroutine function that can be called as "
                      "body(sluice::inlet<T>&, args...) and returns boost::asio::awaitable<void>, or a handler object "
                      "with handle_events(sluice::batch<T>)");
        if constexpr (is_handler || is_body) {
            boost::intrusive_ptr<core_type> made(new core_type(executor, options));
            detail::set_body<body_type>(*made, std::forward<Body>(body), std::forward<Args>(args)...);
            if constexpr (is_handler) made->in().report_calls();
            return made;
        } else {
            return nullptr;
        }
    }

    detail::inlet_core<T>* in_;
    inlet<T>* end_;
};

}  // namespace sluice
