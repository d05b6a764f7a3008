#include "schedule.hpp"

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <memory>
#include <utility>
#include <vector>

namespace sluice::testing::detail {
namespace {

auto describe(std::exception_ptr const& error) -> std::string {
    try {
        std::rethrow_exception(error);
    } catch (std::exception const& known) {
        return known.what();
    } catch (...) {
        return "an exception that is not derived from std::exception";
    }
}

/// Sentences, each once.
class findings {
public:
    void add(std::string sentence) {
        if (std::find(sentences_.begin(), sentences_.end(), sentence) == sentences_.end()) {
            sentences_.push_back(std::move(sentence));
        }
    }
    auto empty() const noexcept -> bool { return sentences_.empty(); }
    auto text() const -> std::string {
        std::string text;
        for (auto const& sentence : sentences_) {
            if (!text.empty()) text += '\n';
            text += sentence;
        }
        return text;
    }

private:
    std::vector<std::string> sentences_;
};

/// The objects of the scenario are gone; what they have sent on their way out may still be handled, but not wait.
void settle(simulation& home, std::exception_ptr& thrown) {
    try {
        home.run_ready();
    } catch (...) {
        thrown = std::current_exception();
    }
}

/// Runs the scenario and collects what went wrong while the simulation exists.
void run_scenario(scenario_function const& run, simulation& home, violation_log const& log, findings& found) {
    std::exception_ptr thrown;
    try {
        run(home, home.get_chooser());
    } catch (...) {
        thrown = std::current_exception();
    }
    bool const disturbed = home.stopped() || home.destroyed();
    if (!thrown && !disturbed) settle(home, thrown);
    for (auto const& violated : log.texts()) found.add(violated);
    for (auto const& escaped : home.failures()) found.add(describe(escaped));
    if (thrown) found.add(describe(thrown));
    if (!found.empty() || disturbed || home.stopped() || home.destroyed()) return;
    for (auto const& left : home.leftovers()) found.add(left);
}

/// Events that were left behind may still be destroyed some day, and count then.
void keep_for_ever(std::shared_ptr<census> events) {
    static auto& kept = *new std::vector<std::shared_ptr<census>>;
    kept.push_back(std::move(events));
}

}  // namespace

auto run_schedule(scenario_function const& run, chooser& decider, simulation_options const& options,
                  step_action const* action, std::uint64_t after) -> schedule_outcome {
    schedule_outcome outcome;
    violation_log log;
    findings found;
    std::shared_ptr<census> events;
    {
        simulation home{decider, options};
        events = home.shared_events();
        if (action != nullptr) home.after_step(after, *action);
        run_scenario(run, home, log, found);
        outcome.steps = home.steps();
        outcome.hash = home.schedule_hash();
        home.destroy_context();
        for (auto const& escaped : home.failures()) found.add(describe(escaped));
        if (home.late_submissions() != 0) {
            found.add(std::to_string(home.late_submissions()) +
                      " handler(s) were submitted to a context that was destroyed");
        }
        if (home.outstanding_work() != 0) {
            found.add(std::to_string(home.outstanding_work()) +
                      " executor(s) with tracked work outlived their context");
        }
    }
    for (auto const& violated : log.texts()) found.add(violated);
    if (events->live() != 0) found.add(std::to_string(events->live()) + " event(s) left alive");
    if (events->objects() != events->live()) {
        found.add(std::to_string(events->objects() - events->live()) + " moved-from event(s) left alive");
    }
    if (events->objects() != 0) keep_for_ever(std::move(events));
    outcome.text = found.text();
    return outcome;
}

}  // namespace sluice::testing::detail
