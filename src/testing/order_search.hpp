#pragma once

#include <cstddef>
#include <cstdint>
#include <sluice/testing/detail/step_observer.hpp>
#include <vector>

#include "history.hpp"

namespace sluice::testing::detail {

/// The search of reducing_chooser: a path of decisions, and for each order what else must be tried there.
class order_search final : public step_observer {
public:
    explicit order_search(bool every_order) noexcept : every_order_{every_order} {}

    /// Which of the ready handlers comes next.
    auto next_of(std::size_t n) -> std::size_t;
    /// Any other question: all answers are tried.
    auto value(std::size_t n) -> std::size_t;
    /// Goes to the next schedule; false when there is none.
    auto advance() -> bool;
    auto redundant() const noexcept -> std::size_t { return redundant_; }
    /// Equal for schedules that differ only in handlers which have nothing to do with each other.
    auto equivalence() -> std::uint64_t;

    void handler_begins(std::uint64_t number) noexcept override { history_.handler_begins(number, position_ - 1); }
    void handler_ended(std::uint64_t submitted) noexcept override { history_.handler_ended(submitted); }
    void steps_count() noexcept override { counts_steps_ = true; }

private:
    /// A handler that need not be tried: what it leads to was seen from an earlier node.
    struct sleeper {
        std::uint64_t number;
        touched_things touched;
    };
    struct node {
        bool is_order = false;
        std::size_t options = 0;
        std::size_t taken = 0;
        std::size_t event = 0;  ///< the first event that may differ with the answer
        // Of orders:
        std::vector<std::uint64_t> ready = {};  ///< by age
        std::vector<bool> wanted = {};          ///< to be tried, or tried
        std::vector<sleeper> asleep = {};       ///< also those that were tried
        touched_things touched = {};            ///< by the one taken, with whatever values it was given
    };

    auto next_value(std::size_t n) -> std::size_t;
    auto go_on(bool is_order, std::size_t n) -> std::size_t;
    void add_order(std::size_t n);
    void inherit_sleepers(node& to) const;
    static auto sleeps(node const& at, std::uint64_t number) noexcept -> bool;
    void analyse();
    void race(std::size_t earlier, std::size_t later);
    void begin_schedule();
    void collect_touched();
    static auto choose_other(node& at) -> bool;

    bool every_order_;
    history history_;
    std::vector<node> path_;
    std::size_t position_ = 0;
    std::size_t analysed_ = 0;   // events
    std::size_t shared_ = 0;     // events that this schedule has in common with the last one
    bool counts_steps_ = false;  // something happens between handlers although others are ready
    bool asleep_ = false;        // nothing new can come of this schedule
    std::size_t useful_ = 0;     // events before that
    std::size_t redundant_ = 0;
};

}  // namespace sluice::testing::detail
