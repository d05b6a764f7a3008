#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <sluice/testing/choosers.hpp>
#include <sluice/testing/shrink.hpp>

namespace {

using namespace sluice::testing;

auto long_trace() -> trace {
    random_chooser decider{3};
    for (int i = 0; i < 200; ++i) decider.choose(8);
    return decider.decisions();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(testing_shrink)

BOOST_AUTO_TEST_CASE(one_decision_that_matters_is_all_that_is_left) {
    auto failing = long_trace();
    failing[120] = {7, 8};
    auto const fails = [](trace const& t) { return t.size() > 120 && t[120].taken >= 5; };
    auto const simplest = shrink(failing, fails);
    BOOST_TEST(fails(simplest));
    BOOST_TEST(simplest.size() == 121U);
    BOOST_TEST(simplest.deviations() == 1U);
    BOOST_TEST(simplest[120].taken >= 5U);
}

BOOST_AUTO_TEST_CASE(what_does_not_depend_on_its_place_moves_to_the_front) {
    auto failing = long_trace();
    failing[150] = {6, 8};
    auto const fails = [](trace const& t) {
        return std::any_of(t.begin(), t.end(), [](taken_choice const& choice) { return choice.taken == 6; });
    };
    auto const simplest = shrink(failing, fails);
    BOOST_TEST(to_string(simplest) == "6/8");
}

BOOST_AUTO_TEST_CASE(two_decisions_that_matter_together_are_kept_together) {
    auto failing = long_trace();
    failing[10] = {7, 8};
    failing[90] = {7, 8};
    auto const fails = [](trace const& t) { return t.size() > 90 && t[10].taken > 0 && t[90].taken > 0; };
    auto const simplest = shrink(failing, fails);
    BOOST_TEST(fails(simplest));
    BOOST_TEST(simplest.deviations() == 2U);
    BOOST_TEST(simplest[10].taken == 1U);
}

BOOST_AUTO_TEST_CASE(the_number_of_attempts_is_kept) {
    std::size_t calls = 0;
    shrink(
        long_trace(),
        [&](trace const& t) {
            ++calls;
            return t.size() > 100;
        },
        25);
    BOOST_TEST(calls == 25U);
}

BOOST_AUTO_TEST_CASE(a_trace_of_which_nothing_can_go_stays) {
    auto const failing = parse_trace("1/2 1/3");
    BOOST_CHECK(shrink(failing, [&](trace const& t) { return t == failing; }) == failing);
    BOOST_CHECK(shrink(trace{}, [](trace const&) { return true; }).empty());
}

BOOST_AUTO_TEST_SUITE_END()
