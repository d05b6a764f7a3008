#include <algorithm>
#include <sluice/detail/flow/running_stages.hpp>
#include <sluice/detail/footprint.hpp>
#include <sluice/detail/strand_executor.hpp>
#include <utility>

namespace sluice::detail {
namespace {

auto is_fed_from_outside(stage_core const& stage, std::vector<stage_ptr> const& all,
                         std::vector<stage_ptr> const& passages) -> bool {
    for (auto const* in : stage.inlets()) {
        for (auto const& over : in->links()) {
            auto const feeds = [&over](stage_ptr const& each) { return each.get() == &over->producer(); };
            if (std::ranges::none_of(all, feeds) && std::ranges::none_of(passages, feeds)) return true;
        }
    }
    return false;
}

}  // namespace

running_stages::running_stages(std::vector<stage_ptr> all, std::vector<stage_ptr> const& passages)
    : all_(std::move(all)) {
    leave(footprint::begins, this);
    for (auto const& each : all_) {
        if (is_fed_from_outside(*each, all_, passages)) each->begin_here();
    }
}

void running_stages::add(stage_ptr const& more, stage_core const& behind) {
    leave(footprint::writes, this);
    std::lock_guard const lock(mutex_);
    auto const at = std::ranges::find(all_, &behind, &stage_ptr::get);
    all_.insert(at == all_.end() ? at : at + 1, more);
}

void running_stages::remove(stage_core const& one) {
    leave(footprint::writes, this);
    std::lock_guard const lock(mutex_);
    std::erase(all_, &one);
}

auto running_stages::all() const -> std::vector<stage_ptr> {
    leave(footprint::reads, this);
    std::lock_guard const lock(mutex_);
    return all_;
}

auto running_stages::stats() const -> std::vector<stage_stats> {
    std::vector<stage_stats> told;
    for (auto const& each : all()) told.push_back(each->stats());
    return told;
}

void running_stages::set_paused(bool paused) const {
    for (auto const& each : all()) send_function(*each, [each, paused] { each->set_paused(paused); });
}

}  // namespace sluice::detail
