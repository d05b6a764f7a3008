#include <sluice/core/window.hpp>
#include <sluice/core/window_options.hpp>
#include <sluice/errc.hpp>
#include <string>

namespace sluice::core {
namespace {

void require(bool holds, std::string const& member, std::string const& rule, std::string const& got) {
    if (!holds) detail::throw_invalid_option(member + " must be " + rule + " (got " + got + ")");
}

void require_length(std::string const& member, ticks length, ticks least) {
    require(length >= least && length <= greatest_length, member,
            "at least " + std::to_string(least) + " and at most " + std::to_string(greatest_length) + " ticks",
            std::to_string(length));
}

void require_time(std::string const& member, processing_clock::duration time) {
    require(time > processing_clock::duration::zero(), member, "more than 0", std::to_string(time.count()) + " ns");
}

auto name_of(time_unit unit) -> char const* {
    switch (unit) {
        case time_unit::nanosecond: return "ns";
        case time_unit::microsecond: return "us";
        case time_unit::millisecond: return "ms";
        case time_unit::second: return "s";
        case time_unit::minute: return "min";
        case time_unit::hour: return "h";
    }
    return "?";
}

auto name_of(window_kind kind) -> char const* {
    switch (kind) {
        case window_kind::global: return "global";
        case window_kind::count: return "count";
        case window_kind::periodic: return "periodic";
        case window_kind::fixed: return "fixed";
        case window_kind::sliding: return "sliding";
        case window_kind::session: return "session";
    }
    return "?";
}

}  // namespace

void validate(window_options const& options) {
    require_length("window_options::size", options.size, 1);
    require(options.slide >= 0 && options.slide <= options.size, "window_options::slide",
            "at least 0 and at most size, " + std::to_string(options.size) + " ticks", std::to_string(options.slide));
    require_length("window_options::origin", options.origin, -greatest_length);
    require_length("window_options::lateness", options.lateness, 0);
    require_time("window_options::late_for", options.late_for);
}

void validate(session_options const& options) {
    require_length("session_options::gap", options.gap, 1);
    require_length("session_options::lateness", options.lateness, 0);
    require_time("session_options::late_for", options.late_for);
}

void validate(watermark_options const& options) {
    require_time("watermark_options::idle_timeout", options.idle_timeout);
}

auto to_string(window_id window) -> std::string {
    if (window.kind == window_kind::global) return name_of(window.kind);
    return std::string(name_of(window.kind)) + ' ' + std::to_string(window.number);
}

auto to_string(trigger_name const& trigger) -> std::string {
    switch (trigger.why()) {
        case trigger_name::kind::done: return "done";
        case trigger_name::kind::watermark: return "watermark";
        case trigger_name::kind::every: return "every " + std::to_string(trigger.count());
        case trigger_name::kind::periodically:
            return "periodically " + std::to_string(trigger.count()) + ' ' + name_of(trigger.unit());
        case trigger_name::kind::named: break;
    }
    return std::string(trigger.text());
}

}  // namespace sluice::core
