#pragma once

#include <cstddef>
#include <optional>
#include <sluice/dispatcher/demand_dispatcher.hpp>
#include <sluice/dispatcher/dispatcher.hpp>
#include <sluice/dispatcher/subscriber_id.hpp>
#include <span>
#include <utility>

namespace sluice::detail {

/// Where a dispatcher puts events: a function and what it needs.
template <class T>
struct delivery {
    void* to;
    void (*function)(void* to, subscriber_id id, std::span<T> part);

    void operator()(subscriber_id id, std::span<T> part) const { function(to, id, part); }
};

/// A dispatcher of any kind: one virtual call for each batch, ask or cancel, none for an event.
template <class T>
class any_dispatcher {
public:
    virtual ~any_dispatcher() = default;
    virtual auto subscribe(subscriber_id id) -> std::size_t = 0;
    virtual auto cancel(subscriber_id id) -> std::size_t = 0;
    virtual auto ask(subscriber_id id, std::size_t n, std::size_t buffered) -> std::size_t = 0;
    virtual auto dispatch(std::span<T> events, delivery<T> deliver) -> std::span<T> = 0;
    virtual auto total_demand() const -> std::size_t = 0;
    /// What the user should hear of the subscribers' demands.
    virtual auto take_warning() -> std::optional<demand_mismatch> = 0;
};

template <class T, class Dispatcher>
class erased_dispatcher final : public any_dispatcher<T> {
public:
    explicit erased_dispatcher(Dispatcher value) : value_(std::move(value)) {}

    auto subscribe(subscriber_id id) -> std::size_t override { return value_.subscribe(id); }
    auto cancel(subscriber_id id) -> std::size_t override { return value_.cancel(id); }
    auto ask(subscriber_id id, std::size_t n, std::size_t buffered) -> std::size_t override {
        return value_.ask(id, n, buffered);
    }
    auto dispatch(std::span<T> events, delivery<T> deliver) -> std::span<T> override {
        return value_.dispatch(events, deliver);
    }
    auto total_demand() const -> std::size_t override { return value_.total_demand(); }
    auto take_warning() -> std::optional<demand_mismatch> override {
        if constexpr (requires { value_.take_warning(); }) return value_.take_warning();
        return std::nullopt;
    }

private:
    Dispatcher value_;
};

}  // namespace sluice::detail
