#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <sluice/core/api.hpp>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace sluice::testing {

/// What a move or copy of an event throws when a census was told so.
class SLUICE_THROWN event_failure : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Counts the events of one test. Must outlive them; simulation::events() is one that does.
class census {
public:
    /// Events that exist: objects that hold a value. A moved-from object holds none.
    auto live() const noexcept -> std::size_t { return live_; }
    /// Objects that exist, moved-from ones too.
    auto objects() const noexcept -> std::size_t { return objects_; }
    /// Events that were made from a value; copies are not counted.
    auto made() const noexcept -> std::uint64_t { return made_; }
    /// Copies that were made, by construction.
    auto copies() const noexcept -> std::uint64_t { return copies_; }
    /// Moves that were made, by construction and by assignment.
    auto moves() const noexcept -> std::uint64_t { return moves_; }

    /// The k-th move from now (1: the next) of an event_kind::throwing throws event_failure. 0: none does.
    void throw_on_move(std::uint64_t k) noexcept { moves_until_throw_ = k; }
    /// The same for copies.
    void throw_on_copy(std::uint64_t k) noexcept { copies_until_throw_ = k; }

    // For counted.
    /// An event was made; answers its number.
    auto add_event() noexcept -> std::uint64_t {
        ++live_;
        ++objects_;
        return ++made_;
    }
    /// An object was made out of another one.
    void add_object(bool holds_value) noexcept {
        ++objects_;
        if (holds_value) ++live_;
    }
    // Not inline: GCC 12 at -O3 drops the count where a vector that grows is unwound.
    /// An object is destroyed.
    [[gnu::noinline]] void remove_object(bool holds_value) noexcept {
        --objects_;
        if (holds_value) --live_;
    }
    /// An object gave its value away, or it was overwritten.
    void lose_value() noexcept { --live_; }
    /// An object got a value.
    void gain_value() noexcept { ++live_; }
    /// A move is about to be made. Throws event_failure if it is the one that shall.
    void count_move(bool may_throw) {
        ++moves_;
        if (may_throw && moves_until_throw_ != 0 && --moves_until_throw_ == 0) {
            throw event_failure{"the move of an event failed, as the test asked"};
        }
    }
    /// A copy is about to be made. Throws event_failure if it is the one that shall.
    void count_copy(bool may_throw) {
        ++copies_;
        if (may_throw && copies_until_throw_ != 0 && --copies_until_throw_ == 0) {
            throw event_failure{"the copy of an event failed, as the test asked"};
        }
    }

private:
    std::size_t live_ = 0;
    std::size_t objects_ = 0;
    std::uint64_t made_ = 0;
    std::uint64_t copies_ = 0;
    std::uint64_t moves_ = 0;
    std::uint64_t moves_until_throw_ = 0;
    std::uint64_t copies_until_throw_ = 0;
};

/// What an event can do, as a type.
enum class event_kind {
    copyable,   ///< copies and moves; moves never throw
    move_only,  ///< moves only; never throws
    throwing,   ///< copies and moves, and may throw at either
};

/// An event that is counted for as long as it lives and knows who it is, so that a test can say that each one arrived
/// exactly once and none is left behind.
///
/// Equality and order are those of the values. To look at the value of a moved-from event is an error that is found:
/// std::logic_error.
template <typename T, event_kind Kind = event_kind::copyable>
class counted {
    static constexpr bool may_throw = Kind == event_kind::throwing;

public:
    using value_type = T;  ///< What it holds.

    /// A new event.
    counted(census& events, T value) : events_{&events}, value_{std::move(value)}, id_{events.add_event()} {}

    counted(counted const&) requires(Kind == event_kind::move_only) = delete;
    /// The same event once more. May throw event_failure.
    counted(counted const& other) requires(Kind != event_kind::move_only)
        : events_{copied(other)}, value_{other.value_}, id_{other.id_}, holds_value_{other.holds_value_} {
        events_->add_object(holds_value_);
    }
    /// Leaves `other` without a value. May throw event_failure if it is of the throwing kind.
    counted(counted&& other) noexcept(!may_throw)
        : events_{moved(other)},
          value_{std::move(other.value_)},
          id_{other.id_},
          holds_value_{std::exchange(other.holds_value_, false)} {
        events_->add_object(false);
    }

    auto operator=(counted const&) -> counted& requires(Kind == event_kind::move_only) = delete;
    /// Becomes the same event. May throw event_failure.
    auto operator=(counted const& other) -> counted& requires(Kind != event_kind::move_only) {
        if (this != &other) *this = counted{other};
        return *this;
    }
    /// Becomes that event, and leaves `other` without a value. May throw event_failure if it is of the throwing kind.
    auto operator=(counted&& other) noexcept(!may_throw) -> counted& {
        if (this == &other) return *this;
        moved(other);
        value_ = std::move(other.value_);
        id_ = other.id_;
        if (holds_value_) events_->lose_value();
        adopt(*other.events_);
        holds_value_ = std::exchange(other.holds_value_, false);
        return *this;
    }
    ~counted() { events_->remove_object(holds_value_); }

    /// The value. Throws std::logic_error after it was moved from.
    auto value() const -> T const& {
        require_value();
        return value_;
    }
    /// The same, to be changed.
    auto value() -> T& {
        require_value();
        return value_;
    }

    /// Its number among the events of the census, from 1. Copies have the number of their original.
    auto id() const noexcept -> std::uint64_t { return id_; }
    /// Whether its value has gone to another object.
    auto moved_from() const noexcept -> bool { return !holds_value_; }

    /// By the values.
    friend auto operator==(counted const& a, counted const& b) -> bool { return a.value() == b.value(); }
    /// By the values.
    friend auto operator<=>(counted const& a, counted const& b) requires std::three_way_comparable<T> {
        return a.value() <=> b.value();
    }

private:
    static auto copied(counted const& other) noexcept(!may_throw) -> census* {
        other.events_->count_copy(may_throw);
        return other.events_;
    }
    static auto moved(counted const& other) noexcept(!may_throw) -> census* {
        other.events_->count_move(may_throw);
        return other.events_;
    }
    /// The object now belongs to that census, and the value that it takes over is already counted there.
    void adopt(census& events) noexcept {
        if (events_ == &events) return;
        events_->remove_object(false);
        events_ = &events;
        events_->add_object(false);
    }
    void require_value() const {
        if (!holds_value_) throw std::logic_error("the value of a moved-from event was used");
    }

    census* events_;
    T value_;
    std::uint64_t id_;
    bool holds_value_ = true;
};

/// One that can only be moved.
template <typename T>
using move_only_counted = counted<T, event_kind::move_only>;
/// One of which copies and moves throw when its census says so.
template <typename T>
using throwing_counted = counted<T, event_kind::throwing>;

/// Counts what has no value, for instance the frames of a coroutine: a local variable lives as long as its frame.
class counted_mark {
public:
    /// Counts one event more, until it is destroyed.
    explicit counted_mark(census& events) noexcept : events_{events} { events_.add_event(); }
    counted_mark(counted_mark const&) = delete;
    auto operator=(counted_mark const&) -> counted_mark& = delete;
    ~counted_mark() { events_.remove_object(true); }

private:
    census& events_;
};

}  // namespace sluice::testing

/// By the value.
template <typename T, sluice::testing::event_kind Kind>
struct std::hash<sluice::testing::counted<T, Kind>> {
    /// The hash of the value.
    auto operator()(sluice::testing::counted<T, Kind> const& event) const -> std::size_t {
        return std::hash<T>{}(event.value());
    }
};
