#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <random>
#include <sluice/core/demand_window.hpp>
#include <vector>

namespace core = sluice::core;
using core::demand_window;
using sizes = std::vector<std::size_t>;

namespace {

/// What a consumer does with events that have arrived together: the sizes of its batches, and its asks.
struct handled {
    sizes batches;
    sizes asks;
};

auto handle(demand_window& window, std::size_t arrived) -> handled {
    auto result = handled{};
    window.arrived(arrived);
    while (arrived > 0) {
        const auto batch = window.cut(arrived);
        result.batches.push_back(batch);
        if (const auto ask = window.processed(batch); ask > 0) result.asks.push_back(ask);
        arrived -= batch;
    }
    return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_demand_window)

BOOST_AUTO_TEST_CASE(defaults_to_a_max_of_1000_and_a_min_of_half) {
    BOOST_TEST(demand_window{}.max() == 1000u);
    BOOST_TEST(demand_window{}.min() == 500u);
    BOOST_TEST(demand_window{10}.min() == 5u);
    BOOST_TEST(demand_window{5}.min() == 2u);
    BOOST_TEST(demand_window{1}.min() == 0u);
}

BOOST_AUTO_TEST_CASE(asks_for_max_at_first) {
    for (const std::size_t max : {1u, 2u, 10u, 1000u}) {
        auto window = demand_window{max, max - 1};
        BOOST_TEST(window.outstanding() == 0u);
        BOOST_TEST(window.open() == max);
        BOOST_TEST(window.outstanding() == max);
        BOOST_TEST(window.awaited() == max);
    }
}

BOOST_AUTO_TEST_CASE(cuts_batches_of_at_most_max_minus_min_and_asks_again_at_min) {
    struct row {
        std::size_t max, min, arrived;
        sizes batches, asks;
    };
    const row rows[] = {
        {10, 7, 10, {3, 3, 3, 1}, {3, 3, 3}},
        {10, 0, 10, {10}, {10}},
        {10, 9, 10, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
        {5, 2, 5, {3, 2}, {3}},
        {3, 1, 3, {2, 1}, {2}},
        {1, 0, 1, {1}, {1}},
        {1000, 500, 1000, {500, 500}, {500, 500}},
        {4, 2, 1, {1}, {}},
        {4, 2, 2, {2}, {2}},
    };
    for (auto const& row : rows) {
        BOOST_TEST_CONTEXT("max " << row.max << ", min " << row.min) {
            auto window = demand_window{row.max, row.min};
            window.open();
            const auto result = handle(window, row.arrived);
            BOOST_TEST(result.batches == row.batches, boost::test_tools::per_element());
            BOOST_TEST(result.asks == row.asks, boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(asks_for_all_that_is_missing_to_max_once_it_asks) {
    auto window = demand_window{10, 7};
    window.open();
    BOOST_TEST(handle(window, 10).asks == (sizes{3, 3, 3}), boost::test_tools::per_element());
    BOOST_TEST(window.outstanding() == 9u);
    BOOST_TEST(handle(window, 1).asks.empty());
    BOOST_TEST(window.outstanding() == 8u);
    BOOST_TEST(handle(window, 2).asks == (sizes{4}), boost::test_tools::per_element());
    BOOST_TEST(window.outstanding() == 10u);
}

BOOST_AUTO_TEST_CASE(counts_demand_until_the_event_was_processed_not_until_it_arrived) {
    auto window = demand_window{4, 2};
    window.open();
    BOOST_TEST(window.arrived(4) == 0u);
    BOOST_TEST(window.outstanding() == 4u);
    BOOST_TEST(window.awaited() == 0u);
    BOOST_TEST(window.processed(1) == 0u);
    BOOST_TEST(window.outstanding() == 3u);
    BOOST_TEST(window.processed(1) == 2u);
    BOOST_TEST(window.outstanding() == 4u);
    BOOST_TEST(window.awaited() == 2u);
}

BOOST_AUTO_TEST_CASE(tells_how_many_arrivals_nobody_has_asked_for) {
    auto window = demand_window{10, 5};
    window.open();
    BOOST_TEST(window.arrived(4) == 0u);
    BOOST_TEST(window.arrived(7) == 1u);
    BOOST_TEST(window.arrived(3) == 3u);
    BOOST_TEST(window.outstanding() == 10u);
}

BOOST_AUTO_TEST_CASE(does_not_count_an_excess_as_demand_when_it_is_processed) {
    auto window = demand_window{10, 5};
    window.open();
    BOOST_TEST(window.arrived(12) == 2u);
    BOOST_TEST(window.processed(5) == 5u);
    BOOST_TEST(window.processed(5) == 5u);
    BOOST_TEST(window.processed(2) == 0u);
    BOOST_TEST(window.outstanding() == 10u);
    BOOST_TEST(window.awaited() == 10u);
    BOOST_TEST(window.arrived(10) == 0u);
    BOOST_TEST(window.arrived(core::unlimited) == core::unlimited);
    BOOST_TEST(window.outstanding() == 10u);
}

BOOST_AUTO_TEST_CASE(counts_events_that_are_processed_without_an_announced_arrival) {
    auto window = demand_window{10, 5};
    window.open();
    BOOST_TEST(window.processed(5) == 5u);
    BOOST_TEST(window.outstanding() == 10u);
    BOOST_TEST(window.awaited() == 10u);
}

BOOST_AUTO_TEST_CASE(forgets_an_excess_once_it_was_processed) {
    auto window = demand_window{10, 5};
    window.open();
    BOOST_TEST(window.arrived(12) == 2u);
    window.processed(5);
    window.processed(7);
    BOOST_TEST(window.outstanding() == 10u);
    BOOST_TEST(window.processed(5) == 5u);
}

BOOST_AUTO_TEST_CASE(asks_nothing_by_itself_when_manual) {
    auto window = demand_window::manual();
    BOOST_TEST(window.is_manual());
    BOOST_TEST(window.open() == 0u);
    BOOST_TEST(window.batch_limit() == core::unlimited);
    BOOST_TEST(window.arrived(1) == 1u);
    BOOST_TEST(window.processed(1) == 0u);
    BOOST_TEST(window.ask(3) == 3u);
    BOOST_TEST(window.ask(0) == 0u);
    BOOST_TEST(window.ask(4) == 4u);
    BOOST_TEST(window.outstanding() == 7u);
    BOOST_TEST(window.cut(1'000'000) == 1'000'000u);  // each message is one batch
    BOOST_TEST(window.arrived(8) == 1u);
    BOOST_TEST(window.processed(8) == 0u);
    BOOST_TEST(window.outstanding() == 0u);
}

BOOST_AUTO_TEST_CASE(saturates_what_is_asked_by_hand) {
    auto window = demand_window::manual();
    for (int i = 0; i < 1'000'000; ++i) window.ask(core::unlimited / 2);
    BOOST_TEST(window.outstanding() == core::unlimited);
    BOOST_TEST(window.arrived(core::unlimited) == 0u);
    window.processed(core::unlimited);
    BOOST_TEST(window.outstanding() == 0u);
}

BOOST_AUTO_TEST_CASE(may_be_as_wide_as_a_number_can_be) {
    auto window = demand_window{core::unlimited, core::unlimited - 1};
    BOOST_TEST(window.open() == core::unlimited);
    BOOST_TEST(window.batch_limit() == 1u);
    BOOST_TEST(window.arrived(1) == 0u);
    BOOST_TEST(window.processed(1) == 1u);
    BOOST_TEST(window.outstanding() == core::unlimited);
}

BOOST_AUTO_TEST_CASE(never_lets_more_than_max_be_under_way_and_never_stops_asking) {
    auto random = std::mt19937{42};
    for (int round = 0; round < 500; ++round) {
        const auto max = std::size_t{1} + random() % 50;
        const auto min = random() % max;
        auto window = demand_window{max, min};
        auto asked = window.open(), sent = std::size_t{0}, done = std::size_t{0};
        for (int step = 0; step < 200; ++step) {
            if (random() % 2 == 0) {
                const auto message = random() % (asked - sent + 1);
                BOOST_REQUIRE(window.arrived(message) == 0u);
                sent += message;
            } else if (sent > done) {
                const auto batch = window.cut(1 + random() % (sent - done));
                BOOST_REQUIRE(batch >= 1u);
                BOOST_REQUIRE(batch <= max - min);
                done += batch;
                asked += window.processed(batch);
            }
            BOOST_REQUIRE(window.outstanding() == asked - done);
            BOOST_REQUIRE(window.awaited() == asked - sent);
            BOOST_REQUIRE(asked - done <= max);
            BOOST_REQUIRE(asked - done > min);  // so at quiescence the producer always has demand
        }
    }
}

BOOST_AUTO_TEST_CASE(another_max_keeps_the_proportion_of_min) {
    struct row {
        std::size_t max, of_max, of_min, min;
    };
    constexpr auto huge = ~std::size_t{0} / 2;
    const row rows[] = {{10, 100, 50, 5},   {1, 100, 99, 0},  {99, 100, 99, 98},
                        {100, 100, 99, 99}, {3, 1000, 0, 0},  {2, 3, 2, 1},
                        {1, 1, 0, 0},       {10, huge, 0, 0}, {huge, huge, huge - 1, huge - 1}};
    for (auto const& row : rows) {
        BOOST_TEST_CONTEXT(row.max << " of " << row.of_max << ", " << row.of_min) {
            auto window = demand_window{row.of_max, row.of_min};
            window.resize(row.max, row.of_max, row.of_min);
            BOOST_TEST(window.max() == row.max);
            BOOST_TEST(window.min() == row.min);
            BOOST_TEST(window.open() == row.max);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_smaller_max_takes_nothing_back_and_asks_later) {
    auto window = demand_window{100, 50};
    window.open();
    window.resize(10, 100, 50);
    BOOST_TEST(window.outstanding() == 100u);
    BOOST_TEST(window.arrived(100) == 0u);
    BOOST_TEST(window.cut(100) == 5u);
    for (int i = 0; i < 18; ++i) BOOST_TEST(window.processed(5) == 0u);
    BOOST_TEST(window.outstanding() == 10u);
    BOOST_TEST(window.processed(5) == 5u);
    BOOST_TEST(window.outstanding() == 10u);
}

BOOST_AUTO_TEST_CASE(a_larger_max_asks_for_what_is_missing_to_it_with_the_next_batch) {
    auto window = demand_window{100, 50};
    window.resize(10, 100, 50);
    BOOST_TEST(window.open() == 10u);
    window.arrived(10);
    window.resize(100, 100, 50);
    BOOST_TEST(window.processed(1) == 91u);
    BOOST_TEST(window.outstanding() == 100u);
}

BOOST_AUTO_TEST_SUITE_END()
