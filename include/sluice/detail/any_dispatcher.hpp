#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <sluice/dispatcher/dispatcher.hpp>
#include <sluice/dispatcher/subscriber.hpp>
#include <sluice/subscriber_id.hpp>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace sluice::detail {

/// Where a dispatcher puts events: a function and what it needs.
template <class T>
struct delivery {
    void* to;
    void (*function)(void* to, subscriber_id id, std::span<T> part);

    void operator()(subscriber_id id, std::span<T> part) const { function(to, id, part); }
};

/// Where a dispatcher puts events that it gives up, one by one; refers to a function.
template <class T>
struct event_sink {
    void* to;
    void (*function)(void* to, T&& event);

    template <class F>
    static auto of(F& f) -> event_sink {
        return {std::addressof(f), [](void* self, T&& event) { (*static_cast<F*>(self))(std::move(event)); }};
    }

    void operator()(T&& event) const { function(to, std::move(event)); }
};

/// It says of itself, and not of one that it is derived from, that it can.
template <class D>
concept hands_over_whole = std::is_same_v<typename D::hands_over_whole, D> && requires(D d, std::size_t n) {
    { d.take_whole(n) } -> std::same_as<std::optional<subscriber_id>>;
};

/// The same for whether it has something to say between dispatches.
template <class D>
concept tells_news = std::is_same_v<typename D::tells_news, D> && requires(D const d) {
    { d.has_news() } -> std::same_as<bool>;
};

/// A dispatcher of any kind: one virtual call for each batch, ask or cancel, none for an event. What a dispatcher does
/// not have answers as if it had nothing to say.
template <class T>
class any_dispatcher {
public:
    using failure = std::pair<subscriber_id, std::exception_ptr>;

    virtual ~any_dispatcher() = default;
    virtual auto subscribe(subscriber_id id, subscriber<T> const& who) -> std::size_t = 0;
    virtual auto cancel(subscriber_id id, std::size_t buffered = 0) -> std::size_t = 0;
    virtual auto ask(subscriber_id id, std::size_t n, std::size_t buffered) -> std::size_t = 0;
    virtual auto dispatch(std::span<T> events, delivery<T> deliver) -> std::span<T> = 0;
    virtual auto take_whole(std::size_t n) -> std::optional<subscriber_id> = 0;
    virtual auto total_demand() const -> std::size_t = 0;

    /// Between dispatches: there is something to hand out or to say. false: none of take_returned(), flush(),
    /// take_dropped(), take_due_info() and take_failed() need be called.
    virtual auto has_news() const -> bool = 0;

    /// After a dispatch that threw: whether that event is gone. `handed`: how many are, should it not know.
    virtual auto was_taken(std::size_t index, std::size_t handed) const -> bool = 0;

    virtual auto take_returned(std::size_t buffered = 0) -> std::size_t = 0;
    virtual void flush(delivery<T> deliver) = 0;
    virtual auto queued() const -> std::size_t = 0;
    virtual void clear(event_sink<T> sink) = 0;
    virtual void take_dropped(event_sink<T> sink) = 0;
    virtual auto hold_info(std::uint64_t number) -> bool = 0;
    virtual auto take_due_info() -> std::optional<std::uint64_t> = 0;
    virtual auto take_failed() -> std::optional<failure> = 0;
    virtual auto take_warning() -> std::optional<std::string> = 0;
    virtual auto full_part() const -> std::optional<std::size_t> = 0;
    virtual auto part_name(std::size_t part) const -> std::string = 0;

    /// Several subscribers may get the same event.
    bool const shares;
    /// Between dispatches it has nothing to hand out or to say, and nothing it takes is unwanted: take_returned(),
    /// flush(), take_due_info() and take_failed() need not be called.
    bool const plain;

    /// It says itself what it has taken of a dispatch that threw.
    bool const knows_taken;

protected:
    any_dispatcher(bool does_share, bool is_plain, bool does_know)
        : shares(does_share), plain(is_plain), knows_taken(does_know) {}
};

template <class T, class Dispatcher>
class erased_dispatcher final : public any_dispatcher<T> {
    static constexpr bool does_queue = requires(Dispatcher d, delivery<T> deliver) { d.flush(deliver); };
    static constexpr bool does_return = requires(Dispatcher d) { d.take_returned(); };
    static constexpr bool may_fail = requires(Dispatcher d) { d.take_failed(); };

public:
    using typename any_dispatcher<T>::failure;

    explicit erased_dispatcher(Dispatcher value)
        : any_dispatcher<T>(
              shares_events<Dispatcher>, !does_queue && !does_return && !may_fail,
              requires(Dispatcher const d) { d.was_taken(std::size_t{}); }),
          value_(std::move(value)) {}

    auto subscribe(subscriber_id id, subscriber<T> const& who) -> std::size_t override {
        return value_.subscribe(id, who);
    }
    auto cancel(subscriber_id id, [[maybe_unused]] std::size_t buffered) -> std::size_t override {
        if constexpr (requires { value_.cancel(id, buffered); }) {
            return value_.cancel(id, buffered);
        } else {
            return value_.cancel(id);
        }
    }
    auto ask(subscriber_id id, std::size_t n, std::size_t buffered) -> std::size_t override {
        return value_.ask(id, n, buffered);
    }
    auto dispatch(std::span<T> events, delivery<T> deliver) -> std::span<T> override {
        return value_.dispatch(events, deliver);
    }
    auto take_whole([[maybe_unused]] std::size_t n) -> std::optional<subscriber_id> override {
        if constexpr (hands_over_whole<Dispatcher>) return value_.take_whole(n);
        return std::nullopt;
    }
    auto total_demand() const -> std::size_t override { return value_.total_demand(); }

    auto has_news() const -> bool override {
        if constexpr (tells_news<Dispatcher>) return value_.has_news();
        return !this->plain;
    }

    auto was_taken(std::size_t index, std::size_t handed) const -> bool override {
        if constexpr (requires { value_.was_taken(index); }) {
            return value_.was_taken(index);
        } else {
            return index < handed;
        }
    }

    auto take_returned([[maybe_unused]] std::size_t buffered) -> std::size_t override {
        if constexpr (requires { value_.take_returned(buffered); }) {
            return value_.take_returned(buffered);
        } else if constexpr (does_return) {
            return value_.take_returned();
        } else {
            return 0;
        }
    }
    void flush([[maybe_unused]] delivery<T> deliver) override {
        if constexpr (does_queue) value_.flush(deliver);
    }
    auto queued() const -> std::size_t override {
        if constexpr (does_queue) return value_.queued();
        return 0;
    }
    void clear([[maybe_unused]] event_sink<T> sink) override {
        if constexpr (does_queue) value_.clear(sink);
    }
    void take_dropped([[maybe_unused]] event_sink<T> sink) override {
        if constexpr (requires { value_.take_dropped(sink); }) value_.take_dropped(sink);
    }
    auto hold_info([[maybe_unused]] std::uint64_t number) -> bool override {
        if constexpr (requires { value_.hold_info(number); }) return value_.hold_info(number);
        return false;
    }
    auto take_due_info() -> std::optional<std::uint64_t> override {
        if constexpr (requires { value_.take_due_info(); }) return value_.take_due_info();
        return std::nullopt;
    }
    auto take_failed() -> std::optional<failure> override {
        if constexpr (may_fail) return value_.take_failed();
        return std::nullopt;
    }
    auto take_warning() -> std::optional<std::string> override {
        if constexpr (requires { value_.take_warning(); }) return value_.take_warning();
        return std::nullopt;
    }
    auto full_part() const -> std::optional<std::size_t> override {
        if constexpr (requires { value_.full_part(); }) return value_.full_part();
        return std::nullopt;
    }
    auto part_name([[maybe_unused]] std::size_t part) const -> std::string override {
        if constexpr (requires { value_.part_name(part); }) return value_.part_name(part);
        return {};
    }

private:
    Dispatcher value_;
};

template <class T, class Dispatcher>
auto erase_dispatcher(Dispatcher dispatcher) -> std::unique_ptr<any_dispatcher<T>> {
    return std::make_unique<erased_dispatcher<T, Dispatcher>>(std::move(dispatcher));
}

}  // namespace sluice::detail
