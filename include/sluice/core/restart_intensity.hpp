#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

namespace sluice::core {

/// How often something may be started again before whoever does so gives up: at most `max` times within `period`.
/// OTP: `max_restarts`, `max_seconds`. O(max) memory. One thread at a time.
class restart_intensity {
public:
    using clock = std::chrono::steady_clock;  ///< What the period is measured by.

    /// `max` may be 0: no restart at all. `period` is not negative.
    restart_intensity(std::size_t max, clock::duration period) noexcept : max_(max), period_(period) {}

    /// Notes a restart; false when that is one too many. A restart counts as long as `period` has not passed since:
    /// with a period of zero, those of the same moment.
    auto note(clock::time_point now) -> bool {
        while (!noted_.empty() && now - noted_.front() > period_) noted_.pop_front();
        noted_.push_back(now);
        if (noted_.size() <= max_) return true;
        noted_.pop_front();
        return false;
    }

private:
    std::size_t max_;
    clock::duration period_;
    std::deque<clock::time_point> noted_;
};

}  // namespace sluice::core
