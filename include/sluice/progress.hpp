#pragma once

// A progress bar for terminals. Not part of <sluice/sluice.hpp>: only programs that show one need it.

#include <algorithm>
#include <chrono>
#include <functional>
#include <iosfwd>
#include <memory>
#include <sluice/core/api.hpp>
#include <sluice/progress_report.hpp>
#include <sluice/stage_stats.hpp>
#include <utility>
#include <vector>

namespace sluice {

/// Shows on a terminal how far something has come: as a bar where the total is known, else as a line with what is done
/// and how much comes a second. Boost.Timer draws the bar.
///
/// @par Thread safety
/// Distinct objects: safe. Shared objects: unsafe.
class SLUICE_API progress_bar {
public:
    using clock = std::chrono::steady_clock;  ///< What the rate is measured by.

    /// On stderr; where that is no terminal, nothing is ever written.
    progress_bar();
    /// On a stream, which must live as long. `now` tells the time, for the rate.
    explicit progress_bar(std::ostream& to, std::function<clock::time_point()> now = &clock::now);
    /// What was moved from shows nothing.
    progress_bar(progress_bar&& other) noexcept;
    /// What this one has shown stays as it is.
    auto operator=(progress_bar&& other) noexcept -> progress_bar&;
    ~progress_bar();

    /// It has come so far. Whether there is a total is decided by the first call. A bar never goes back.
    void show(progress_report const& report);
    /// Ends the line, with the rate of the whole time where there is no bar. Nothing is shown after that. Idempotent.
    void finish();

private:
    class drawing;
    std::unique_ptr<drawing> drawing_;  // null: nothing is to be written
};

/// Shows how far a running flow has come, until it ends, in the place of what its on_progress told before:
///
/// @code
/// auto running = flow::launch(words, pool);
/// sluice::show_progress(running);
/// co_await running.async_join();
/// @endcode
///
/// There is a bar if all sources know how much they have (ranges that know their size, files), else a rate. Throws
/// errc::invalid_option for an interval that is not more than 0.
template <class RunningFlow>
void show_progress(RunningFlow& running, progress_bar bar = {},
                   std::chrono::steady_clock::duration interval = std::chrono::milliseconds(200)) {
    auto shown = std::make_shared<progress_bar>(std::move(bar));
    auto show = [shown = std::move(shown), read = running.meter()](std::vector<stage_stats> const& stages) {
        shown->show(read());
        bool const is_over = std::ranges::all_of(stages, [](auto const& s) { return s.doing == activity::ended; });
        if (is_over) shown->finish();
    };
    running.on_progress(interval, std::move(show));
}

}  // namespace sluice
