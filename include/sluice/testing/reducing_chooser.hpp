#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <sluice/core/api.hpp>
#include <sluice/testing/chooser.hpp>

namespace sluice::testing {
namespace detail {
class order_search;
}

/// Depth-first through all decisions like exhaustive_chooser, but of orders that differ only in handlers which have
/// nothing to do with each other it tries one: run the scenario, call next(), run it again, until next() is false.
///
/// Two handlers have to do with each other if one submitted the other, if one handled a message that the other sent, or
/// if both touched the same thing and one of them changed it: a strand, the end of its inbox, the demand of a
/// subscription, a run, or what the scenario names with reads() and writes(). A handler of which nothing is known
/// has to do with all: one that is not a turn of a strand of Sluice and does not say names_all_it_shares(). So has
/// everything that the scenario does between handlers, and time when it passes. Whatever outcome the full search can
/// find, this one finds too, as long as the scenario names what its handlers share besides. Of values and chances all
/// are tried.
///
/// Where not only the order decides, it falls back on all orders, from the start: if the run is stopped, or ends
/// while handlers are ready, or if deadlines may come early.
///
/// Source: Abdulla, Aronis, Jonsson, Sagonas, "Optimal dynamic partial order reduction", POPL 2014: the algorithm
/// with source sets and sleep sets, after Flanagan and Godefroid, "Dynamic partial-order reduction for model checking
/// software", POPL 2005. Each handler is a process with one step, which its creator enables.
///
/// Not thread-safe, and one at a time in a thread.
class SLUICE_API reducing_chooser final : public chooser {
public:
    /// `every_order`: reduces nothing, for comparison.
    explicit reducing_chooser(bool every_order = false);
    ~reducing_chooser() override;

    /// Goes to the next schedule; false when there is none. Throws std::logic_error if the last one did not ask the
    /// same questions as an earlier one that got the same answers.
    auto next() -> bool;

    /// How many schedules so far turned out to be the equivalent of an earlier one. They were run to their end all the
    /// same.
    auto redundant() const noexcept -> std::size_t;

    /// Of the schedule that was run last: equal for those that differ only in handlers which have nothing to do with
    /// each other. For scenarios in which no time passes: what a deadline submits has no name that is the same in all.
    auto equivalence() -> std::uint64_t;

    auto observer() noexcept -> detail::step_observer* override;

private:
    auto decide(decision about, std::size_t n, std::size_t odds) -> std::size_t override;

    std::unique_ptr<detail::order_search> search_;
};

}  // namespace sluice::testing
