// The net must catch: each bug that can be switched on in the runtime is found within its budget of schedules.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <ostream>
#include <sluice/core/planted.hpp>

#include "exploring.hpp"
#include "fans.hpp"
#include "supervised.hpp"

using namespace graphs;
using sluice::core::planted_bug;

namespace {

struct bug {
    char const* name;
    planted_bug which;
    friend auto operator<<(std::ostream& out, bug const& b) -> std::ostream& { return out << b.name; }
};

#define PLANTED(name) \
    bug { #name, planted_bug::name }
constexpr bug all_bugs[] = {
    PLANTED(lost_wake_up),
    PLANTED(ask_twice),
    PLANTED(ask_forgotten),
    PLANTED(ask_too_late),
    PLANTED(demand_not_reused),
    PLANTED(demand_not_used_up),
    PLANTED(end_overtakes_events),
    PLANTED(end_twice),
    PLANTED(events_dropped_on_cancel),
    PLANTED(order_reversed),
    PLANTED(emit_returns_early),
    PLANTED(acknowledged_early),
    PLANTED(wrong_strand),
    PLANTED(stop_forgotten),
    PLANTED(calls_kept),
    PLANTED(renewal_forgotten),
    PLANTED(open_batch_forgotten),
};
/// Those of the dispatchers, which only their own scenarios can show.
constexpr bug dispatcher_bugs[] = {
    PLANTED(broadcast_selector_swallows_demand), PLANTED(round_robin_turn_kept),
    PLANTED(partition_none_swallows_demand),     PLANTED(redelivery_forgotten),
    PLANTED(demand_whole_not_counted),           PLANTED(weighted_demand_not_used_up),
};
#undef PLANTED

/// Switches a bug on for its lifetime.
class planted {
public:
    explicit planted(planted_bug which) noexcept { sluice::core::active_bug = which; }
    planted(planted const&) = delete;
    auto operator=(planted const&) -> planted& = delete;
    ~planted() { sluice::core::active_bug = planted_bug::none; }
};

constexpr std::size_t budget = 2000;

auto hunt(profile const& may) -> exploration_report {
    explore_options const options{
        .seeds = budget, .simulation = within_bounds, .shrink_attempts = 0, .quiet = true, .heed_environment = false};
    return explore(options, [&](simulation& home) { run_random_graph(home, may); });
}

/// The same for what may go wrong in a dispatcher.
auto hunt(fans::profile const& may) -> exploration_report {
    explore_options const options{
        .seeds = budget, .simulation = within_bounds, .shrink_attempts = 0, .quiet = true, .heed_environment = false};
    return explore(options, [&](simulation& home) { fans::run_random_fan(home, may); });
}

constexpr explore_options orders_quietly{.seeds = schedules(500),
                                         .simulation = order_alone(),
                                         .shrink_attempts = 0,
                                         .quiet = true,
                                         .heed_environment = false};

auto run_of(graph_plan const& plan) {
    return [&plan](simulation& home) {
        graph tiny{home, plan};
        tiny.run();
    };
}

/// The orders of a tiny graph, the first of them or the reduced search's.
auto hunt_all(graph_plan const& plan, bool reduced) -> exploration_report {
    auto options = orders_quietly;
    options.one_of_equivalent_orders = reduced;
    return explore_exhaustively(reduced ? 5000 : schedules(1500), run_of(plan), options);
}

auto hunt_at_random(graph_plan const& plan) -> exploration_report { return explore(orders_quietly, run_of(plan)); }

constexpr profile hunting_grounds[] = {{}, {.stops = 3, .stop_run = true}, {.cancels = 4, .debts = true}, anything};

}  // namespace

BOOST_AUTO_TEST_SUITE(planted_bugs)

BOOST_AUTO_TEST_CASE(without_a_bug_nothing_is_found) {
    for (auto const& may : hunting_grounds) {
        auto const report = hunt(may);
        BOOST_TEST(report.passed(), report);
    }
}

BOOST_DATA_TEST_CASE(each_planted_bug_is_found, boost::unit_test::data::make(all_bugs), sample) {
    planted const now{sample.which};
    bool found = false;
    for (auto const& may : hunting_grounds) {
        auto const report = hunt(may);
        if (report.passed()) continue;
        found = true;
        BOOST_TEST_MESSAGE(sample.name << ": after " << report.schedules << " schedules of ground "
                                       << &may - hunting_grounds << ": " << report.first_failure->text);
        break;
    }
    BOOST_TEST(found, sample.name << " was not found");
}

BOOST_DATA_TEST_CASE(each_planted_bug_of_a_dispatcher_is_found, boost::unit_test::data::make(dispatcher_bugs), sample) {
    fans::profile const may{.redeliver = sample.which == planted_bug::redelivery_forgotten};
    BOOST_TEST(hunt(may).passed());
    planted const now{sample.which};
    auto const report = hunt(may);
    BOOST_TEST(!report.passed(), sample.name << " was not found");
    BOOST_TEST_MESSAGE(sample.name << ": after " << report.schedules << " schedules");
}

BOOST_AUTO_TEST_CASE(the_planted_bug_of_supervision_is_found) {
    explore_options const options{
        .seeds = budget, .simulation = within_bounds, .shrink_attempts = 0, .quiet = true, .heed_environment = false};
    BOOST_TEST(explore(options, supervised_scenarios::run_chain).passed());
    planted const now{planted_bug::restart_not_rewired};
    auto const report = explore(options, supervised_scenarios::run_chain);
    BOOST_TEST(!report.passed());
    BOOST_TEST_MESSAGE("restart_not_rewired: after " << report.schedules << " schedules");
}

BOOST_AUTO_TEST_CASE(the_planted_bug_of_adaptive_demand_is_found) {
    BOOST_TEST(hunt(adaptive_graphs).passed());
    planted const now{planted_bug::adaptive_bound_forgotten};
    auto const report = hunt(adaptive_graphs);
    BOOST_TEST(!report.passed());
    BOOST_TEST_MESSAGE("adaptive_bound_forgotten: after " << report.schedules << " schedules");
}

BOOST_DATA_TEST_CASE(what_all_orders_of_a_tiny_graph_show_the_reduced_search_shows,
                     boost::unit_test::data::make(all_bugs), sample) {
    planted const now{sample.which};
    std::vector<graph_plan> plans;
    for (bool const handlers : {false, true}) {
        for (std::size_t const events : {0, 1}) {
            plans.push_back(tiny(1, 1, events, handlers));
            plans.push_back(tiny(2, 1, events, handlers));
            plans.push_back(tiny(1, 2, events, handlers));
            plans.push_back(tiny_chain(events, handlers));
        }
        plans.push_back(tiny(1, 1, 2, handlers));
    }
    std::size_t shown = 0;
    for (auto const& plan : plans) {
        auto const all = hunt_all(plan, false);
        auto const some = hunt_all(plan, true);
        auto const random = hunt_at_random(plan);
        if (!some.passed()) ++shown;
        BOOST_TEST(((all.passed() && random.passed()) || !some.passed()),
                   "graph " << &plan - plans.data() << " hides it from the reduced search: " << all << "; " << random);
    }
    BOOST_TEST_MESSAGE(sample.name << " shows in " << shown << " of " << plans.size() << " graphs");
}

BOOST_AUTO_TEST_SUITE_END()
