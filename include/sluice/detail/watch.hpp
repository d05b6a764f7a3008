#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <sluice/core/api.hpp>
#include <sluice/detail/stage_core.hpp>

namespace sluice::detail {

/// Runs a stage for somebody on a strand, who is told there how it has ended: null, its failure, or operation_aborted
/// if it was stopped. `ended` is called on that strand, once, unless a context goes first.
SLUICE_API void run_watched(stage_ptr const& what, strand_ptr who, std::function<void(std::exception_ptr)> ended);

/// Calls `then` on a strand that much later; never once the alarm was dropped, on that strand. A time that the clock
/// cannot hold does not come: null.
SLUICE_API auto set_alarm_in(strand& s, std::chrono::steady_clock::duration delay, std::function<void()> then)
    -> std::unique_ptr<alarm>;

/// operation_aborted, by itself or among several: somebody has given the work up.
SLUICE_API auto is_aborted(std::exception_ptr const& error) noexcept -> bool;

}  // namespace sluice::detail
