// The comparison must catch: each step that is wrong is found within its budget of random flows.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <sluice/testing/explore.hpp>

#include "grown.hpp"

using namespace equivalence;

namespace {

struct wrong_step {
    char const* name;
    wrong which;
    friend auto operator<<(std::ostream& out, wrong_step const& w) -> std::ostream& { return out << w.name; }
};

#define WRONG(name) \
    wrong_step { #name, wrong::name }
constexpr wrong_step all_wrong_steps[] = {
    WRONG(take_one_more),      WRONG(pause_loses_an_event),    WRONG(pause_ends_a_range),
    WRONG(neighbours_swapped), WRONG(last_event_kept),         WRONG(hash_that_wanders),
    WRONG(merge_that_forgets), WRONG(join_without_the_lonely), WRONG(answers_as_they_come),
    WRONG(batch_cut_short),    WRONG(sessions_not_merged),
};
#undef WRONG

/// Switches a wrong step on for its lifetime.
class active {
public:
    explicit active(wrong which) noexcept { active_wrong = which; }
    active(active const&) = delete;
    auto operator=(active const&) -> active& = delete;
    ~active() { active_wrong = wrong::nothing; }
};

auto hunt() {
    sluice::testing::explore_options const options{.seeds = 2000,
                                                   .simulation = {.step_budget = 200'000},
                                                   .shrink_attempts = 0,
                                                   .quiet = true,
                                                   .heed_environment = false};
    return sluice::testing::explore(options, run_on_simulation);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wrong_steps)

BOOST_DATA_TEST_CASE(each_wrong_step_is_found, boost::unit_test::data::make(all_wrong_steps), sample) {
    active const now(sample.which);
    auto const report = hunt();
    BOOST_REQUIRE_MESSAGE(!report.passed(), sample.name << " was not found");
    BOOST_TEST_MESSAGE(sample.name << ": after " << report.schedules << " flows: " << report.first_failure->text);
}

BOOST_AUTO_TEST_SUITE_END()
