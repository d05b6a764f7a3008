#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdint>
#include <vector>

#include "flow_windows.hpp"

// Flow's fixed_test.exs.

BOOST_AUTO_TEST_SUITE(flow_fixed_windows_conformance_tests)

using namespace flow_windows_conformance;

namespace {

// When an event is.
auto always(int) -> std::int64_t { return 0; }
auto ordered(int event) -> std::int64_t { return event <= 50 ? event : 1000 + event; }
auto unordered(int event) -> std::int64_t { return event <= 40 || event > 80 ? 0 : 2000; }

auto single() { return flow::fixed_windows(1s, always); }
auto doubled() { return flow::fixed_windows(1s, ordered); }
auto mixed(std::chrono::nanoseconds lateness = 0s) {
    return flow::fixed_windows(1s, unordered, {.lateness = lateness});
}
auto every_12() { return flow::trigger_every(12); }

/// Two stages before the one with the windows.
auto of_two(std::size_t max_demand) {
    return one_to(100) | flow::shuffle({.stages = 2, .max_demand = max_demand, .min_demand = 0}) | flow::map(same) |
           flow::partition({.stages = 1, .max_demand = max_demand, .min_demand = 0}, always);
}

strings const mixed_every_12{"78: fixed 0, every 12",     "300: fixed 0, every 12",     "666: fixed 0, every 12",
                             "558: fixed 2000, every 12", "1260: fixed 2000, every 12", "2106: fixed 2000, every 12",
                             "1496: fixed 0, every 12",   "2630: fixed 0, every 12",    "2630: fixed 0, done",
                             "0: fixed 1000, done",       "2420: fixed 2000, done"};

template <class F, class Fits>
void in_many_simulations(F const& f, Fits const& fits) {
    auto const test = [&](collector const& collect) { BOOST_TEST(fits(collect(f))); };
    in_many_orders([](void const* t, auto const& collect) { (*static_cast<decltype(test)*>(t))(collect); }, &test);
}

}  // namespace

BOOST_AUTO_TEST_CASE(d11_01_with_multiple_mappers_and_reducers) {
    gives_in_total(one_to(100) | flow::shuffle({.stages = 4, .max_demand = 5}) | flow::map(same) |
                       flow::partition({.stages = 4}) | single() | sum(),
                   5050);
}
BOOST_AUTO_TEST_CASE(d11_02_every_10_with_large_demand) { fires_every_10(single()); }
BOOST_AUTO_TEST_CASE(d11_03_every_10_with_small_demand) { fires_every_10_in_small_batches(single()); }
BOOST_AUTO_TEST_CASE(d11_04_a_trigger_sees_raw_events) { a_trigger_sees_events_before_the_steps(single()); }
BOOST_AUTO_TEST_CASE(d11_05_trigger_names) { names_its_triggers(single(), "fixed 0"); }
BOOST_AUTO_TEST_CASE(d11_06_trigger_based_on_intervals) { fires_by_the_clock(single()); }
BOOST_AUTO_TEST_CASE(d11_07_trigger_by_hand) { fires_by_a_sample(single(), "fixed 0"); }

BOOST_AUTO_TEST_CASE(d11_08_two_windows_with_large_demand) {
    gives(one_to(100) | large() | doubled() | sum(), numbers{1275, 3775});
}
BOOST_AUTO_TEST_CASE(d11_09_every_12_with_large_demand) {
    gives(
        one_to(100) | large() | doubled() | every_12() | sum() | words(),
        strings{"78: fixed 0, every 12", "300: fixed 0, every 12", "666: fixed 0, every 12", "1176: fixed 0, every 12",
                "678: fixed 1000, every 12", "1500: fixed 1000, every 12", "2466: fixed 1000, every 12",
                "3576: fixed 1000, every 12", "1275: fixed 0, done", "3775: fixed 1000, done"});
}
BOOST_AUTO_TEST_CASE(d11_10_two_windows_with_small_demand) {
    gives(one_to(100) | small() | doubled() | sum(), numbers{1275, 3775});
}
BOOST_AUTO_TEST_CASE(d11_11_every_12_with_small_demand) {
    gives(
        one_to(100) | small() | doubled() | every_12() | sum() | words(),
        strings{"78: fixed 0, every 12", "300: fixed 0, every 12", "666: fixed 0, every 12", "1176: fixed 0, every 12",
                "1275: fixed 0, done", "678: fixed 1000, every 12", "1500: fixed 1000, every 12",
                "2466: fixed 1000, every 12", "3576: fixed 1000, every 12", "3775: fixed 1000, done"});
}
BOOST_AUTO_TEST_CASE(d11_12_triggers_for_all_windows) {
    begins_with(
        one_to_and_silence(100, 60s) | small() | doubled() | flow::trigger_periodically(100ms) | sum() | words(),
        strings{"1275: fixed 0, done", "3775: fixed 1000, periodically 100 ms"});
}

BOOST_AUTO_TEST_CASE(d11_13_unordered_with_large_demand) {
    gives(one_to(100) | large() | mixed() | sum(), numbers{2630, 0, 2420});
}
BOOST_AUTO_TEST_CASE(d11_15_unordered_with_small_demand) {
    gives(one_to(100) | small() | mixed() | sum(), numbers{820, 0, 2420});
}
BOOST_AUTO_TEST_CASE(d11_17_unordered_triggers_for_all_windows) {
    begins_with(one_to_and_silence(100, 60s) | small() | mixed() | flow::trigger_periodically(100ms) | sum() | words(),
                strings{"820: fixed 0, done", "0: fixed 1000, done", "2420: fixed 2000, periodically 100 ms"});
}

BOOST_AUTO_TEST_CASE(d11_18_two_stages_before_with_large_demand) {
    in_many_simulations(of_two(4000) | mixed() | sum(), [](numbers const& all) {
        return all == numbers{2630, 0, 2420};
    });
}
BOOST_AUTO_TEST_CASE(d11_19_two_stages_before_every_12_with_large_demand) {
    in_many_simulations(of_two(4000) | mixed() | every_12() | sum() | words(),
                        [](strings const& all) { return all == mixed_every_12; });
}
BOOST_AUTO_TEST_CASE(d11_20_two_stages_before_with_a_demand_of_100) {
    in_many_simulations(of_two(100) | mixed() | sum(), [](numbers const& all) {
        return all == numbers{2630, 0, 2420} || all == numbers{820, 0, 2420};
    });
}
BOOST_AUTO_TEST_CASE(d11_21_two_stages_before_with_small_demand) {
    // How far one of the stages is ahead is open, and so is what is late.
    in_many_simulations(of_two(5) | mixed() | sum(), [](numbers const& all) {
        return all.size() == 3 && all[0] >= 820 && all[0] <= 2630 && all[1] == 0 && all[2] == 2420;
    });
}

BOOST_AUTO_TEST_CASE(d11_22_lateness_with_large_demand) {
    gives(one_to(100) | large() | mixed(1h) | sum(), numbers{2630, 0, 2630, 0, 2420});
}
BOOST_AUTO_TEST_CASE(d11_24_lateness_with_small_demand) {
    gives(one_to(100) | small() | mixed(1h) | sum(), numbers{820, 0, 2630, 0, 2420});
}
BOOST_AUTO_TEST_CASE(d11_25_lateness_every_12_with_small_demand) {
    gives(one_to(100) | small() | mixed(1h) | every_12() | sum() | words(),
          strings{"78: fixed 0, every 12", "300: fixed 0, every 12", "666: fixed 0, every 12",
                  "820: fixed 0, watermark", "0: fixed 1000, watermark", "558: fixed 2000, every 12",
                  "1260: fixed 2000, every 12", "2106: fixed 2000, every 12", "1496: fixed 0, every 12",
                  "2630: fixed 0, every 12", "2630: fixed 0, done", "0: fixed 1000, done", "2420: fixed 2000, done"});
}

BOOST_AUTO_TEST_SUITE_END()
