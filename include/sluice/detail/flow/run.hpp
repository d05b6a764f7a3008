#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <concepts>
#include <exception>
#include <memory>
#include <sluice/detail/access.hpp>
#include <sluice/detail/flow/build.hpp>
#include <sluice/detail/stage_core.hpp>
#include <sluice/flow/pipeline.hpp>
#include <sluice/run.hpp>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::detail {

/// A flow's stages, made and not yet run, and where the result will be.
template <class Result>
class flow_run {
public:
    flow_run(flow_builder&& made, std::shared_ptr<Result> result, std::vector<stage_ptr> more = {})
        : executor_(made.executor()),
          layers_(made.take_layers()),
          passages_(made.take_passages()),
          stages_(std::move(made).take()),
          more_(std::move(more)),
          result_(std::move(result)) {}

    auto executor() const noexcept -> asio::any_io_executor const& { return executor_; }
    auto result() const noexcept -> std::shared_ptr<Result> const& { return result_; }
    auto take_layers() -> std::vector<flow_layer> { return std::move(layers_); }
    auto passages() const noexcept -> flow_passages const& { return passages_; }
    auto cores() const -> std::vector<stage_ptr> {
        auto all = more_;
        for (auto const& each : stages_) all.push_back(access::core(each));
        return all;
    }

private:
    asio::any_io_executor executor_;
    std::vector<flow_layer> layers_;
    flow_passages passages_;
    std::vector<stage> stages_;
    std::vector<stage_ptr> more_;  // stages of the user's that run with them
    std::shared_ptr<Result> result_;
};

/// The handler of a terminal operation, erased; keeps its executor busy while it waits.
template <class Result, class Handler>
class flow_handler final : public run_completion {
public:
    flow_handler(Handler handler, flow_run<Result> const& run)
        : handler_(std::move(handler)),
          result_(run.result()),
          work_(asio::prefer(asio::get_associated_executor(handler_, run.executor()),
                             asio::execution::outstanding_work.tracked)) {}

    void complete(std::exception_ptr error) override {
        auto const executor = work_;
        if constexpr (std::is_void_v<Result>) {
            asio::post(executor, [h = std::move(handler_), error = std::move(error)]() mutable {
                std::move(h)(std::move(error));
            });
        } else {
            asio::post(executor, [h = std::move(handler_), error = std::move(error), r = std::move(result_)]() mutable {
                Result result = take(*r, error);
                r = nullptr;
                std::move(h)(std::move(error), std::move(result));
            });
        }
    }

private:
    using executor_type = asio::associated_executor_t<Handler, asio::any_io_executor>;
    using work_type =
        std::decay_t<decltype(asio::prefer(std::declval<executor_type>(), asio::execution::outstanding_work.tracked))>;

    /// The result; of a flow that failed what there is. A result whose move throws is a failure too; one without a
    /// default then leaves the executor's run(), for there is nothing to call the handler with.
    template <class R>
    static auto take(R& from, std::exception_ptr& error) -> R {
        if constexpr (std::default_initializable<R>) {
            if (error) return R();
            try {
                return std::move(from);
            } catch (...) {
                error = std::current_exception();
                return R();
            }
        } else {
            return std::move(from);  // after an error somehow far; there is nothing else
        }
    }

    Handler handler_;
    std::shared_ptr<Result> result_;
    work_type work_;
};

template <class Result>
struct start_flow {
    template <class Handler>
    void operator()(Handler&& handler, flow_run<Result> what) const {
        using handler_type = std::decay_t<Handler>;
        auto const slot = asio::get_associated_cancellation_slot(handler);
        auto completion = std::make_unique<flow_handler<Result, handler_type>>(std::forward<Handler>(handler), what);
        boost::intrusive_ptr<run_state> run(new run_state(what.cores(), std::move(completion)));
        stop_when_cancelled(slot, run);
        run->start();
    }
};

template <class Result>
struct flow_signature {
    using type = void(std::exception_ptr, Result);
};
template <>
struct flow_signature<void> {
    using type = void(std::exception_ptr);
};

template <class Result, class Token>
auto initiate(flow_run<Result> run, Token&& token) {
    return asio::async_initiate<Token, typename flow_signature<Result>::type>(start_flow<Result>(), token,
                                                                              std::move(run));
}

template <class Result>
auto run_and_wait(flow_run<Result> run) -> Result {
    run_and_wait(run.cores());
    if constexpr (!std::is_void_v<Result>) return std::move(*run.result());
}

/// Says what to do with a flow that has no source, or a sink where there must be none.
template <class F, bool MayBeSunk>
constexpr auto check_runnable() -> bool {
    static_assert(
        !is_closure<std::remove_cv_t<F>>,
        "These are steps without a source. Begin the flow with flow::from, flow::from_lines or flow::source.");
    static_assert(MayBeSunk || !is_sunk<std::remove_cv_t<F>>,
                  "This flow ends in flow::sink: nothing comes out of it. Run it with flow::run or flow::async_run.");
    return is_pipeline<std::remove_cv_t<F>> || (MayBeSunk && is_sunk<std::remove_cv_t<F>>);
}

template <class F>
struct flow_event {
    using type = int;  // there was a static assertion
};
template <class F>
    requires is_pipeline<F>
struct flow_event<F> {
    using type = typename F::event_type;
};
template <class F>
using event_of = typename flow_event<std::remove_cv_t<F>>::type;

/// Of a terminal operation that is awaited, for a flow that has no name.
template <class F>
auto refuse_temporary() {
    static_assert(!std::is_same_v<F, F>,
                  "flow: name the flow, then run it: auto f = flow::from(..) | flow::map(..); co_await "
                  "flow::async_..(f, executor, ..)");
    return asio::awaitable<void>();
}

/// One stage that gets all that comes out of a flow, with steps of its own.
template <class F, class MakeEnd, class... Steps>
void add_last(flow_builder& b, F const& flow, MakeEnd const& make_end, Steps const&... steps) {
    using event = typename F::event_type;
    subscribe_options const options;
    auto const from = subscriptions(flow.emitters(b, batch_size(options)), options);
    auto& lane = make_lane<no_outlets>(b, inlet_feed<event>(), from, std::tuple<Steps...>(steps...), make_end);
    lane.name = lane.faults().title();
}

template <class F, class Fn>
auto make_for_each(F const& flow, asio::any_io_executor const& executor, Fn fn) {
    flow_builder b(executor);
    if constexpr (check_runnable<F, false>()) {
        static_assert(std::invocable<Fn&, event_of<F>>,
                      "flow::for_each: the function must take the event that comes out, by value, const& or &&.");
        static_assert(
            !gives_awaitable<Fn, event_of<F>>,
            "flow::for_each: the function is a coroutine, and nobody would run it. Use flow::for_each_async.");
        if constexpr (std::invocable<Fn&, event_of<F>>) {
            add_last(b, flow, [&](auto&) { return function_end<event_of<F>, Fn>(std::move(fn)); });
        }
    }
    return flow_run<void>(std::move(b), nullptr);
}

template <class F>
auto make_run(F const& flow, asio::any_io_executor const& executor, bool notes_layers = false) {
    flow_builder b(executor, notes_layers);
    if constexpr (check_runnable<F, true>()) flow.effects(b);
    return flow_run<void>(std::move(b), nullptr);
}

}  // namespace sluice::detail
