#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <sluice/errc.hpp>
#include <string>

namespace sluice::core {

/// Marks every n-th event, wherever batches are cut: a count window is over there, or a trigger fires.
///
/// As a count window: one of these a stage; `number` is the window, a last one that may be empty included. As a trigger
/// `every n`: one in the state of each window, which counts the events before any steps. Flow: `Flow.Window.count`,
/// `trigger_every`. All O(1).
class event_count {
public:
    /// A part of a batch.
    struct part {
        std::size_t events = 0;    ///< how many of the batch's next events are before the mark
        bool is_complete = false;  ///< whether the mark is behind them
        std::uint64_t number = 0;  ///< how many marks there were before them
    };

    /// `every` is at least 1; 0 throws errc::invalid_option with a sentence that begins with `member`.
    explicit event_count(std::size_t every, char const* member = "event_count::every") : every_(every), left_(every) {
        if (every == 0) detail::throw_invalid_option(std::string(member) + " must be at least 1 (got 0)");
    }

    /// Counts as many of the next `available` events as there are up to the mark. Call it again with the rest.
    auto take(std::size_t available) noexcept -> part {
        const auto result = part{std::min(available, left_), available >= left_, number_};
        left_ -= result.events;
        if (result.is_complete) {
            left_ = every_;
            ++number_;
        }
        return result;
    }

    /// Counts one event; true if the mark is behind it.
    auto note() noexcept -> bool { return take(1).is_complete; }

    /// The window that the next event is in: how many marks there were.
    auto number() const noexcept -> std::uint64_t { return number_; }
    /// How many events there were since the last mark.
    auto since() const noexcept -> std::size_t { return every_ - left_; }
    /// How many events make a window.
    auto every() const noexcept -> std::size_t { return every_; }

private:
    std::size_t every_;
    std::size_t left_;
    std::uint64_t number_ = 0;
};

}  // namespace sluice::core
