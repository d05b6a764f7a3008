#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <set>
#include <sluice/testing/choosers.hpp>
#include <stdexcept>
#include <vector>

namespace {

using namespace sluice::testing;

/// Runs n handlers that are all ready at the beginning; returns the order.
auto order_of(chooser& decider, std::size_t n) -> std::vector<std::size_t> {
    std::vector<std::size_t> waiting;
    for (std::size_t i = 0; i < n; ++i) waiting.push_back(i);
    std::vector<std::size_t> order;
    while (!waiting.empty()) {
        auto const at = waiting.begin() + static_cast<std::ptrdiff_t>(decider.next_of(waiting.size()));
        order.push_back(*at);
        waiting.erase(at);
    }
    return order;
}

auto in_order(std::size_t n) -> std::vector<std::size_t> {
    fifo_chooser fifo;
    return order_of(fifo, n);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(testing_chooser)

BOOST_AUTO_TEST_CASE(every_answer_is_recorded_and_questions_without_choice_are_not) {
    random_chooser decider{1};
    BOOST_TEST(decider.choose(1) == 0U);
    BOOST_TEST(decider.next_of(1) == 0U);
    BOOST_TEST(decider.one_in(1));
    BOOST_TEST(decider.between(4, 4) == 4);
    BOOST_TEST(decider.decisions().empty());
    auto const taken = decider.choose(10);
    BOOST_TEST(decider.decisions().size() == 1U);
    BOOST_CHECK((decider.decisions()[0] == taken_choice{taken, 10}));
    decider.one_in(16);
    BOOST_TEST(decider.decisions()[1].options == 2U);
}

BOOST_AUTO_TEST_CASE(a_choice_from_nothing_is_refused) {
    fifo_chooser decider;
    std::vector<int> const nothing;
    BOOST_CHECK_THROW(decider.choose(0), std::invalid_argument);
    BOOST_CHECK_THROW(decider.next_of(0), std::invalid_argument);
    BOOST_CHECK_THROW(decider.between(2, 1), std::invalid_argument);
    BOOST_CHECK_THROW(decider.pick(nothing), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(between_includes_both_ends_also_of_signed_ranges) {
    random_chooser decider{7};
    std::set<int> seen;
    for (int i = 0; i < 200; ++i) seen.insert(decider.between(-2, 2));
    BOOST_TEST(seen == (std::set<int>{-2, -1, 0, 1, 2}), boost::test_tools::per_element());
    constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
    constexpr auto highest = std::numeric_limits<std::int64_t>::max() - 1;
    for (int i = 0; i < 200; ++i) BOOST_TEST(decider.between(lowest, highest) <= highest);
}

BOOST_AUTO_TEST_CASE(pick_takes_an_element_of_the_range) {
    std::array<char, 3> letters{'a', 'b', 'c'};
    random_chooser decider{7};
    std::set<char> seen;
    for (int i = 0; i < 100; ++i) seen.insert(decider.pick(letters));
    BOOST_TEST(seen.size() == 3U);
}

BOOST_AUTO_TEST_CASE(equal_seeds_decide_equally_and_different_ones_do_not) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        auto const a = chooser_for_seed(seed);
        auto const b = chooser_for_seed(seed);
        auto const c = chooser_for_seed(seed + 2);
        for (int i = 0; i < 40; ++i) {
            a->choose(1000);
            b->choose(1000);
            c->choose(1000);
        }
        BOOST_CHECK(a->decisions() == b->decisions());
        BOOST_CHECK(a->decisions() != c->decisions());
    }
}

BOOST_AUTO_TEST_CASE(a_random_chooser_gives_every_order_and_keeps_the_odds) {
    std::set<std::vector<std::size_t>> orders;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        random_chooser decider{seed};
        orders.insert(order_of(decider, 4));
    }
    BOOST_TEST(orders.size() == 24U);

    random_chooser decider{1};
    int hits = 0;
    for (int i = 0; i < 16'000; ++i) hits += decider.one_in(16) ? 1 : 0;
    BOOST_TEST(hits > 800);
    BOOST_TEST(hits < 1200);
}

BOOST_AUTO_TEST_CASE(first_in_first_out_is_the_order_of_age) {
    fifo_chooser decider;
    BOOST_TEST(order_of(decider, 5) == (std::vector<std::size_t>{0, 1, 2, 3, 4}), boost::test_tools::per_element());
    BOOST_TEST(decider.choose(9) == 0U);
    BOOST_TEST(!decider.one_in(16));
    fifo_chooser with_values{3};
    BOOST_CHECK(order_of(with_values, 5) == in_order(5));
    std::set<std::size_t> values;
    for (int i = 0; i < 100; ++i) values.insert(with_values.choose(9));
    BOOST_TEST(values.size() == 9U);
}

BOOST_AUTO_TEST_CASE(a_delay_chooser_keeps_the_order_of_all_but_a_few) {
    std::size_t untouched = 0;
    std::size_t one_delayed = 0;
    std::size_t held_to_the_end = 0;
    constexpr std::size_t n = 20;
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
        delay_chooser decider{seed};
        auto order = order_of(decider, n);
        if (order == in_order(n)) {
            ++untouched;
            continue;
        }
        // One delayed: without it, the rest is in order.
        for (std::size_t victim = 0; victim < n; ++victim) {
            auto rest = order;
            std::erase(rest, victim);
            if (!std::ranges::is_sorted(rest)) continue;
            ++one_delayed;
            if (order.back() == victim && victim + 2 < n) ++held_to_the_end;
            break;
        }
    }
    BOOST_TEST(untouched > 100U);
    BOOST_TEST(one_delayed > 200U);
    BOOST_TEST(held_to_the_end > 50U);
    BOOST_TEST(untouched + one_delayed < 1000U);  // and sometimes several
}

BOOST_AUTO_TEST_CASE(an_exhaustive_chooser_visits_each_sequence_of_answers_once) {
    std::set<std::vector<std::size_t>> orders;
    exhaustive_chooser decider;
    std::size_t runs = 0;
    do {
        orders.insert(order_of(decider, 4));
        ++runs;
    } while (decider.next());
    BOOST_TEST(runs == 24U);
    BOOST_TEST(orders.size() == 24U);
}

BOOST_AUTO_TEST_CASE(an_exhaustive_chooser_follows_branches_of_different_length_and_tries_rare_things) {
    exhaustive_chooser decider;
    std::set<std::vector<std::size_t>> paths;
    do {
        std::vector<std::size_t> path{decider.choose(3)};
        if (path[0] == 1) path.push_back(decider.choose(2));
        if (path[0] == 2) path.push_back(decider.one_in(1000) ? 1 : 0);
        paths.insert(path);
    } while (decider.next());
    BOOST_CHECK((paths == std::set<std::vector<std::size_t>>{{0}, {1, 0}, {1, 1}, {2, 0}, {2, 1}}));
}

BOOST_AUTO_TEST_CASE(an_exhaustive_chooser_says_when_the_scenario_is_not_deterministic) {
    exhaustive_chooser decider;
    decider.choose(2);
    decider.choose(2);
    BOOST_TEST(decider.next());
    BOOST_CHECK_THROW(decider.choose(3), std::logic_error);
}

BOOST_AUTO_TEST_CASE(bytes_decide_until_they_are_used_up_and_then_everything_is_zero) {
    std::array<std::byte, 4> const bytes{std::byte{7}, std::byte{1}, std::byte{2}, std::byte{15}};
    byte_chooser decider{bytes};
    BOOST_TEST(decider.choose(5) == 2U);         // 7 mod 5
    BOOST_TEST(decider.choose(1000) == 0x102U);  // two bytes for a larger choice
    BOOST_TEST(decider.one_in(16));
    BOOST_TEST(decider.choose(5) == 0U);
    BOOST_TEST(decider.next_of(5) == 0U);
    BOOST_TEST(!decider.one_in(16));
}

BOOST_AUTO_TEST_CASE(a_replay_repeats_a_trace_and_tells_when_the_questions_differ) {
    random_chooser original{5};
    auto const order = order_of(original, 8);
    replay_chooser same{original.decisions()};
    BOOST_CHECK(order_of(same, 8) == order);
    BOOST_TEST(!same.diverged());
    BOOST_CHECK(same.decisions() == original.decisions());

    replay_chooser smaller{parse_trace("5/6 1/2")};
    BOOST_TEST(smaller.choose(3) == 2U);  // the nearest that is possible
    BOOST_TEST(smaller.diverged());
    replay_chooser longer{parse_trace("1/2")};
    BOOST_TEST(longer.choose(2) == 1U);
    BOOST_TEST(!longer.diverged());
    BOOST_TEST(longer.choose(2) == 0U);
    BOOST_TEST(longer.diverged());
}

BOOST_AUTO_TEST_CASE(a_chooser_that_answers_out_of_range_is_found_out) {
    class wrong final : public chooser {
        auto decide(decision, std::size_t n, std::size_t) -> std::size_t override { return n; }
    };
    wrong decider;
    BOOST_CHECK_THROW(decider.choose(2), std::logic_error);
}

BOOST_AUTO_TEST_SUITE_END()
