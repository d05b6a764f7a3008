#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <memory>
#include <optional>
#include <sluice/core/api.hpp>
#include <sluice/detail/flow/nodes.hpp>
#include <sluice/flow/errors.hpp>
#include <string>
#include <utility>
#include <vector>

namespace spdlog {
class logger;
}

namespace sluice::detail {

class stage_core;

/// Where user code in a stage of a layer has thrown, and what was done about it. On the stage's strand.
///
/// On an exception's way out of the steps the innermost one notes that it was there; a guard, or else the stage, reads
/// the note and forgets it. So nothing is noted for an event that is good.
class SLUICE_API step_faults {
public:
    explicit step_faults(stage_core& owner) noexcept : owner_(&owner) {}
    step_faults(step_faults const&) = delete;
    auto operator=(step_faults const&) -> step_faults& = delete;
    ~step_faults() { log_skipped(); }

    /// The name of the next step; before anything runs.
    void add_step(std::string title) { titles_.push_back(std::move(title)); }
    /// All steps in a line, as describe() shows them; "output" if there are none.
    auto title() const -> std::string;

    void note(std::size_t step, bool is_fatal) noexcept {
        if (step_ != none) return;
        step_ = step;
        is_fatal_ = is_fatal;
    }
    /// No guard may hold what is noted, or what will be.
    void make_fatal() noexcept { is_fatal_ = true; }
    auto is_fatal() const noexcept -> bool { return is_fatal_; }
    void forget() noexcept {
        step_ = none;
        is_fatal_ = false;
    }
    /// What is noted, as a place.
    auto place(std::optional<std::uint64_t> element) const -> flow::step_place;
    /// Throws an exception that ends the stage, with the place that is noted. `pushed`: how many events have come, if
    /// it was one of them.
    [[noreturn]] void rethrow(std::exception_ptr const& error, std::optional<std::uint64_t> pushed);

    /// Counts events that a guard has dropped, and says so to the log, at most once a second; to the one given, else to
    /// the stage's, else to the program's.
    void skipped(std::size_t events, flow::step_place const& where, std::exception_ptr const& why,
                 std::shared_ptr<spdlog::logger> const* log) noexcept;
    /// The same for lines that a source has left out because they were too long.
    void skipped_lines(std::size_t lines) noexcept;
    /// Says what has not been said yet.
    void log_skipped() noexcept;
    /// Counts events that went to a sink for dead letters.
    void buried(std::size_t events) noexcept;

private:
    static constexpr auto none = std::numeric_limits<std::size_t>::max();

    auto logger_or_default() const -> std::shared_ptr<spdlog::logger>;

    stage_core* owner_;
    std::vector<std::string> titles_;
    std::size_t step_ = none;
    bool is_fatal_ = false;

    // Of the log.
    std::shared_ptr<spdlog::logger> log_;
    std::size_t unsaid_ = 0;
    std::string last_;
    std::optional<std::chrono::steady_clock::time_point> next_line_;
};

/// How describe() and errors name a step.
SLUICE_API auto step_title(char const* kind, std::string const& label) -> std::string;

/// What an exception is in words: its what(), or that it is of another type.
SLUICE_API auto describe_error(std::exception_ptr const& error) -> std::string;

/// A step whose exceptions no guard holds: its state is broken then, or it is part of a terminal operation.
template <class Step>
concept never_held = requires {
    Step::is_never_held;
};
/// The same step as part of a terminal operation.
template <class Step>
struct last_step : Step {
    static constexpr bool is_never_held = true;
};

/// Notes, when an exception passes, that a step was there.
class fault_note {
public:
    fault_note(step_faults& in, std::size_t step, bool is_fatal) noexcept : in_(in), step_(step), is_fatal_(is_fatal) {}
    fault_note(fault_note const&) = delete;
    auto operator=(fault_note const&) -> fault_note& = delete;
    ~fault_note() {
        if (!is_over_) in_.note(step_, is_fatal_);
    }
    /// No exception has come.
    template <class T>
    auto over(T answer) noexcept -> T {
        is_over_ = true;
        return answer;
    }

private:
    step_faults& in_;
    std::size_t step_;
    bool is_fatal_;
    bool is_over_ = false;
};

/// A node that tells which step it is when it throws. `Fatal`: no guard holds it.
template <class Node, bool Fatal>
class placed_node {
public:
    placed_node(Node&& node, step_faults& faults, std::size_t step)
        : placed(std::move(node)), faults_(&faults), step_(step) {}

    template <class In>
    auto push(In&& event, pace& p) -> bool {
        fault_note note(*faults_, step_, Fatal);
        return note.over(placed.push(std::forward<In>(event), p));
    }
    template <class Batch>
    auto push_batch(Batch&& events, pace& p) -> bool requires requires(Node& n) {
        n.push_batch(std::forward<Batch>(events), p);
    }
    {
        fault_note note(*faults_, step_, Fatal);
        return note.over(placed.push_batch(std::forward<Batch>(events), p));
    }
    auto settle_chain(pace& p) -> bool {
        fault_note note(*faults_, step_, Fatal);
        return note.over(settle(placed, p));
    }
    auto resume(pace& p) -> bool {
        fault_note note(*faults_, step_, Fatal);
        return note.over(placed.resume(p));
    }
    auto finish(pace& p) -> bool {
        fault_note note(*faults_, step_, Fatal);
        return note.over(placed.finish(p));
    }
    auto is_done() const noexcept -> bool { return placed.is_done(); }

    Node placed;

private:
    step_faults* faults_;
    std::size_t step_;
};
template <class Node>
inline constexpr bool is_placed_node = false;
template <class Node, bool Fatal>
inline constexpr bool is_placed_node<placed_node<Node, Fatal>> = true;

/// The end of a chain in its place. Those at which GCC makes slower code of a cleanup note for themselves what they
/// throw, or throw nothing.
template <class End>
auto place_end(End end, step_faults& faults, std::size_t step) {
    if constexpr (requires { requires End::never_throws; }) {
        return end;
    } else if constexpr (requires { requires End::notes_itself; }) {
        end.note_in(faults, step);
        return end;
    } else {
        return placed_node<End, true>(std::move(end), faults, step);
    }
}

}  // namespace sluice::detail
