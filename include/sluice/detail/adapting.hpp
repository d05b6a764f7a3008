#pragma once

#include <cstddef>
#include <cstdint>
#include <sluice/core/api.hpp>
#include <sluice/core/demand_controller.hpp>
#include <sluice/detail/strand.hpp>
#include <sluice/options.hpp>

namespace sluice::detail {

/// Moments of a strand as time. What a moment is worth may be known only roughly at first: it is found out again and
/// again, and time never jumps for that.
class SLUICE_API moment_clock {
public:
    moment_clock(std::uint64_t now, bool are_ticks) noexcept : at_(now), are_ticks_(are_ticks) { adjust(now); }

    auto time(std::uint64_t moment) const noexcept -> std::chrono::nanoseconds;
    void adjust(std::uint64_t now) noexcept;
    auto is_known() const noexcept -> bool { return worth_ > 0; }

private:
    std::uint64_t at_;
    std::chrono::nanoseconds time_{};  // then
    double worth_ = 0;                 // of a moment, in nanoseconds
    bool are_ticks_;
};

/// What a subscription has besides its window when its demand is adaptive. Its consumer's strand alone.
///
/// How long events wait is taken from the moments at which the body comes back for its next batch: of each it is known
/// when it began, and so how long the body was away. A batch counts as arrived when the turn began in which it is
/// noticed, or when the batch before was taken, if that was later: a body that computes without suspending finds what
/// came meanwhile only then.
class SLUICE_API adaptation {
public:
    adaptation(subscribe_options const& options, strand const& of);

    void arrived(std::size_t n, strand const& on) noexcept;
    /// true: the window may have changed.
    auto processed(std::size_t n, strand const& on) noexcept -> bool;
    auto window() const noexcept -> std::size_t { return controller_.window(); }

private:
    core::demand_controller controller_;
    moment_clock clock_;
    std::uint64_t came_back_ = 0;  // the body, for its next batch
    std::uint64_t before_ = 0;     // and for the one before
};

}  // namespace sluice::detail
