// What GenStage's tests demand of its buffer, with their numbers. Temporary entries are events, permanent ones infos.
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <numeric>
#include <sluice/buffer_keep.hpp>
#include <sluice/core/event_buffer.hpp>
#include <string>
#include <utility>
#include <vector>

namespace {

using buffer = sluice::core::event_buffer<int, std::string>;
using sluice::buffer_keep;

/// Stores events; answers how many were in excess.
auto store(buffer& tested, std::vector<int> events) -> std::size_t {
    return tested.store(events, [](int&&) {}).discarded;
}

/// Takes up to `n` events: "events | infos | how many remain wanted".
auto take(buffer& tested, std::size_t n) -> std::string {
    auto text = std::string{};
    auto const taken = tested.take(n, [&](int&& event) { text += std::to_string(event) + ' '; });
    text += '|';
    for (auto const& info : taken.infos) text += ' ' + info;
    return text + " | " + std::to_string(taken.remaining);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(genstage_buffer)

BOOST_AUTO_TEST_CASE(d2_01_does_not_count_infos_in_its_size) {
    auto tested = buffer{10};
    store(tested, {1, 2});
    BOOST_TEST(tested.store_info("a"));
    BOOST_TEST(tested.store_info("b"));
    BOOST_TEST(tested.size() == 2u);
}

BOOST_AUTO_TEST_CASE(d2_02_keep_first_discards_what_comes_when_it_is_full) {
    auto tested = buffer{3, buffer_keep::first};
    BOOST_TEST(store(tested, {1, 2, 3}) == 0u);
    BOOST_TEST(store(tested, {4, 5, 6}) == 3u);
    BOOST_TEST(tested.size() == 3u);
    BOOST_TEST(take(tested, 3) == "1 2 3 | | 0");
}

BOOST_AUTO_TEST_CASE(d2_03_may_be_without_bound) {
    auto tested = buffer{};
    auto events = std::vector<int>(1'000);
    std::iota(events.begin(), events.end(), 1);
    BOOST_TEST(store(tested, events) == 0u);
    BOOST_TEST(tested.size() == 1'000u);
}

BOOST_AUTO_TEST_CASE(d2_04_keep_last_keeps_what_comes_when_it_overflows) {
    auto tested = buffer{3, buffer_keep::last};
    BOOST_TEST(store(tested, {1, 2, 3}) == 0u);
    BOOST_TEST(store(tested, {4, 5, 6}) == 3u);
    BOOST_TEST(take(tested, 3) == "4 5 6 | | 0");
}

BOOST_AUTO_TEST_CASE(d2_05_gives_out_infos_when_the_events_before_them_are_displaced) {
    auto tested = buffer{3, buffer_keep::last};
    store(tested, {1, 2});
    tested.store_info("3");
    tested.store_info("4");
    auto events = std::vector{5, 6, 7};
    auto const stored = tested.store(events, [](int&&) {});
    BOOST_TEST(stored.discarded == 2u);
    BOOST_TEST(stored.infos == (std::vector<std::string>{"3", "4"}), boost::test_tools::per_element());
    BOOST_TEST(take(tested, 3) == "5 6 7 | | 0");
}

BOOST_AUTO_TEST_CASE(d2_06_takes_no_info_when_it_is_empty) {
    auto tested = buffer{10};
    BOOST_TEST(!tested.store_info("a"));
    BOOST_TEST(tested.empty());
}

BOOST_AUTO_TEST_CASE(d2_07_gives_nothing_when_it_is_empty) {
    auto tested = buffer{10};
    BOOST_TEST(take(tested, 5) == "| | 5");
}

BOOST_AUTO_TEST_CASE(d2_08_gives_events_in_order_and_stops_at_infos) {
    auto tested = buffer{10};
    store(tested, {1, 2});
    tested.store_info("3");
    store(tested, {4});
    BOOST_TEST(take(tested, 5) == "1 2 | 3 | 3");
    BOOST_TEST(take(tested, 3) == "4 | | 2");
}

BOOST_AUTO_TEST_CASE(d2_09_keeps_infos_of_one_place_in_order) {
    auto tested = buffer{10};
    store(tested, {1, 2});
    for (auto const* info : {"3", "4", "5"}) tested.store_info(info);
    BOOST_TEST(take(tested, 5) == "1 2 | 3 4 5 | 3");
}

BOOST_AUTO_TEST_CASE(d2_10_gives_events_and_infos_as_they_were_interleaved) {
    auto tested = buffer{10};
    store(tested, {1, 2});
    tested.store_info("3");
    tested.store_info("4");
    store(tested, {5, 6, 7});
    tested.store_info("8");
    tested.store_info("9");
    store(tested, {10});
    tested.store_info("11");
    BOOST_TEST(take(tested, 3) == "1 2 | 3 4 | 1");
    BOOST_TEST(take(tested, 4) == "5 6 7 | 8 9 | 1");
    BOOST_TEST(take(tested, 2) == "10 | 11 | 1");
}

BOOST_AUTO_TEST_SUITE_END()
