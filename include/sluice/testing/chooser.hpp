#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <ranges>
#include <sluice/core/api.hpp>
#include <sluice/testing/trace.hpp>
#include <type_traits>

namespace sluice::testing {
namespace detail {
class step_observer;
}

/// What a decision is about. A chooser may treat the kinds differently; the trace does not.
enum class decision {
    order,   ///< which of the ready handlers runs next; 0 is the oldest
    value,   ///< a value for the program under test; 0 is the simplest
    chance,  ///< whether something rare happens; 0 is no, 1 is yes
};

/// The one source of everything that is not determined: the order of handlers, the values that a scenario draws,
/// whether something rare happens. Whoever repeats the answers repeats the run.
///
/// Each decision is recorded. Questions with only one answer are not decisions: they are answered 0 and leave no trace.
///
/// Not thread-safe; a simulation is one thread.
class SLUICE_API chooser {
public:
    chooser() = default;
    chooser(chooser const&) = delete;
    auto operator=(chooser const&) -> chooser& = delete;
    virtual ~chooser();

    /// A value 0 … n − 1. Throws std::invalid_argument if n is 0.
    auto choose(std::size_t n) -> std::size_t { return ask(decision::value, n, n); }

    /// Which of n waiting things comes next, by age; 0 is the oldest. The simulation asks this at each step.
    auto next_of(std::size_t n) -> std::size_t { return ask(decision::order, n, n); }

    /// True once in n times, where the chooser thinks in such terms; an exhaustive one tries both answers.
    /// one_in(1) is true and no decision.
    auto one_in(std::size_t n) -> bool { return n == 1 || ask(decision::chance, 2, n) == 1; }

    /// One of two possibilities, both as likely.
    auto coin() -> bool { return choose(2) == 1; }

    /// A value low … high, both included; low is the simplest. Throws std::invalid_argument if high < low.
    template <std::integral Integer>
    auto between(Integer low, std::type_identity_t<Integer> high) -> Integer {
        if (high < low) refuse_empty_choice();
        auto const width = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
        return static_cast<Integer>(static_cast<std::uint64_t>(low) + choose(static_cast<std::size_t>(width) + 1));
    }

    /// One element of the range. Throws std::invalid_argument if it is empty.
    template <std::ranges::random_access_range Range>
        requires std::ranges::sized_range<Range>
    auto pick(Range&& range) -> std::ranges::range_reference_t<Range> {
        auto const index = choose(static_cast<std::size_t>(std::ranges::size(range)));
        return std::ranges::begin(range)[static_cast<std::ranges::range_difference_t<Range>>(index)];
    }

    /// What was decided so far.
    auto decisions() const noexcept -> trace const& { return decisions_; }

    /// Who is told of each handler that a simulation runs; null: nobody. Asked once, when the simulation is made.
    virtual auto observer() noexcept -> detail::step_observer* { return nullptr; }

protected:
    /// Answers with 0 … n − 1. `odds` is n, save for a chance, which has n = 2 and is expected to be 1 once in
    /// `odds` times (0: never). Called with n = 1 for an order only, so that a chooser can follow who ran.
    virtual auto decide(decision about, std::size_t n, std::size_t odds) -> std::size_t = 0;

    /// For choosers that run one schedule after another.
    void forget_decisions() noexcept { decisions_.clear(); }

private:
    auto ask(decision about, std::size_t n, std::size_t odds) -> std::size_t;
    [[noreturn]] static void refuse_empty_choice();

    trace decisions_;
};

}  // namespace sluice::testing
