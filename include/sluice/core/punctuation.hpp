#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <sluice/core/window.hpp>
#include <span>
#include <utility>
#include <vector>

namespace sluice::core {

/// What a user's function makes of the events that lie before it: which of them count, and whether the window fires
/// among them. Flow: what the function of `Flow.Window.trigger/3` returns.
///
/// Events must be movable; they are moved only by a function that puts others in their place.
template <class T>
class punctuation {
public:
    /// All of them count. Flow: `{:cont, acc}`.
    static auto all() -> punctuation { return punctuation(everything); }

    /// Those given count in their place, which may be none. Flow: `{:cont, events, acc}`.
    static auto instead(std::vector<T> events) -> punctuation {
        auto result = punctuation(0);
        result.before_ = std::move(events);
        return result;
    }

    /// The first n of them count, the window fires, and the function is asked about the rest, if there is any, leaving
    /// out the first `skip` of the rest. Nothing is copied. With n and skip 0 the function must remember that it has
    /// fired, or it will for ever. Flow: `{:trigger, name, pre, pos, acc}`.
    static auto fire_after(std::size_t n, trigger_name name, std::size_t skip = 0) -> punctuation {
        auto result = punctuation(n);
        result.skipped_ = skip;
        result.name_ = std::move(name);
        return result;
    }

    /// The events `before` count, the window fires, and the function is asked about `rest`. Flow: the same.
    static auto fire(trigger_name name, std::vector<T> before, std::vector<T> rest) -> punctuation {
        auto result = punctuation(0);
        result.name_ = std::move(name);
        result.before_ = std::move(before);
        result.rest_ = std::move(rest);
        return result;
    }

    /// For first(): all events that there are.
    static constexpr auto everything = static_cast<std::size_t>(-1);

    auto first() const noexcept -> std::size_t { return first_; }                       ///< so many of them count
    auto skipped() const noexcept -> std::size_t { return skipped_; }                   ///< so many after those do not
    auto name() const noexcept -> std::optional<trigger_name> const& { return name_; }  ///< under which it fires
    auto before() noexcept -> std::optional<std::vector<T>>& { return before_; }        ///< those that count instead
    auto rest() noexcept -> std::optional<std::vector<T>>& { return rest_; }            ///< what comes then instead

private:
    explicit punctuation(std::size_t first) : first_(first) {}

    std::size_t first_;
    std::size_t skipped_ = 0;
    std::optional<trigger_name> name_;
    std::optional<std::vector<T>> before_;
    std::optional<std::vector<T>> rest_;
};

/// Works off the events of one window as the user's function says: `ask(std::span<T>)` answers a punctuation<T>,
/// `reduce(T&)` is given what counts, in order, and `fire(trigger_name const&)` is called where the window fires. After
/// a firing `ask` is called for what is left; there may be nothing left to ask about, and then it is not called, nor is
/// it for an empty batch (Flow asks with an empty list once more).
template <class T, class Ask, class Reduce, class Fire>
void punctuate(std::span<T> events, Ask&& ask, Reduce&& reduce, Fire&& fire) {
    auto replaced = std::vector<T>{};
    while (!events.empty()) {
        auto answer = punctuation<T>(ask(events));
        const auto count = std::min(answer.first(), events.size());
        for (auto& event : events.first(count)) reduce(event);
        if (answer.before()) {
            for (auto& event : *answer.before()) reduce(event);
        }
        if (!answer.name()) return;
        fire(*answer.name());
        if (answer.rest()) {
            replaced = std::move(*answer.rest());
            events = replaced;
        } else {
            events = events.subspan(count);
            events = events.subspan(std::min(answer.skipped(), events.size()));
        }
    }
}

/// What a user's function says of one event, where it need not see the batch.
enum class punctuate_at : unsigned char {
    nothing,  ///< The event counts.
    before,   ///< The window fires, then the event counts.
    after,    ///< The event counts, then the window fires.
    instead,  ///< The window fires and the event does not count: it was a mark.
    skip,     ///< The event does not count.
};

/// The same for a function that is asked about each event once: `ask(T&)` answers a punctuate_at. The window fires by
/// the caller's name: `fire()`.
template <class T, class Ask, class Reduce, class Fire>
void punctuate_each(std::span<T> events, Ask&& ask, Reduce&& reduce, Fire&& fire) {
    for (auto& event : events) {
        const punctuate_at where = ask(event);
        if (where == punctuate_at::before || where == punctuate_at::instead) fire();
        if (where != punctuate_at::instead && where != punctuate_at::skip) reduce(event);
        if (where == punctuate_at::after) fire();
    }
}

}  // namespace sluice::core
