#include <sluice/detail/source_meter.hpp>

namespace sluice::detail {

source_meters::source_meters(std::vector<stage_ptr> const& stages) {
    for (auto const& each : stages) {
        if (!each->is_source()) continue;
        sources_.push_back(each);
        if (auto const meter = each->meter()) {
            meters_.push_back(meter);
            are_metered_ = are_metered_ && meter->unit() == meters_.front()->unit();
        } else {
            are_metered_ = false;
        }
    }
}

// Once, and only if somebody wants to know: files are looked at for it.
auto source_meters::total() const -> std::optional<std::uint64_t> {
    std::call_once(asked_, [this] {
        total_ = 0;
        for (auto const& each : meters_) {
            auto const more = each->total();
            total_ = total_ && more ? std::optional(*total_ + *more) : std::nullopt;
        }
    });
    return total_;
}

auto source_meters::read() const -> progress_report {
    progress_report report;
    if (are_metered_ && !meters_.empty()) {
        for (auto const& each : meters_) report.done += each->done;
        report.total = total();
        report.unit = meters_.front()->unit();
    } else {
        for (auto const& each : sources_) {
            auto const stats = each->stats();
            report.done += each->inlets().empty() ? stats.events_out : stats.events_in;
        }
    }
    return report;
}

}  // namespace sluice::detail
