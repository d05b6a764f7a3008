#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <sluice/testing/reducing_chooser.hpp>
#include <sluice/testing/shrink.hpp>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "schedule.hpp"

namespace sluice::testing {
namespace detail {
namespace {

auto environment_text(explore_options const& options, char const* name) -> char const* {
    if (!options.heed_environment) return nullptr;
    auto const* const text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): read only
    return text != nullptr && *text != '\0' ? text : nullptr;
}

auto environment_number(explore_options const& options, char const* name) -> std::optional<std::uint64_t> {
    auto const* const text = environment_text(options, name);
    if (text == nullptr) return std::nullopt;
    std::string_view const view{text};
    std::uint64_t number = 0;
    auto const [end, error] = std::from_chars(view.data(), view.data() + view.size(), number);
    if (error != std::errc{} || end != view.data() + view.size()) {
        throw std::invalid_argument(std::string(name) + " must be a number (got '" + text + "')");
    }
    return number;
}

/// What the environment asks for instead of what the program asks for.
auto heed_environment(explore_options options, bool one_schedule_per_seed) -> explore_options {
    if (auto const first = environment_number(options, "SLUICE_FIRST_SEED")) options.first_seed = *first;
    auto const count = environment_number(options, "SLUICE_SCHEDULES");
    if (count && one_schedule_per_seed) options.seeds = static_cast<std::size_t>(*count);
    if (auto const seed = environment_number(options, "SLUICE_SEED")) {
        options.first_seed = *seed;
        options.seeds = 1;
    }
    options.stop_after_failures = std::max<std::size_t>(options.stop_after_failures, 1);
    return options;
}

/// Where schedules come from: that decides how one is run again.
enum class origin { seeds, enumeration, disturbance };

/// Runs schedules and keeps the books.
class explorer {
public:
    explorer(explore_options const& options, scenario_function const& run, origin from)
        : options_{options}, run_{run}, origin_{from} {}

    /// true: go on.
    template <typename MakeChooser>
    auto explore_one(std::uint64_t seed, MakeChooser make_chooser, step_action const* action = nullptr,
                     std::uint64_t after = 0) -> bool {
        auto const decider = make_chooser();
        auto const outcome = run_schedule(run_, *decider, options_.simulation, action, after);
        note(outcome);
        if (!outcome.failed() && !options_.check_determinism) return true;

        auto const again = make_chooser();
        auto const repeated = run_schedule(run_, *again, options_.simulation, action, after);
        bool const deterministic = repeated == outcome && again->decisions() == decider->decisions();
        if (!outcome.failed() && deterministic) return true;

        schedule_failure failure;
        failure.seed = seed;
        failure.text = outcome.failed() ? outcome.text : "a second run with the same decisions went otherwise";
        failure.steps = outcome.steps;
        failure.decisions = decider->decisions();
        failure.deterministic = deterministic;
        failure.after_step = after;
        return add(std::move(failure), action);
    }

    void note(schedule_outcome const& outcome) {
        ++report_.schedules;
        report_.steps += outcome.steps;
        hashes_.push_back(outcome.hash);
    }

    /// true: go on.
    auto add(schedule_failure failure, step_action const* action) -> bool {
        ++report_.failures;
        if (!report_.first_failure) {
            if (failure.deterministic) shrink_failure(failure, action);
            tell(failure);
            report_.first_failure = std::move(failure);
        }
        return report_.failures < options_.stop_after_failures;
    }

    auto finish() -> exploration_report {
        std::sort(hashes_.begin(), hashes_.end());
        report_.distinct = static_cast<std::size_t>(std::unique(hashes_.begin(), hashes_.end()) - hashes_.begin());
        return std::move(report_);
    }

    auto report() noexcept -> exploration_report& { return report_; }

private:
    void shrink_failure(schedule_failure& failure, step_action const* action) {
        auto const run_again = [&](trace const& decisions) {
            replay_chooser decider{decisions};
            return run_schedule(run_, decider, options_.simulation, action, failure.after_step);
        };
        auto const fails = [&](trace const& decisions) { return run_again(decisions).failed(); };
        failure.shrunk = failure.decisions;
        failure.shrunk_text = failure.text;
        if (options_.shrink_attempts == 0 || !fails(failure.decisions)) return;
        failure.shrunk = shrink(failure.decisions, fails, options_.shrink_attempts);
        failure.shrunk_text = run_again(failure.shrunk).text;
    }

    void tell(schedule_failure const& failure) const {
        if (options_.quiet) return;
        auto& out = options_.out != nullptr ? *options_.out : std::cerr;
        out << options_.name << (origin_ == origin::enumeration ? ": schedule " : ": seed ") << failure.seed
            << " fails";
        if (failure.after_step != 0) out << ", disturbed after step " << failure.after_step;
        out << " (" << failure.steps << " steps)\n" << failure.text << '\n';
        out << "decisions: " << failure.decisions << '\n';
        if (!failure.deterministic) {
            out << "not deterministic: something is decided by an address, a clock, a thread or a random number of its "
                   "own\n";
        } else if (failure.shrunk != failure.decisions) {
            out << "shrunk to " << failure.shrunk.deviations()
                << " decision(s) other than the first possibility: " << failure.shrunk << '\n';
            if (failure.shrunk_text != failure.text) out << "which fails so:\n" << failure.shrunk_text << '\n';
        }
        tell_how_to_run_again(out, failure);
        out << std::flush;
    }

    void tell_how_to_run_again(std::ostream& out, schedule_failure const& failure) const {
        switch (origin_) {
            case origin::seeds:
                out << "to run it again: SLUICE_SEED=" << failure.seed << ", or SLUICE_TRACE='" << failure.shrunk
                    << "'\n";
                break;
            case origin::enumeration:
                out << "to run it again: replay(parse_trace(\"" << failure.shrunk << "\"), scenario)\n";
                break;
            case origin::disturbance: out << "to run it again: SLUICE_SEED=" << failure.seed << '\n'; break;
        }
    }

    explore_options const& options_;
    scenario_function const& run_;
    origin origin_;
    exploration_report report_;
    std::vector<std::uint64_t> hashes_;
};

}  // namespace

auto explore(explore_options const& wanted, scenario_function const& run) -> exploration_report {
    auto const options = heed_environment(wanted, true);
    explorer all{options, run, origin::seeds};
    if (auto const* const text = environment_text(options, "SLUICE_TRACE")) {
        auto const decisions = parse_trace(text);
        all.explore_one(options.first_seed, [&] { return std::make_unique<replay_chooser>(decisions); });
        return all.finish();
    }
    for (std::size_t i = 0; i < options.seeds; ++i) {
        auto const seed = options.first_seed + i;
        if (!all.explore_one(seed, [seed] { return chooser_for_seed(seed); })) break;
    }
    return all.finish();
}

/// Until the chooser has no other schedule, or `limit` of them.
template <typename Enumerator>
auto enumerate(std::size_t limit, explore_options const& options, scenario_function const& run) -> exploration_report {
    explorer all{options, run, origin::enumeration};
    Enumerator decider;
    for (std::size_t i = 0; i < limit; ++i) {
        auto const outcome = run_schedule(run, decider, options.simulation);
        all.note(outcome);
        if (outcome.failed()) {
            schedule_failure failure;
            failure.seed = i;
            failure.text = outcome.text;
            failure.steps = outcome.steps;
            failure.decisions = decider.decisions();
            if (!all.add(std::move(failure), nullptr)) return all.finish();
        }
        if (!decider.next()) {
            all.report().exhausted = true;
            break;
        }
    }
    if constexpr (requires { decider.redundant(); }) all.report().redundant = decider.redundant();
    return all.finish();
}

auto explore_exhaustively(std::size_t limit, explore_options const& options, scenario_function const& run)
    -> exploration_report {
    if (options.one_of_equivalent_orders) return enumerate<reducing_chooser>(limit, options, run);
    return enumerate<exhaustive_chooser>(limit, options, run);
}

auto after_every_step(explore_options const& wanted, scenario_function const& run, step_action const& action)
    -> exploration_report {
    auto const options = heed_environment(wanted, false);
    explorer all{options, run, origin::disturbance};
    for (std::size_t i = 0; i < options.seeds; ++i) {
        auto const seed = options.first_seed + i;
        auto const make_chooser = [seed] { return chooser_for_seed(seed); };
        auto const undisturbed = run_schedule(run, *make_chooser(), options.simulation);
        if (undisturbed.failed()) {
            all.explore_one(seed, make_chooser);
            break;
        }
        for (std::uint64_t k = 1; k <= undisturbed.steps; ++k) {
            if (!all.explore_one(seed, make_chooser, &action, k)) return all.finish();
        }
    }
    return all.finish();
}

auto replay(trace const& decisions, explore_options const& options, scenario_function const& run)
    -> std::optional<schedule_failure> {
    replay_chooser decider{decisions};
    auto outcome = run_schedule(run, decider, options.simulation);
    if (!outcome.failed()) return std::nullopt;
    schedule_failure failure;
    failure.text = std::move(outcome.text);
    failure.steps = outcome.steps;
    failure.decisions = decider.decisions();
    failure.shrunk = decisions;
    return failure;
}

}  // namespace detail

auto operator<<(std::ostream& out, exploration_report const& report) -> std::ostream& {
    out << report.schedules << " schedules, " << report.distinct << " distinct, " << report.steps << " steps, "
        << report.failures << " failed";
    if (report.redundant != 0) out << ", " << report.redundant << " of them redundant";
    if (report.exhausted) out << ", all there are";
    if (report.first_failure)
        out << "; first: seed " << report.first_failure->seed << ": " << report.first_failure->text;
    return out;
}

}  // namespace sluice::testing
