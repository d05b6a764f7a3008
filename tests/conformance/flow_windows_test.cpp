#include <boost/test/unit_test.hpp>
#include <chrono>
#include <utility>

#include "flow_windows.hpp"

// Flow's window_test.exs, global_test.exs, count_test.exs and periodic_test.exs.

BOOST_AUTO_TEST_SUITE(flow_windows_conformance_tests)

using namespace flow_windows_conformance;

namespace {

auto global() { return flow::global_window(); }
auto thousand() { return flow::count_windows(1000); }
auto fifty() { return flow::count_windows(50); }

strings const fifties{"1275: count 0, done", "3775: count 1, done", "0: count 2, done"};
strings const fifties_every_12{"78: count 0, every 12",   "300: count 0, every 12",  "666: count 0, every 12",
                               "1176: count 0, every 12", "1275: count 0, done",     "678: count 1, every 12",
                               "1500: count 1, every 12", "2466: count 1, every 12", "3576: count 1, every 12",
                               "3775: count 1, done",     "0: count 2, done"};

}  // namespace

BOOST_AUTO_TEST_CASE(d8_01_periodic_triggers_are_named_by_their_unit) {
    auto const with = [](auto const& trigger, std::string const& name) {
        auto const fired = one_to_and_silence(1, 25h) | large() | trigger | sum() | words();
        begins_with(fired, strings{"1: global, " + name, "1: global, " + name});
    };
    with(flow::trigger_periodically(10s), "periodically 10 s");
    with(flow::trigger_periodically(10min), "periodically 10 min");
    with(flow::trigger_periodically(10h), "periodically 10 h");
}
BOOST_AUTO_TEST_CASE(d8_03_what_a_window_gets_is_changed_before_it) {
    auto const appended = flow::from(strings{"a", "b", "c"}) | large() | flow::flat_map([](std::string const& event) {
                              return event == "c" ? strings{"c", "elixir"} : strings{event};
                          }) |
                          flow::trigger_every(2) |
                          flow::reduce(std::string(), [](std::string& all, auto const& event) { all += event; }) |
                          flow::on_trigger([](std::string& all) { return strings{std::exchange(all, {})}; });
    gives(appended, strings{"ab", "celixir", ""});
}

BOOST_AUTO_TEST_CASE(d9_01_every_10_with_large_demand) { fires_every_10(global()); }
BOOST_AUTO_TEST_CASE(d9_02_every_10_with_small_demand) { fires_every_10_in_small_batches(global()); }
BOOST_AUTO_TEST_CASE(d9_04_every_10_begun_anew) { fires_every_10_and_begins_anew(global()); }
BOOST_AUTO_TEST_CASE(d9_05_a_trigger_sees_raw_events) { a_trigger_sees_events_before_the_steps(global()); }
BOOST_AUTO_TEST_CASE(d9_06_trigger_names) { names_its_triggers(global(), "global"); }
BOOST_AUTO_TEST_CASE(d9_07_trigger_based_on_intervals) { fires_by_the_clock(global()); }
BOOST_AUTO_TEST_CASE(d9_08_trigger_by_hand) { fires_by_a_sample(global(), "global"); }

BOOST_AUTO_TEST_CASE(d10_01_with_multiple_mappers_and_reducers) {
    gives_in_total(one_to(100) | flow::shuffle({.stages = 4, .max_demand = 5}) | flow::map(same) |
                       flow::partition({.stages = 4}) | thousand() | sum(),
                   5050);
}
BOOST_AUTO_TEST_CASE(d10_02_every_10_with_large_demand) { fires_every_10(thousand()); }
BOOST_AUTO_TEST_CASE(d10_03_every_10_with_small_demand) { fires_every_10_in_small_batches(thousand()); }
BOOST_AUTO_TEST_CASE(d10_04_every_10_begun_anew_with_large_demand) {
    gives(one_to(100) | large() | thousand() | flow::trigger_every(10) | sum() | anew(), begun_anew);
}
BOOST_AUTO_TEST_CASE(d10_05_every_10_begun_anew_with_small_demand) { fires_every_10_and_begins_anew(thousand()); }
BOOST_AUTO_TEST_CASE(d10_06_a_trigger_sees_raw_events) { a_trigger_sees_events_before_the_steps(thousand()); }
BOOST_AUTO_TEST_CASE(d10_07_trigger_names) { names_its_triggers(thousand(), "count 0"); }
BOOST_AUTO_TEST_CASE(d10_08_trigger_based_on_intervals) { fires_by_the_clock(thousand()); }
BOOST_AUTO_TEST_CASE(d10_09_trigger_by_hand) { fires_by_a_sample(thousand(), "count 0"); }
BOOST_AUTO_TEST_CASE(d10_10_reduces_per_window_with_large_demand) {
    gives(one_to(100) | large() | fifty() | sum(), numbers{1275, 3775, 0});
    gives(one_to(100) | large() | fifty() | sum() | words(), fifties);
}
BOOST_AUTO_TEST_CASE(d10_12_reduces_per_window_with_small_demand) {
    gives(one_to(100) | small() | fifty() | sum(), numbers{1275, 3775, 0});
}
BOOST_AUTO_TEST_CASE(d10_13_triggers_per_window_with_small_demand) {
    gives(one_to(100) | small() | fifty() | flow::trigger_every(12) | sum() | words(), fifties_every_12);
    gives(one_to(100) | large() | fifty() | flow::trigger_every(12) | sum() | words(), fifties_every_12);
}

BOOST_AUTO_TEST_CASE(d12_01_periodic_windows_begin_with_nothing) {
    auto const f = one_to_and_silence(10, 60s) | large() | flow::periodic_windows(100ms) | sum() |
                   flow::on_trigger([](int& sum, flow::trigger_info const& at) {
                       BOOST_TEST(at.stage == 0u);
                       BOOST_TEST(at.stages == 1u);
                       return in_words(sum, at);
                   });
    begins_with(f, strings{"55: periodic 0, done", "0: periodic 1, done", "0: periodic 2, done"});
}

BOOST_AUTO_TEST_SUITE_END()
