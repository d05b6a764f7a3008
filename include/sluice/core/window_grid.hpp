#pragma once

#include <sluice/core/event_time.hpp>
#include <sluice/core/window.hpp>
#include <sluice/core/window_options.hpp>

namespace sluice::core {

/// Where the windows of one size and slide lie: window k is [origin + k × slide, origin + k × slide + size), k of any
/// sign. All O(1). Flow: `div(by.(event), duration)`, which puts times before the epoch into the wrong window; Dataflow
/// model: fixed and sliding windows.
class window_grid {
public:
    /// Throws errc::invalid_option.
    explicit window_grid(window_options const& options)
        : size_((validate(options), options.size)),
          slide_(options.slide == 0 ? options.size : options.slide),
          origin_(options.origin - floor_div(options.origin, slide_) * slide_) {}

    /// The first of the windows that contain the time, which is within `least_time` … `greatest_time`.
    auto first(ticks time) const noexcept -> ticks { return floor_div(time - origin_ - size_, slide_) + 1; }
    /// The last of them.
    auto last(ticks time) const noexcept -> ticks { return floor_div(time - origin_, slide_); }

    /// The first window that the watermark has not passed: whose end is behind it.
    auto first_ahead(ticks watermark) const noexcept -> ticks { return first(watermark); }

    /// From when to when a window is.
    auto span(ticks index) const noexcept -> window_span {
        const auto start = origin_ + index * slide_;
        return {start, start + size_};
    }
    /// Where a window ends.
    auto end(ticks index) const noexcept -> ticks { return span(index).end; }

    /// Whether each event is in one window only.
    auto is_fixed() const noexcept -> bool { return size_ == slide_; }
    /// Fixed or sliding.
    auto kind() const noexcept -> window_kind { return is_fixed() ? window_kind::fixed : window_kind::sliding; }

private:
    ticks size_;
    ticks slide_;
    ticks origin_;
};

}  // namespace sluice::core
