#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <functional>
#include <optional>
#include <sluice/detail/await.hpp>
#include <sluice/detail/stage_core.hpp>
#include <sluice/detail/strand_executor.hpp>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>

#if defined(__GNUC__) && !defined(__clang__)
    #pragma GCC diagnostic push
    #pragma GCC diagnostic ignored \
        "-Wsubobject-linkage"  // GCC 12: a coroutine template over a user's type of an unnamed namespace
#endif

namespace sluice::detail {

/// A coroutine function that a stage with one end can run.
template <class Body, class End, class... Args>
concept stage_body = std::is_invocable_r_v<asio::awaitable<void>, Body&, End&, Args...>;

/// The frame that holds a body, its own arguments and its life: they outlive the body, so that its references cannot
/// dangle.
template <class Core, class Body, class Tuple>
auto run_body(Core& core, Body body, Tuple args) -> asio::awaitable<void> {
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    core.begin(cancellation.slot(), body);
    if (core.is_stopping()) throw_aborted();  // stopped before its first step: what it would wait for may never come
    auto running = core.call(body, args);
    co_await std::move(running);
}

/// A stage core with a coroutine body. Ends: the class that holds the ends and calls the body with them.
template <class Ends, class Body, class... Args>
class body_stage final : public Ends {
public:
    template <class... Options>
    body_stage(std::tuple<Args...> args, Body body, Options&&... options)
        : Ends(std::forward<Options>(options)...), body_(std::move(body)), args_(std::move(args)) {}

    void begin(asio::cancellation_slot const& slot, Body& body) noexcept {
        running_ = &body;
        this->body_begins(slot);
    }
    auto body_of(std::type_info const& type) noexcept -> void* override {
        return type == typeid(Body) ? static_cast<void*>(running_) : nullptr;
    }

    auto call(Body& body, std::tuple<Args...>& args) -> asio::awaitable<void> {
        return std::apply([&](Args&... each) { return this->invoke(body, std::move(each)...); }, args);
    }

private:
    void launch() override {
        auto frame = run_body(*this, std::move(*body_), std::move(*args_));
        drop_body();
        auto ended = [this](std::exception_ptr error) { this->body_ended(std::move(error)); };
        asio::co_spawn(asio::any_io_executor(strand_executor(*this)), std::move(frame),
                       asio::bind_cancellation_slot(this->body_signal_.slot(), std::move(ended)));
    }
    void drop_body() noexcept override {
        body_.reset();
        args_.reset();
    }

    std::optional<Body> body_;  // until it is launched
    std::optional<std::tuple<Args...>> args_;
    Body* running_ = nullptr;
};

}  // namespace sluice::detail

#if defined(__GNUC__) && !defined(__clang__)
    #pragma GCC diagnostic pop
#endif
