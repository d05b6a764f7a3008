#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <sluice/core/api.hpp>
#include <sluice/detail/await.hpp>
#include <sluice/detail/stage_core.hpp>
#include <sluice/detail/waiter.hpp>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace sluice::detail {

/// A coroutine function that a stage with one end can run.
template <class Body, class End, class... Args>
concept stage_body = std::is_invocable_r_v<asio::awaitable<void>, Body&, End&, Args...>;

class body_core;

/// Where a body without a coroutine waits; `ready` when it need not wait but must let others run first. Nowhere: it has
/// ended.
struct next_wait {
    wait_slot* where = nullptr;
    bool ready = false;
};

/// A body and its own arguments, erased.
class SLUICE_API any_body {
public:
    virtual ~any_body() = default;
    /// Whether it is run by step(): it needs no coroutine. Else by call().
    virtual auto takes_steps() const noexcept -> bool { return false; }
    /// Calls the body with the ends of its stage. Once.
    virtual auto call(body_core& stage) -> asio::awaitable<void> = 0;
    /// Goes on until it has to wait, or has ended.
    virtual auto step(body_core& stage) -> next_wait;
    /// The body, if it is of this type.
    virtual auto get(std::type_info const& type) noexcept -> void* = 0;
};

/// A stage that runs a body. The derived class holds the ends.
class SLUICE_API body_core : public stage_core, private waiter {
public:
    using stage_core::stage_core;
    ~body_core() override;

    /// Takes it over. Before the stage runs.
    void set_body(any_body* body) noexcept;

    auto body_of(std::type_info const& type) noexcept -> void* final {
        return running_ ? running_->get(type) : nullptr;
    }

private:
    auto run_body(std::unique_ptr<any_body> body) -> asio::awaitable<void>;
    void begin_steps() noexcept;
    // A body that takes steps waits as its stage.
    void complete(error_code error) noexcept final;
    void drop() noexcept final {}
    void launch() final;
    void drop_body() noexcept final;

    std::unique_ptr<any_body> body_;  // until it is launched; one that takes steps: until it has ended
    any_body* running_ = nullptr;
};

/// Ends: the class that holds the ends and calls the body with them.
template <class Ends, class Body, class... Args>
class held_body final : public any_body {
public:
    template <class B, class... A>
    explicit held_body(B&& body, A&&... args) : body_(std::forward<B>(body)), args_(std::forward<A>(args)...) {}

    auto call(body_core& stage) -> asio::awaitable<void> override {
        auto& ends = static_cast<Ends&>(stage);
        return std::apply([&](Args&... each) { return ends.invoke(body_, std::move(each)...); }, args_);
    }
    auto takes_steps() const noexcept -> bool override { return steps; }
    auto step(body_core& stage) -> next_wait override {
        if constexpr (steps) {
            return static_cast<Ends&>(stage).step(body_);
        } else {
            return any_body::step(stage);
        }
    }
    auto get(std::type_info const& type) noexcept -> void* override {
        return type == typeid(Body) ? static_cast<void*>(std::addressof(body_)) : nullptr;
    }

private:
    static constexpr bool steps = requires(Ends & ends, Body& body) { ends.step(body); };

    Body body_;
    std::tuple<Args...> args_;
};

template <class Body, class Ends, class B, class... Args>
void set_body(Ends& stage, B&& body, Args&&... args) {
    using held = held_body<Ends, Body, std::decay_t<Args>...>;
    stage.set_body(new held(std::forward<B>(body), std::forward<Args>(args)...));
}

}  // namespace sluice::detail
