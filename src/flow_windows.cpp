#include <sluice/detail/flow_window_keepers.hpp>
#include <sluice/errc.hpp>
#include <sluice/flow/windows.hpp>
#include <string>

namespace sluice::detail {

void stage_watermark::begin(lane_core& lane) {
    if (auto const* in = lane.input()) {
        know(*in, now(lane));
    } else {
        ids_.emplace_back(marks_.add(now(lane)));
    }
}

void stage_watermark::batch_over(lane_core& lane) {
    auto const* const in = lane.input();
    auto const time = this->now(lane);
    if (!in || lane.take_news()) {
        auto const from = in ? in->upstream() : 0;
        if (from < ids_.size() && ids_[from]) {
            bool const said = greatest_ != core::before_all;
            marks_.advance(*ids_[from], said ? greatest_ - terms_.out_of_order : greatest_, time);
            greatest_ = core::before_all;
        }
    }
    if (in) know(*in, time);
}

void stage_watermark::expire(lane_core& lane) { marks_.expire(now(lane)); }

void stage_watermark::know(way_in const& in, window_clock::time_point now) {
    if (ids_.size() < in.upstreams()) ids_.resize(in.upstreams());
    for (std::size_t i = 0; i < ids_.size(); ++i) {
        if (in.is_live(i) && !ids_[i]) {
            ids_[i] = marks_.add(now);
        } else if (!in.is_live(i) && ids_[i]) {
            marks_.finish(*std::exchange(ids_[i], std::nullopt));
        }
    }
}

void check_length(std::chrono::nanoseconds length, char const* member) {
    if (length > std::chrono::nanoseconds(0)) return;
    throw_invalid_option(std::string(member) + " must be more than 0 (got " + std::to_string(length.count()) + " ns)");
}

void check_count(std::size_t count, char const* member) {
    if (count == 0) throw_invalid_option(std::string(member) + " must be at least 1 (got 0)");
}

}  // namespace sluice::detail

namespace sluice::flow {

void validate(event_window_options const& options) {
    detail::check_length(options.late_for, "event_window_options::late_for");
    detail::check_length(options.idle_timeout, "event_window_options::idle_timeout");
    auto const at_least_zero = [](std::chrono::nanoseconds length, char const* member) {
        if (length >= std::chrono::nanoseconds(0)) return;
        detail::throw_invalid_option(std::string("event_window_options::") + member + " must be at least 0 (got " +
                                     std::to_string(length.count()) + " ns)");
    };
    at_least_zero(options.lateness, "lateness");
    at_least_zero(options.out_of_order, "out_of_order");
}

}  // namespace sluice::flow
