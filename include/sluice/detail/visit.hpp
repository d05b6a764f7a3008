#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <sluice/detail/await.hpp>
#include <sluice/detail/stage_core.hpp>
#include <sluice/errc.hpp>
#include <sluice/reply.hpp>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace sluice::detail {

/// How a visit completes: with the exception that it ended with, or what its function gave back.
template <class R>
struct visit_signature {
    using type = void(std::exception_ptr, R);
};
template <>
struct visit_signature<void> {
    using type = void(std::exception_ptr);
};

/// What a visit's function answers, early or not.
template <class Returned>
struct visit_answer {
    using type = Returned;
    static constexpr bool early = false;
};
template <class R, class Then>
struct visit_answer<early_reply<R, Then>> {
    using type = R;
    static constexpr bool early = true;
};

/// A function that runs once on a stage's strand, and its handler. Dropped without having run, it fails with
/// errc::no_such_stage.
template <class F, class R, class Handler>
class visit_operation final : public visit {
public:
    visit_operation(stage_ptr where, F function, Handler handler)
        : where_(std::move(where)),
          function_(std::move(function)),
          work_(work_of(*where_, handler)),
          handler_(std::move(handler)) {}
    ~visit_operation() override {
        if (handler_) complete(std::make_exception_ptr(boost::system::system_error(errc::no_such_stage)));
    }

    void run() noexcept override {
        try {
            if constexpr (std::is_void_v<R>) {
                function_();
                complete(nullptr);
            } else if constexpr (visit_answer<std::invoke_result_t<F&>>::early) {
                auto answer = function_();
                complete(nullptr, std::move(answer.value));
                answer.then();
            } else {
                auto result = function_();
                complete(nullptr, std::move(result));
            }
        } catch (...) {
            if (handler_) {
                complete(std::current_exception());
            } else {  // it was answered already
                where_->fail(std::current_exception());
            }
        }
    }

private:
    void complete(std::exception_ptr error) {
        if constexpr (std::is_void_v<R>) {
            post([error = std::move(error), h = take()]() mutable { std::move(h)(std::move(error)); });
        } else {
            complete(std::move(error), R());
        }
    }
    template <class V>
    void complete(std::exception_ptr error, V value) {
        post([error = std::move(error), value = std::move(value), h = take()]() mutable {
            std::move(h)(std::move(error), std::move(value));
        });
    }
    auto take() -> Handler {
        Handler handler(std::move(*handler_));
        handler_.reset();
        return handler;
    }
    template <class Call>
    void post(Call call) {
        if (where_->inner()) asio::post(work_, std::move(call));  // else its context has gone, and nobody can be told
    }

    stage_ptr where_;
    F function_;
    decltype(work_of(std::declval<strand&>(), std::declval<Handler const&>())) work_;
    std::optional<Handler> handler_;
};

/// Starts `function()` as a visit: at once, or in line behind what is buffered.
template <class F, class Token>
auto async_run_there(stage_ptr where, bool in_line, F function, Token&& token) {
    using result = typename visit_answer<std::invoke_result_t<F&>>::type;
    static_assert(
        !is_awaitable<result>,
        "sluice: a visitor is no coroutine: a coroutine would run when the function and its captures have gone, "
        "if at all. Let the visitor return what you need, and await that outside");
    static_assert(std::is_void_v<result> || std::is_default_constructible_v<result>,
                  "sluice: what a visit gives back must be default-constructible, for the case that it fails");
    return asio::async_initiate<Token, typename visit_signature<result>::type>(
        [where = std::move(where), in_line](auto handler, F given) {
            using operation = visit_operation<F, result, decltype(handler)>;
            stage_core::start_visit(where, std::make_unique<operation>(where, std::move(given), std::move(handler)),
                                    in_line);
        },
        token, std::move(function));
}

/// The handler object of a stage; throws errc::wrong_handler when it is another one, or none.
template <class Handler>
auto handler_of(stage_core& stage) -> Handler& {
    if (stage.current_phase() != stage_core::phase::running) throw_error(errc::no_such_stage);  // its body has ended
    auto* found = static_cast<Handler*>(stage.body_of(typeid(Handler)));
    if (!found) throw_error(errc::wrong_handler);
    return *found;
}

/// The function that calls `f` as a visitor of a stage with these ends: `f(handler, end)`, `f(handler)`, `f(end)` or
/// `f()`.
template <class Handler, class End, class F>
auto visitor(stage_core& stage, End& end, F f) {
    return [&stage, &end, f = std::move(f)]() mutable -> decltype(auto) {
        (void)stage;  // where f takes no handler
        (void)end;
        if constexpr (std::is_void_v<Handler>) {
            if constexpr (std::is_invocable_v<F&, End&>) {
                return f(end);
            } else {
                return f();
            }
        } else if constexpr (std::is_invocable_v<F&, Handler&, End&>) {
            return f(handler_of<Handler>(stage), end);
        } else {
            static_assert(std::is_invocable_v<F&, Handler&>,
                          "sluice: a visitor is called as f(handler), or f(handler, end) with the stage's outlet, or "
                          "its inlet if it has no outlet");
            return f(handler_of<Handler>(stage));
        }
    };
}

}  // namespace sluice::detail
