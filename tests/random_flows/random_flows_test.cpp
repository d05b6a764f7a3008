// Random flows over random data give what the same pipelines give that are written with plain loops.
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <sluice/testing/choosers.hpp>
#include <sluice/testing/explore.hpp>
#include <sluice/thread_pool.hpp>
#include <string>

#include "grown.hpp"
#include "support/sanitized.hpp"

using namespace equivalence;

namespace {

/// As explore() heeds them. SLUICE_SCHEDULES=100000 is the long run.
auto from_environment(char const* name, std::uint64_t otherwise) -> std::uint64_t {
    auto const* const text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): read only
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// The flow of a seed. One that does not end leaves nothing to go on with.
auto run_on_pool(std::uint64_t seed, sluice::thread_pool& pool) -> bool {
    sluice::testing::random_chooser decide(seed);
    auto const g = grow(decide);
    auto const wait = [&](auto const& has_ended) {
        if (has_ended(std::chrono::seconds(100))) return;
        std::cerr << "SLUICE_SEED=" << seed << " does not end on a pool: " << g.text << std::endl;
        std::abort();
    };
    try {
        run_and_compare(decide, g, pool.get_executor(), wait);
    } catch (std::exception const& error) {
        BOOST_TEST_MESSAGE("SLUICE_SEED=" << seed << " on a pool: " << error.what());
        return false;
    }
    return true;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(random_flows)

BOOST_AUTO_TEST_CASE(a_flow_gives_what_plain_loops_give_in_whatever_order_its_stages_run) {
    sluice::testing::explore_options const options{
        .name = "random flows", .seeds = support::is_sanitized ? 300 : 5000, .simulation = {.step_budget = 200'000}};
    auto const report = sluice::testing::explore(options, run_on_simulation);
    BOOST_TEST_MESSAGE("random flows: " << report);
    BOOST_TEST(report.passed());
}

BOOST_AUTO_TEST_CASE(a_flow_gives_what_plain_loops_give_on_threads) {
    sluice::thread_pool one(1);
    sluice::thread_pool three(3);
    auto const only = from_environment("SLUICE_SEED", 0);
    auto const first = only ? only : from_environment("SLUICE_FIRST_SEED", 1);
    auto const count = only ? 1 : from_environment("SLUICE_SCHEDULES", support::is_sanitized ? 500 : 3000);
    std::size_t failures = 0;
    for (auto seed = first; seed < first + count; ++seed) failures += !run_on_pool(seed, seed % 4 == 0 ? one : three);
    BOOST_TEST(failures == 0u);
    BOOST_TEST_MESSAGE(count << " random flows on threads");
}

BOOST_AUTO_TEST_SUITE_END()
