#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <exception>
#include <initializer_list>
#include <memory>
#include <sluice/core/api.hpp>
#include <sluice/detail/access.hpp>
#include <sluice/detail/stage_core.hpp>
#include <sluice/stage.hpp>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice {

namespace detail {

/// The handler of async_run, erased; keeps its executor busy while it waits.
template <class Handler>
class run_handler final : public run_completion {
public:
    run_handler(Handler handler, asio::any_io_executor const& fallback)
        : handler_(std::move(handler)),
          work_(asio::prefer(asio::get_associated_executor(handler_, fallback),
                             asio::execution::outstanding_work.tracked)) {}

    void complete(std::exception_ptr error) override {
        auto const executor = work_;
        auto call = [h = std::move(handler_), error = std::move(error)]() mutable { std::move(h)(std::move(error)); };
        asio::post(executor, std::move(call));
    }

private:
    using executor_type = asio::associated_executor_t<Handler, asio::any_io_executor>;
    using work_type =
        std::decay_t<decltype(asio::prefer(std::declval<executor_type>(), asio::execution::outstanding_work.tracked))>;

    Handler handler_;
    work_type work_;
};

/// Stops a run when its operation is cancelled with terminal or partial. The slot keeps the stages, not the run: that
/// holds the handler, which may hold the slot, and nobody would free either when the context goes.
template <class Slot>
void stop_when_cancelled(Slot slot, boost::intrusive_ptr<run_state> const& run) {
    if (!slot.is_connected()) return;
    auto const* const of = run.get();
    slot.assign([stages = run->stages(), of](asio::cancellation_type type) {
        using asio::cancellation_type;
        if ((type & (cancellation_type::terminal | cancellation_type::partial)) == cancellation_type::none) return;
        for (auto const& stage : stages) stage->stop(of);
    });
}

struct start_run {
    template <class Handler>
    void operator()(Handler&& handler, std::vector<stage_ptr> stages) const {
        using handler_type = std::decay_t<Handler>;
        auto const slot = asio::get_associated_cancellation_slot(handler);
        auto const fallback = stages.front()->inner();
        auto completion = std::make_unique<run_handler<handler_type>>(std::forward<Handler>(handler), fallback);
        boost::intrusive_ptr<run_state> run(new run_state(std::move(stages), std::move(completion)));
        stop_when_cancelled(slot, run);
        run->start();
    }
};

/// It emits, and is no stage: an intake, a fan_out.
template <class X>
concept is_not_run = !any_stage<X> && requires(X & x) {
    typename std::remove_cvref_t<X>::event_type;
    access::output(x);
    x.close();
};

/// What is wrong with a run that cannot compile, as the first error.
template <class... Args>
struct mistaken_run {
    static_assert(!(is_not_run<Args> || ...),
                  "sluice: an intake and a fan_out are not run: they work from the start, and end with close(). Give "
                  "run and async_run the stages alone");
};

/// The handler takes what other operations of Asio tell, and not what a run does.
template <class Token>
constexpr auto takes_error_code() -> bool {
    using token = std::remove_cvref_t<Token>;
    if constexpr (std::is_invocable_v<token&, std::exception_ptr>) {
        return false;
    } else {
        return std::is_invocable_v<token&, boost::system::error_code>;
    }
}

/// `Args`: as they were deduced, so that a token given as an rvalue is moved from.
template <class... Args, std::size_t... I>
auto async_run(std::tuple<Args&...> args, std::index_sequence<I...>) {
    std::vector<stage_ptr> stages{access::core(std::get<I>(args))...};
    if constexpr (sizeof...(Args) > sizeof...(I)) {
        using token = std::tuple_element_t<sizeof...(I), std::tuple<Args...>>;
        static_assert(!takes_error_code<token>(),
                      "sluice::async_run: the handler is called with a std::exception_ptr, which is null when nothing "
                      "has failed: [](std::exception_ptr error) { }");
        return asio::async_initiate<token, void(std::exception_ptr)>(start_run(), std::get<sizeof...(I)>(args),
                                                                     std::move(stages));
    } else {
        asio::use_awaitable_t<> token;
        return asio::async_initiate<asio::use_awaitable_t<>, void(std::exception_ptr)>(start_run(), token,
                                                                                       std::move(stages));
    }
}

/// Runs stages and blocks until they have ended; rethrows.
SLUICE_API void run_and_wait(std::vector<stage_ptr> stages);
SLUICE_API void run_and_wait(std::initializer_list<stage_core*> stages);

}  // namespace detail

/// Runs stages together: `co_await sluice::async_run(numbers, doubled, summed)`, or with any completion token as the
/// last argument. Ends when all of them have ended.
///
/// The first failure stops the other stages, and is the one that the handler gets; not the failures that followed from
/// it. A stage runs once; running it again gives errc::already_run. Handles may go while their stages run.
///
/// @par Completion signature
/// @code void(std::exception_ptr) @endcode
/// @par Executor
/// The handler's associated executor, else that of the first stage, as if by post; never inside this call.
/// @par Per-operation cancellation
/// terminal, partial: stops every stage. Bodies that wait get operation_aborted, and so does the handler unless a
/// failure came first. Events that had not been received are discarded, visibly. total is not supported: a run has
/// effects from its first moment.
template <class First, class... Rest>
    requires(any_stage<First> && !(detail::is_not_run<Rest> || ...))
auto async_run(First& first, Rest&&... rest) {
    constexpr std::size_t stages = (any_stage<First> + ... + any_stage<Rest>);
    return detail::async_run<First, Rest...>(std::tuple<First&, Rest&...>(first, rest...),
                                             std::make_index_sequence<stages>());
}

/// The same, blocking: for main(). Throws what the run ended with. Other threads must run the stages' executors:
/// a thread_pool does; called in one of its own threads this waits for ever.
template <class... Stages>
    requires(any_stage<Stages>&&...)
void run(Stages&... stages) { detail::run_and_wait({detail::access::core(stages).get()...}); }

/// @cond
// Say what is wrong with a run of what is no stage.
template <class... Args>
    requires(detail::is_not_run<Args> || ...)
auto async_run(Args&&...) { static_assert(sizeof(detail::mistaken_run<Args...>) > 0); }
template <class... Args>
    requires(detail::is_not_run<Args> || ...)
auto run(Args&...) { static_assert(sizeof(detail::mistaken_run<Args...>) > 0); }
/// @endcond

}  // namespace sluice
