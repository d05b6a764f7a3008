#pragma once
// Searches through all orders and through the reduced ones, side by side.

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <sluice/testing/reducing_chooser.hpp>
#include <sluice/testing/simulation.hpp>
#include <string>

#include "support/sanitized.hpp"

namespace reducing {

using namespace sluice::testing;

/// Fewer of what there are many of, under a sanitizer.
inline constexpr auto some_of(std::size_t n) -> std::size_t { return support::is_sanitized ? n / 10 : n; }

/// Runs a program and says in words what has come of it.
using program = std::function<std::string(simulation&)>;

struct findings {
    std::size_t schedules = 0;
    std::size_t redundant = 0;
    std::set<std::string> outcomes = {};
    std::set<std::uint64_t> classes = {};
    bool ambiguous = false;  // equivalent schedules with different outcomes
    bool exhausted = false;
};

inline auto search(program const& run, bool every_order, simulation_options const& options, std::size_t limit = 100'000)
    -> findings {
    findings found;
    std::map<std::uint64_t, std::string> outcome_of;
    reducing_chooser decider{every_order};
    while (found.schedules < limit && !found.exhausted) {
        std::string outcome;
        {
            simulation home{decider, options};
            outcome = run(home);
        }
        ++found.schedules;
        auto const [known, added] = outcome_of.try_emplace(decider.equivalence(), outcome);
        found.ambiguous = found.ambiguous || known->second != outcome;
        found.classes.insert(known->first);
        found.outcomes.insert(outcome);
        found.exhausted = !decider.next();
    }
    found.redundant = decider.redundant();
    return found;
}

/// Both searches see the same; the reduced one is told.
inline auto compare(program const& run, simulation_options const& options = order_alone()) -> findings {
    auto const all = search(run, true, options);
    auto const some = search(run, false, options);
    BOOST_TEST(all.exhausted);
    BOOST_TEST(some.exhausted);
    BOOST_TEST(!all.ambiguous);
    BOOST_TEST((some.outcomes == all.outcomes), some.outcomes.size() << " outcomes of " << all.outcomes.size());
    BOOST_TEST((some.classes == all.classes), some.classes.size() << " classes of " << all.classes.size());
    BOOST_TEST(some.schedules <= all.schedules);
    return some;
}

}  // namespace reducing
