#include <spdlog/spdlog.h>
#include <sluice/detail/flow/ends.hpp>
#include <sluice/detail/flow/faults.hpp>
#include <sluice/detail/stage_core.hpp>
#include <stdexcept>

namespace sluice::detail {

auto step_title(char const* kind, std::string const& label) -> std::string {
    return label.empty() ? std::string(kind) : std::string(kind) + "(" + label + ")";
}

auto describe_error(std::exception_ptr const& error) -> std::string {
    try {
        std::rethrow_exception(error);
    } catch (std::exception const& e) {
        return e.what();
    } catch (...) {
        return "an exception that is no std::exception";
    }
}

auto step_faults::title() const -> std::string {
    std::string all;
    for (auto const& each : titles_) {
        if (!all.empty() && each == flow_end::title) continue;
        all += (all.empty() ? "" : " | ") + each;
    }
    return all;
}

auto step_faults::place(std::optional<std::uint64_t> element) const -> flow::step_place {
    return {step_ < titles_.size() ? titles_[step_] : std::string("source"), element};
}

void step_faults::rethrow(std::exception_ptr const& error, std::optional<std::uint64_t> pushed) {
    auto where = place(pushed);
    // A step has the last one in its hands, and a source was about to make the next.
    if (step_ != none) where.element = pushed && *pushed > 0 ? std::optional(*pushed - 1) : std::nullopt;
    auto const placed = with_place(error, where);
    if (!flow::place_of(placed)) {
        try {
            logger_or_default()->error("failed in {}: {}", to_string(where), describe_error(error));
        } catch (...) {}  // the exception matters more
    }
    std::rethrow_exception(placed);
}

auto step_faults::logger_or_default() const -> std::shared_ptr<spdlog::logger> {
    return owner_->logger ? owner_->logger : spdlog::default_logger();
}

void step_faults::skipped(std::size_t events, flow::step_place const& where, std::exception_ptr const& why,
                          std::shared_ptr<spdlog::logger> const* log) noexcept {
    owner_->skipped += events;
    unsaid_ += events;
    try {
        log_ = log ? *log : logger_or_default();
        last_ = to_string(where) + ": " + describe_error(why);
        auto const now = owner_->world().now();
        if (next_line_ && now < *next_line_) return;
        next_line_ = now + std::chrono::seconds(1);
        log_skipped();
    } catch (...) {}  // a logger that throws must not end the flow
}

void step_faults::skipped_lines(std::size_t lines) noexcept {
    try {
        auto const why = std::make_exception_ptr(std::length_error("a line is longer than line_options::max_line"));
        skipped(lines, {"source", std::nullopt}, why, nullptr);
    } catch (...) {
        owner_->skipped += lines;
    }
}

void step_faults::log_skipped() noexcept {
    if (unsaid_ == 0) return;
    auto const events = std::exchange(unsaid_, 0);
    if (!log_) return;
    try {
        log_->warn("skipped {} {}, the last in {}", events, events == 1 ? "event" : "events", last_);
    } catch (...) {}
}

void step_faults::buried(std::size_t events) noexcept { owner_->dead_letters += events; }

}  // namespace sluice::detail
