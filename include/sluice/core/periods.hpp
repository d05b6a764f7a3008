#pragma once

#include <cstdint>
#include <sluice/core/window_options.hpp>
#include <sluice/errc.hpp>
#include <string>

namespace sluice::core {

/// Periods of processing time that follow on each other without a gap, from a start.
///
/// As periodic windows: one of these a stage; the events that come while `number` is n are in window n. When periods
/// are over, the current window is done, and each further one was empty. As a periodic trigger: it fires once, however
/// many periods are over since it fired last, because it would say the same again. Flow: `Flow.Window.periodic`,
/// `trigger_periodically`, whose timers may come late but do not drift; nor do these. All O(1).
class periods {
public:
    using clock = processing_clock;  ///< What periods are measured by.

    /// `length` is more than 0; else throws errc::invalid_option with a sentence that begins with `member`.
    periods(clock::duration length, clock::time_point start, char const* member = "periods::length")
        : length_(length), next_(start) {
        if (length <= clock::duration::zero()) {
            detail::throw_invalid_option(std::string(member) + " must be more than 0 (got " +
                                         std::to_string(length.count()) + " ns)");
        }
        next_ = after(start, 1);
    }

    /// How many periods have ended since the last call, or since the start. A period ends with its last moment: one of
    /// 10 s from 0 s is over at 10 s.
    auto pass(clock::time_point now) noexcept -> std::uint64_t {
        if (now < next_ || next_ == clock::time_point::max()) return 0;
        const auto passed = 1 + static_cast<std::uint64_t>((now - next_) / length_);
        number_ += passed;
        next_ = after(next_, passed);
        return passed;
    }

    /// When the current period ends: when `pass` should be called.
    auto end() const noexcept -> clock::time_point { return next_; }
    /// How many periods are over.
    auto number() const noexcept -> std::uint64_t { return number_; }
    /// How long a period is.
    auto length() const noexcept -> clock::duration { return length_; }

private:
    /// So many periods after that, or the end of time.
    auto after(clock::time_point from, std::uint64_t count) const noexcept -> clock::time_point {
        const auto left = static_cast<std::uint64_t>((clock::time_point::max() - from) / length_);
        return count > left ? clock::time_point::max() : from + static_cast<clock::rep>(count) * length_;
    }

    clock::duration length_;
    clock::time_point next_;
    std::uint64_t number_ = 0;
};

}  // namespace sluice::core
