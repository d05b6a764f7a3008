#pragma once

#include <functional>
#include <optional>
#include <sluice/consumer_supervisor_options.hpp>
#include <sluice/detail/access.hpp>
#include <sluice/detail/body.hpp>
#include <sluice/detail/child_ends.hpp>
#include <sluice/detail/child_keeper.hpp>
#include <sluice/detail/inlet_core.hpp>
#include <sluice/detail/stages/subscribing.hpp>
#include <sluice/detail/visit.hpp>
#include <sluice/executor_arg.hpp>
#include <sluice/from.hpp>
#include <sluice/stage.hpp>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice {

namespace detail {

/// A consumer_supervisor but for what its children do.
template <class T>
class event_keeper : public child_keeper {
public:
    event_keeper(asio::any_io_executor const& executor, consumer_supervisor_options const& options)
        : child_keeper(executor, options), in_(*this, inlet_options{.stay_open = options.stay_open}) {
        this->attach(in_);
    }

    auto in() noexcept -> inlet_core<T>& { return in_; }

    auto start(T event, link_ptr from) -> child_id {
        auto child = std::make_unique<record>();
        child->keeper = this;
        if constexpr (std::is_copy_constructible_v<T>) {
            if (this->keeps_events()) child->event.emplace(event);
        }
        auto running = make_child(std::move(event));
        return this->adopt(std::move(child), std::move(running), std::move(from));
    }

protected:
    virtual auto make_child(T event) -> stage_ptr = 0;

private:
    struct record final : child_record {
        auto again() -> stage_ptr override {
            if constexpr (std::is_copy_constructible_v<T>) {
                return keeper->make_child(T(*event));
            } else {
                return nullptr;  // validated: such events are not kept
            }
        }
        event_keeper* keeper = nullptr;
        std::optional<T> event;
    };

    void take_batch() override {
        auto events = in_.take();
        auto const from = in_.current();
        std::size_t started = 0;
        try {
            for (; started < events.size(); ++started) start(std::move(events[started]), from);
        } catch (...) {  // what has not become a child goes back, where it is discarded visibly
            batch<T> rest;
            for (; started < events.size(); ++started) rest.push_back(std::move(events[started]));
            in_.put_back(std::move(rest));
            throw;
        }
    }

    inlet_core<T> in_;
};

/// Makes the children: stages that run `child(event, args…)`, each with copies of the function and its arguments.
template <class T, class Child, class... Args>
class supervising_core final : public event_keeper<T> {
public:
    supervising_core(asio::any_io_executor const& executor, consumer_supervisor_options const& options, Child child,
                     Args... args)
        : event_keeper<T>(executor, options), parts_(std::in_place, std::move(child), std::move(args)...) {}

private:
    auto make_child(T event) -> stage_ptr override {
        return std::apply(
            [&](Child const& child, Args const&... args) {
                boost::intrusive_ptr<child_ends> made(new child_ends(this->executor()));
                set_body<Child>(*made, child, std::move(event), args...);
                return stage_ptr(std::move(made));
            },
            *parts_);
    }
    void drop_body() noexcept override { parts_.reset(); }

    std::optional<std::tuple<Child, Args...>> parts_;
};

}  // namespace detail

/// A consumer that starts one child for each event: a coroutine `child(event, args…) -> asio::awaitable<void>`.
///
/// @code
/// auto serve(request r, database& db) -> asio::awaitable<void>;
/// sluice::consumer_supervisor<request> served{pool, sluice::from(requests, {.max_demand = 50}), serve, std::ref(db)};
/// co_await sluice::async_run(requests, served);      // never more than 50 requests at a time
/// @endcode
///
/// Each child runs on a strand of its own, so that children run beside each other as far as the executor has threads;
/// what they share they must protect. `co_await this_coro::executor` in a child is its strand. The function and its
/// arguments are copied for each child; to share something, pass it with std::ref.
///
/// **Demand.** Of each producer it asks for max_demand events first. Then it counts children that have ended, and asks
/// for as many as soon as there are min_demand of them: so for max_demand 3 and min_demand 2 it asks for 2 when 2 have
/// ended. At most max_demand children of a producer exist at any time. A subscription with demand_mode::manual is
/// refused: asking is the supervisor's business.
///
/// **Failure.** A child that throws ends alone; the stage's logger is told. With restart_mode::transient it is run
/// again with a copy of its event, and holds its place meanwhile. More than max_restarts within restart_period fail the
/// stage with what the last child threw. operation_aborted does not count as a failure: whoever throws that was
/// cancelled.
///
/// **End.** When its subscriptions have ended, the stage waits for its children and then ends. When it is stopped or
/// fails, every child is cancelled (terminal) at the same time; the stage ends when they have, or fails with
/// errc::shutdown_expired when that takes longer than shutdown_timeout. A coroutine cannot be killed: a child that does
/// not heed its cancellation goes on by itself, with its own copies of event and arguments, and the log says so.
///
/// GenStage: `ConsumerSupervisor`.
template <class T>
class consumer_supervisor : public stage {
public:
    /// With what it subscribes to, the child's function and the arguments after the event.
    template <class Child, class... Args>
        requires(!std::is_same_v<std::decay_t<Child>, consumer_supervisor_options>)
    consumer_supervisor(executor_arg executor, sources<T> const& from, Child&& child, Args&&... args)
        : consumer_supervisor(executor, from, consumer_supervisor_options{}, std::forward<Child>(child),
                              std::forward<Args>(args)...) {}

    /// The same with options before the function. Throws errc::invalid_option, also for restart_mode::transient when T
    /// cannot be copied.
    template <class Child, class... Args>
    consumer_supervisor(executor_arg executor, sources<T> const& from, consumer_supervisor_options const& options,
                        Child&& child, Args&&... args)
        : consumer_supervisor(make(executor.get(), options, std::forward<Child>(child), std::forward<Args>(args)...)) {
        std::vector<source<T>> by_hand;
        for (auto const& each : from) by_hand.push_back(asked_by_hand(each));
        detail::subscribe_all(detail::access::core(*this), keeper_->in(), sources<T>(std::move(by_hand)));
    }

    /// As consumer::async_subscribe.
    template <emitter S, class Token = asio::use_awaitable_t<>>
    auto async_subscribe(S const& producer, subscribe_options const& options = {}, Token&& token = {}) {
        return async_subscribe(from(producer, options), std::forward<Token>(token));
    }
    /// The same for what from() gives.
    template <class Token = asio::use_awaitable_t<>>
    auto async_subscribe(source<T> from, Token&& token = {}) {
        return detail::async_subscribe<T>(detail::access::core(*this), keeper_->in(), asked_by_hand(std::move(from)),
                                          std::forward<Token>(token));
    }

    /// As consumer::async_resubscribe.
    template <class Token = asio::use_awaitable_t<>>
    auto async_resubscribe(subscription const& old, end_reason reason, source<T> from, Token&& token = {}) {
        return detail::async_resubscribe<T>(detail::access::core(*this), keeper_->in(), detail::access::link(old),
                                            std::move(reason), asked_by_hand(std::move(from)),
                                            std::forward<Token>(token));
    }

    /// Starts a child for an event that no producer has sent; it does not count against any demand. Waits for the
    /// stage to run. From any thread.
    ///
    /// @par Completion signature
    /// @code void(std::exception_ptr, child_id) @endcode
    /// @par Errors
    /// errc::no_such_stage when the stage has ended or is about to; what a copy of the event or its arguments throws.
    /// A child that fails at once was started all the same.
    /// @par Per-operation cancellation
    /// Not supported: it does not wait, except for the stage to run.
    template <class Token = asio::use_awaitable_t<>>
    auto async_start_child(T event, Token&& token = {}) {
        auto start = [keeper = keeper_, given = std::move(event)]() mutable {
            return keeper->start(std::move(given), nullptr);
        };
        return detail::async_run_there(detail::access::core(*this), false, std::move(start),
                                       std::forward<Token>(token));
    }

    /// Cancels a child and waits for its end. It is not run again, and its place is free. From any thread.
    ///
    /// @par Completion signature
    /// @code void(std::exception_ptr, bool found) @endcode false: there is no such child, or there is no longer.
    /// @par Errors
    /// errc::shutdown_expired when it has not ended within shutdown_timeout; it holds its place until it does.
    /// @par Per-operation cancellation
    /// terminal, partial, total: gives operation_aborted; the child ends nevertheless.
    template <class Token = asio::use_awaitable_t<>>
    auto async_terminate_child(child_id id, Token&& token = {}) {
        return asio::async_initiate<Token, void(std::exception_ptr, bool)>(
            [keeper = boost::intrusive_ptr<detail::child_keeper>(keeper_)](auto handler, child_id which) {
                using handler_type = std::decay_t<decltype(handler)>;
                detail::operation_of<bool, detail::child_keeper, child_id, handler_type>::start(*keeper, which,
                                                                                                std::move(handler));
            },
            token, id);
    }

    /// How many children there are. `void(std::exception_ptr, child_counts)`; errc::no_such_stage when the stage has
    /// ended. From any thread; waits for the stage to run.
    template <class Token = asio::use_awaitable_t<>>
    auto async_count_children(Token&& token = {}) {
        auto count = [keeper = keeper_] { return keeper->counts(); };
        return detail::async_run_there(detail::access::core(*this), false, count, std::forward<Token>(token));
    }
    /// Every child, in the order in which they were started. `void(std::exception_ptr, std::vector<child_info>)`; as
    /// async_count_children().
    template <class Token = asio::use_awaitable_t<>>
    auto async_which_children(Token&& token = {}) {
        auto list = [keeper = keeper_] { return keeper->children(); };
        return detail::async_run_there(detail::access::core(*this), false, list, std::forward<Token>(token));
    }

    /// Sees every batch that is lost here before it has become children, and why. Runs on the strand. Before the stage
    /// runs.
    void on_discard(std::function<void(batch<T>, discard_reason)> hook) { keeper_->in().on_discard = std::move(hook); }

private:
    friend struct detail::access;
    auto input() const noexcept -> detail::inlet_core<T>& { return keeper_->in(); }

    explicit consumer_supervisor(boost::intrusive_ptr<detail::event_keeper<T>> keeper)
        : stage(keeper), keeper_(keeper.get()) {}

    template <class Child, class... Args>
    static auto make(asio::any_io_executor const& executor, consumer_supervisor_options const& options, Child&& child,
                     Args&&... args) -> boost::intrusive_ptr<detail::event_keeper<T>> {
        using child_type = std::decay_t<Child>;
        constexpr bool is_child = std::is_invocable_r_v<asio::awaitable<void>, child_type&, T, std::decay_t<Args>...>;
        static_assert(is_child,
                      "sluice::consumer_supervisor<T>: the child must be a coroutine function that can be called as "
                      "child(T, args...) and returns boost::asio::awaitable<void>");
        constexpr bool copyable =
            std::is_copy_constructible_v<child_type> && (std::is_copy_constructible_v<std::decay_t<Args>> && ...);
        static_assert(copyable,
                      "sluice::consumer_supervisor<T>: each child gets copies of the function and its arguments; pass "
                      "what cannot be copied with std::ref");
        validate(options);
        if (options.restart == restart_mode::transient && !std::is_copy_constructible_v<T>) {
            detail::throw_invalid_option(
                "consumer_supervisor_options::restart must be temporary (got transient): the events cannot be copied");
        }
        if constexpr (is_child && copyable) {
            return new detail::supervising_core<T, child_type, std::decay_t<Args>...>(
                executor, options, child_type(std::forward<Child>(child)), std::forward<Args>(args)...);
        } else {
            return nullptr;
        }
    }

    static auto asked_by_hand(source<T> from) -> source<T> {
        auto options = from.options();
        if (options.demand_mode == demand_mode::manual) {
            detail::throw_invalid_option(
                "subscribe_options::demand_mode must be automatic for a consumer_supervisor (got manual): it asks as "
                "its "
                "children end");
        }
        if (options.is_adaptive()) {
            detail::throw_invalid_option(
                "subscribe_options::adaptive must not be given for a consumer_supervisor: max_demand bounds its "
                "children");
        }
        // It comes back for the next batch when the children of this one have begun, not when they have ended.
        if (options.redeliver) {
            detail::throw_invalid_option(
                "subscribe_options::redeliver must be false for a consumer_supervisor (got true): a child that fails "
                "is run again with restart_mode::transient");
        }
        if (options.max_weight > 0) {
            detail::throw_invalid_option("subscribe_options::max_weight must be 0 for a consumer_supervisor (got " +
                                         std::to_string(options.max_weight) + "): max_demand bounds its children");
        }
        options.demand_mode = demand_mode::manual;
        return std::move(from).with(options);
    }

    detail::event_keeper<T>* keeper_;
};

}  // namespace sluice
