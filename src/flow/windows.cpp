#include <chrono>
#include <sluice/detail/flow/window_keepers.hpp>
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
    auto const time = now(lane);
    if (in) know(*in, time);
    auto const greatest = std::exchange(greatest_, core::before_all);
    if (in && !lane.take_news()) return;
    auto const from = in ? in->upstream() : 0;
    if (from >= ids_.size() || !ids_[from]) return;
    is_idle_ = false;
    last_from_ = from;
    marks_.advance(*ids_[from], greatest == core::before_all ? greatest : greatest - terms_.out_of_order, time);
}

void stage_watermark::expire(lane_core& lane) { marks_.expire(now(lane)); }

auto stage_watermark::deadline(lane_core const& lane) -> std::optional<window_clock::time_point> {
    if (!terms_.goes_by_clock) return std::nullopt;
    auto const from = std::exchange(last_from_, std::nullopt);
    if (from && ids_[*from]) marks_.touch(*ids_[*from], lane.now());
    return marks_.next_expiry();
}

void stage_watermark::know(way_in const& in, window_clock::time_point now) {
    if (in.live() == std::exchange(known_live_, in.live()) && ids_.size() == in.upstreams()) return;
    ids_.resize(in.upstreams());
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

void check_slide(std::chrono::nanoseconds slide, std::chrono::nanoseconds size) {
    if (slide <= size) return;
    throw_invalid_option("flow::sliding_windows: slide must be at most size (got " + length_text(slide) + ", " +
                         length_text(size) + ")");
}

auto length_text(std::chrono::nanoseconds length) -> std::string {
    struct unit {
        std::chrono::nanoseconds length;
        char const* name;
    };
    using namespace std::chrono_literals;
    for (unit const& each : {unit{1h, " h"}, unit{1min, " min"}, unit{1s, " s"}, unit{1ms, " ms"}, unit{1us, " us"}}) {
        if (length % each.length == 0ns) return std::to_string(length / each.length) + each.name;
    }
    return std::to_string(length.count()) + " ns";
}

void throw_needs_copies() {
    throw_invalid_option(
        "event_window_options::lateness must be 0 where the accumulator cannot be copied, unless flow::on_trigger says "
        "what goes on (got more)");
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
    if (options.late_for != forever && options.lateness == std::chrono::nanoseconds(0)) {
        detail::throw_invalid_option(
            "event_window_options::lateness must be more than 0 with late_for, flow::forever for instance (got 0 ns)");
    }
}

}  // namespace sluice::flow
