#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <limits>
#include <random>
#include <sluice/core/demand_controller.hpp>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using sluice::core::demand_controller;
using sluice::core::demand_limits;
using ns = std::chrono::nanoseconds;

namespace {

/// A consumer and its producer, as the controller sees them: half the window travels together, and while one half is
/// worked on the other one comes, or waits.
struct place {
    ns trip = 0ns;  // from the ask until the events are there
    ns per_batch = 0ns;
    ns per_event = 0ns;
    ns least_trip_an_event = 0ns;  // the producer makes no more
};

class run {
public:
    explicit run(demand_limits const& within) : controller_{within} {}

    void batches(place const& at, std::size_t count) {
        for (; count > 0; --count) {
            auto const window = controller_.window();
            auto const n = window - window / 2;
            auto const each = static_cast<ns::rep>(n);
            auto const work = at.per_batch + at.per_event * each;
            auto const trip = std::max(at.trip / 2, at.least_trip_an_event * each);
            auto const waited = trip < work ? work : 0ns;  // behind the batch before
            now_ += std::max(work, trip);
            controller_.arrived(n, now_ - work - waited);
            controller_.processed(n, now_);
            most_ = std::max(most_, controller_.window());
            least_ = std::min(least_, controller_.window());
        }
    }
    /// So many batches, then as many more of which the least and the most window are noted.
    void settle(place const& at, std::size_t count = 4000) {
        batches(at, count);
        most_ = least_ = controller_.window();
        batches(at, count);
    }
    auto window() const { return controller_.window(); }
    auto most() const { return most_; }
    auto least() const { return least_; }
    auto controller() -> demand_controller& { return controller_; }

private:
    demand_controller controller_;
    ns now_ = 1h;
    std::size_t most_ = 0;
    std::size_t least_ = std::numeric_limits<std::size_t>::max();
};

}  // namespace

BOOST_AUTO_TEST_SUITE(a_demand_controller)

BOOST_AUTO_TEST_CASE(begins_with_ten_where_its_limits_allow) {
    struct row {
        std::size_t least, most, begins;
    };
    for (auto const& [least, most, begins] : {row{1, 1000, 10}, row{1, 10, 10}, row{1, 3, 3}, row{50, 1000, 50},
                                              row{7, 7, 7}, row{1, 1, 1}, row{1, ~std::size_t{0}, 10}}) {
        BOOST_TEST(demand_controller({least, most, 1ms}).window() == begins);
    }
}

BOOST_AUTO_TEST_CASE(goes_where_throughput_and_waits_send_it) {
    struct row {
        char const* why;
        place at;
        demand_limits within;
        std::size_t at_least, at_most;  // its window, at any time after it has settled
    };
    row const rows[] = {
        {"a far producer: each doubling doubles the throughput",
         {.trip = 10ms, .per_event = 1ns},
         {1, 1000, 1ms},
         1000,
         1000},
        {"a far producer, without end", {.trip = 10ms, .per_event = 1ns}, {1, 1'000'000, 1ms}, 500'000, 1'000'000},
        {"a far producer that makes one event a microsecond: 10 ms are 10,000 events",
         {.trip = 10ms, .per_event = 1ns, .least_trip_an_event = 1us},
         {1, 1'000'000, 1ms},
         10'000,
         41'000},
        {"a near producer that makes one event a millisecond: nothing to gain",
         {.per_event = 1us, .least_trip_an_event = 1ms},
         {1, 1000, 1ms},
         10,
         20},
        {"a slow consumer: 10 us an event, 1 ms: 100 events wait so long", {.per_event = 10us}, {1, 1000, 1ms}, 5, 100},
        {"a slower one: 1 ms an event", {.per_event = 1ms}, {1, 1000, 5ms}, 2, 6},
        {"one that cannot keep the target", {.per_event = 1s}, {1, 1000, 1ms}, 1, 3},
        {"its least is kept", {.per_event = 1s}, {4, 1000, 1ms}, 4, 6},
        {"what a batch costs is shared by more events",
         {.per_batch = 10us, .per_event = 100ns},
         {1, 10'000, 10ms},
         400,
         5000},
        {"a batch takes longer than the target, whatever its size",
         {.per_batch = 50ms, .per_event = 1us},
         {1, 1000, 10ms},
         400,
         1000},
        {"nothing can change", {.trip = 10ms}, {8, 8, 1ms}, 8, 8},
    };
    for (auto const& row : rows) {
        BOOST_TEST_CONTEXT(row.why) {
            run one{row.within};
            one.settle(row.at);
            BOOST_TEST(one.least() >= row.at_least);
            BOOST_TEST(one.most() <= row.at_most);
        }
    }
}

BOOST_AUTO_TEST_CASE(doubles_while_that_pays) {
    run one{{1, 1000, 1ms}};
    std::vector<std::size_t> windows{one.window()};
    place const far{.trip = 10ms};
    while (one.window() < 1000 && windows.size() < 100) {
        one.batches(far, 1);
        if (one.window() != windows.back()) windows.push_back(one.window());
    }
    BOOST_TEST(windows == (std::vector<std::size_t>{10, 20, 40, 80, 160, 320, 640, 1000}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(follows_when_the_consumer_becomes_slower_and_faster_again) {
    place const fast{.trip = 10ms, .per_event = 10ns}, slow{.per_event = 100us};
    run one{{1, 1000, 2ms}};
    one.settle(fast);
    BOOST_TEST(one.window() == 1000u);
    one.settle(slow);
    BOOST_TEST(one.most() <= 20u);
    one.settle(fast);
    BOOST_TEST(one.window() == 1000u);
}

BOOST_AUTO_TEST_CASE(gives_a_step_back_that_gains_nothing_and_tries_again_after_eight_rounds) {
    run one{{1, 1000, 1s}};
    place const source_bound{.per_event = 1us, .least_trip_an_event = 1ms};
    std::size_t changes = 0, before = one.window();
    for (int round = 0; round < 200; ++round) {
        one.batches(source_bound, 2);  // a window
        if (one.window() != before) ++changes;
        before = one.window();
        BOOST_TEST((before == 10u || before == 20u));
    }
    BOOST_TEST(changes >= 10u);
    BOOST_TEST(changes <= 40u);
}

BOOST_AUTO_TEST_CASE(one_long_wait_changes_nothing_two_rounds_of_them_do) {
    place const usual{.per_event = 10us}, interrupted{.per_batch = 20ms, .per_event = 10us};
    run one{{1, 40, 1ms}};
    one.settle(usual);
    auto const before = one.window();
    for (int i = 0; i < 50; ++i) {
        one.batches(interrupted, 1);
        one.batches(usual, 500);
        BOOST_TEST(one.window() * 2 > before);
    }
    one.batches({.per_event = 100us}, 40);
    BOOST_TEST(one.window() <= 12u);
}

BOOST_AUTO_TEST_CASE(a_clock_that_stands_still_changes_nothing) {
    demand_controller idle{{1, 1000, 1ms}};
    for (int i = 0; i < 10'000; ++i) {
        idle.arrived(10, 5ms);
        BOOST_TEST(!idle.processed(10, 5ms));
    }
    BOOST_TEST(idle.window() == 10u);
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_set_back_begins_the_round_again) {
    demand_controller one{{1, 1000, 1ms}};
    auto feed = [&one](ns now) {
        one.arrived(10, now);
        return one.processed(10, now);
    };
    feed(10s);
    BOOST_TEST(!feed(9s));
    BOOST_TEST(!feed(9s + 1us));
    BOOST_TEST(feed(9s + 1ms));
    BOOST_TEST(one.window() == 20u);
}

BOOST_AUTO_TEST_CASE(a_clock_that_jumps_ahead_costs_one_step_at_most) {
    run one{{1, 1000, 1ms}};
    place const far{.trip = 10ms};
    one.settle(far);
    one.batches({.per_batch = std::chrono::hours(24 * 365)}, 1);
    BOOST_TEST(one.window() >= 500u);
    one.settle(far);
    BOOST_TEST(one.window() == 1000u);
}

BOOST_AUTO_TEST_CASE(no_events_are_nothing) {
    demand_controller one{{1, 1000, 1ms}};
    ns now = 0ns;
    for (int i = 0; i < 100; ++i) {
        now += 1s;
        one.arrived(0, now);
        BOOST_TEST(!one.processed(0, now));
    }
    BOOST_TEST(one.window() == 10u);
}

BOOST_AUTO_TEST_CASE(events_whose_arrival_nobody_told_of_change_nothing) {
    demand_controller one{{1, 1000, 1ms}};
    for (int i = 0; i < 100; ++i) BOOST_TEST(!one.processed(100, i * 1s));
    BOOST_TEST(one.window() == 10u);
}

BOOST_AUTO_TEST_CASE(stays_within_its_limits_whatever_it_is_told) {
    std::mt19937_64 random{1};
    auto const extreme = [&]() -> std::uint64_t {
        std::uint64_t const known[] = {0, 1, 2, 10, 1000, ~std::uint64_t{0}, ~std::uint64_t{0} >> 1};
        return random() % 3 == 0 ? known[random() % std::size(known)] : random() >> (random() % 64);
    };
    for (int seed = 0; seed < 300; ++seed) {
        auto const a = std::max<std::uint64_t>(1, extreme()), b = std::max<std::uint64_t>(1, extreme());
        auto const target = ns(static_cast<ns::rep>(extreme()));
        demand_controller one{{std::min(a, b), std::max(a, b), target}};
        for (int i = 0; i < 300; ++i) {
            one.arrived(extreme(), ns(static_cast<ns::rep>(extreme())));
            one.processed(extreme(), ns(static_cast<ns::rep>(extreme())));
            BOOST_TEST_REQUIRE(one.window() >= std::min(a, b));
            BOOST_TEST_REQUIRE(one.window() <= std::max(a, b));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
