#pragma once

#include <mutex>
#include <sluice/core/api.hpp>
#include <sluice/detail/stage_core.hpp>
#include <sluice/stage_stats.hpp>
#include <vector>

namespace sluice::detail {

/// The stages of a flow that runs, in the order of its layers.
///
/// @par Thread safety
/// Safe.
class SLUICE_API running_stages {
public:
    /// Before they run: those that are fed from outside count as sources, unless the flow goes through those that feed
    /// them.
    running_stages(std::vector<stage_ptr> all, std::vector<stage_ptr> const& passages);

    /// Behind the one of its layer that was the last.
    void add(stage_ptr const& more, stage_core const& behind);
    void remove(stage_core const& one);

    auto all() const -> std::vector<stage_ptr>;
    auto stats() const -> std::vector<stage_stats>;
    void set_paused(bool paused) const;

private:
    mutable std::mutex mutex_;
    std::vector<stage_ptr> all_;
};

}  // namespace sluice::detail
