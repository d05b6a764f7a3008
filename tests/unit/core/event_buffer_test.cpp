#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <sluice/core/event_buffer.hpp>
#include <string>
#include <utility>
#include <vector>

namespace core = sluice::core;
using sluice::buffer_keep;
using numbers = std::vector<int>;

namespace {

/// A buffer of numbers with words as infos, and what came out of it.
struct fixture {
    using buffer_type = core::event_buffer<int, std::string>;

    struct result {
        numbers events;
        std::vector<std::string> infos;
        std::size_t remaining = 0;
    };

    static auto store(buffer_type& buffer, numbers events) -> buffer_type::stored {
        dropped().clear();
        return buffer.store(events, [](int&& event) { dropped().push_back(event); });
    }

    static auto take(buffer_type& buffer, std::size_t n) -> result {
        auto events = numbers{};
        auto taken = buffer.take(n, [&](int&& event) { events.push_back(event); });
        BOOST_TEST(taken.events == events.size());
        return {std::move(events), std::move(taken.infos), taken.remaining};
    }

    /// What the last `store` dropped.
    static auto dropped() -> numbers& {
        static auto events = numbers{};
        return events;
    }
};

using words = std::vector<std::string>;

void check(fixture::result const& result, numbers const& events, words const& infos) {
    BOOST_TEST(result.events == events, boost::test_tools::per_element());
    BOOST_TEST(result.infos == infos, boost::test_tools::per_element());
}

auto iota(int first, int count) -> numbers {
    auto all = numbers(static_cast<std::size_t>(count));
    std::iota(all.begin(), all.end(), first);
    return all;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(an_event_buffer, fixture)

BOOST_AUTO_TEST_CASE(does_not_count_infos_in_its_size) {
    for (const auto bound : {std::size_t{10}, core::unlimited}) {  // GenStage counts them if there is no bound
        auto buffer = buffer_type{bound};
        store(buffer, {1, 2});
        BOOST_TEST(buffer.store_info("x"));
        BOOST_TEST(buffer.store_info("y"));
        BOOST_TEST(buffer.size() == 2u);
        BOOST_TEST(buffer.info_count() == 2u);
    }
}

BOOST_AUTO_TEST_CASE(drops_the_newest_when_it_keeps_the_first) {
    auto buffer = buffer_type{3, buffer_keep::first};
    BOOST_TEST(store(buffer, {1, 2, 3}).discarded == 0u);
    const auto second = store(buffer, {4, 5, 6});
    BOOST_TEST(second.discarded == 3u);
    BOOST_TEST(second.infos.empty());
    BOOST_TEST(dropped() == (numbers{4, 5, 6}), boost::test_tools::per_element());
    BOOST_TEST(buffer.size() == 3u);
    check(take(buffer, 3), {1, 2, 3}, {});
}

BOOST_AUTO_TEST_CASE(may_be_without_bound) {
    auto buffer = buffer_type{};
    BOOST_TEST(store(buffer, iota(1, 1000)).discarded == 0u);
    BOOST_TEST(buffer.size() == 1000u);
    BOOST_TEST(buffer.bound() == core::unlimited);
    check(take(buffer, 1000), iota(1, 1000), {});
}

BOOST_AUTO_TEST_CASE(drops_the_oldest_when_it_keeps_the_last) {
    auto buffer = buffer_type{3};
    BOOST_TEST((buffer.keeps() == buffer_keep::last));
    BOOST_TEST(store(buffer, {1, 2, 3}).discarded == 0u);
    BOOST_TEST(store(buffer, {4, 5, 6}).discarded == 3u);
    BOOST_TEST(dropped() == (numbers{1, 2, 3}), boost::test_tools::per_element());
    check(take(buffer, 3), {4, 5, 6}, {});
}

BOOST_AUTO_TEST_CASE(gives_out_the_infos_that_stood_behind_dropped_events) {
    auto buffer = buffer_type{3};
    store(buffer, {1, 2});
    buffer.store_info("3");
    buffer.store_info("4");
    const auto stored = store(buffer, {5, 6, 7});
    BOOST_TEST(stored.discarded == 2u);
    BOOST_TEST(stored.infos == (words{"3", "4"}), boost::test_tools::per_element());
    BOOST_TEST(buffer.size() == 3u);
    BOOST_TEST(buffer.info_count() == 0u);
}

BOOST_AUTO_TEST_CASE(takes_no_info_when_it_is_empty) {
    auto buffer = buffer_type{10};
    auto info = std::string{"due at once"};
    BOOST_TEST(!buffer.store_info(std::move(info)));
    BOOST_TEST(info == "due at once");
    BOOST_TEST(buffer.empty());
}

BOOST_AUTO_TEST_CASE(gives_nothing_when_it_is_empty) {
    auto buffer = buffer_type{10};
    const auto result = take(buffer, 5);
    check(result, {}, {});
    BOOST_TEST(result.remaining == 5u);
}

BOOST_AUTO_TEST_CASE(gives_events_in_order_and_stops_behind_an_info) {
    auto buffer = buffer_type{10};
    store(buffer, {1, 2});
    buffer.store_info("3");
    store(buffer, {4});
    const auto result = take(buffer, 5);
    check(result, {1, 2}, {"3"});
    BOOST_TEST(result.remaining == 3u);
    check(take(buffer, result.remaining), {4}, {});
}

BOOST_AUTO_TEST_CASE(gives_infos_at_one_place_in_order) {
    auto buffer = buffer_type{10};
    store(buffer, {1, 2});
    for (const auto info : {"3", "4", "5"}) buffer.store_info(info);
    check(take(buffer, 5), {1, 2}, {"3", "4", "5"});
}

BOOST_AUTO_TEST_CASE(gives_events_and_infos_exactly_as_they_were_interleaved) {
    for (const auto bound : {std::size_t{10}, core::unlimited}) {
        auto buffer = buffer_type{bound};
        store(buffer, {1, 2});
        buffer.store_info("3");
        buffer.store_info("4");
        store(buffer, {5, 6, 7});
        buffer.store_info("8");
        buffer.store_info("9");
        store(buffer, {10});
        buffer.store_info("11");
        check(take(buffer, 3), {1, 2}, {"3", "4"});
        check(take(buffer, 4), {5, 6, 7}, {"8", "9"});
        check(take(buffer, 2), {10}, {"11"});
        BOOST_TEST(buffer.empty());
    }
}

BOOST_AUTO_TEST_CASE(gives_an_info_with_the_event_before_it) {
    auto buffer = buffer_type{10};
    store(buffer, {1, 2});
    buffer.store_info("x");
    check(take(buffer, 1), {1}, {});
    check(take(buffer, 1), {2}, {"x"});
}

BOOST_AUTO_TEST_CASE(keeps_an_info_that_stands_behind_an_event_that_stays) {
    auto buffer = buffer_type{3};
    store(buffer, {1, 2});
    buffer.store_info("x");
    const auto stored = store(buffer, {3, 4});  // drops 1
    BOOST_TEST(stored.discarded == 1u);
    BOOST_TEST(stored.infos.empty());
    check(take(buffer, 9), {2}, {"x"});
    check(take(buffer, 9), {3, 4}, {});
}

BOOST_AUTO_TEST_CASE(keeps_its_infos_when_it_keeps_the_first) {
    auto buffer = buffer_type{2, buffer_keep::first};
    store(buffer, {1, 2});
    buffer.store_info("x");
    const auto stored = store(buffer, {3, 4});
    BOOST_TEST(stored.discarded == 2u);
    BOOST_TEST(stored.infos.empty());
    check(take(buffer, 9), {1, 2}, {"x"});
}

BOOST_AUTO_TEST_CASE(drops_by_a_table_of_bounds_and_sizes) {
    struct row {
        std::size_t bound;
        buffer_keep which;
        numbers there, incoming, dropped, left;
    };
    const row rows[] = {
        {0, buffer_keep::last, {}, {1, 2}, {1, 2}, {}},
        {0, buffer_keep::first, {}, {1, 2}, {1, 2}, {}},
        {1, buffer_keep::last, {1}, {2}, {1}, {2}},
        {1, buffer_keep::first, {1}, {2}, {2}, {1}},
        {3, buffer_keep::last, {1}, {2, 3}, {}, {1, 2, 3}},
        {3, buffer_keep::last, {1, 2}, {3, 4}, {1}, {2, 3, 4}},
        {3, buffer_keep::first, {1, 2}, {3, 4}, {4}, {1, 2, 3}},
        {3, buffer_keep::last, {1, 2}, {3, 4, 5, 6, 7}, {1, 2, 3, 4}, {5, 6, 7}},
        {3, buffer_keep::first, {1, 2}, {3, 4, 5, 6, 7}, {4, 5, 6, 7}, {1, 2, 3}},
        {3, buffer_keep::last, {}, {1, 2, 3, 4}, {1}, {2, 3, 4}},
        {3, buffer_keep::first, {}, {1, 2, 3, 4}, {4}, {1, 2, 3}},
        {3, buffer_keep::last, {1, 2, 3}, {}, {}, {1, 2, 3}},
    };
    for (auto const& row : rows) {
        auto buffer = buffer_type{row.bound, row.which};
        store(buffer, row.there);
        BOOST_TEST(store(buffer, row.incoming).discarded == row.dropped.size());
        BOOST_TEST(dropped() == row.dropped, boost::test_tools::per_element());
        BOOST_TEST(buffer.size() == row.left.size());
        check(take(buffer, 99), row.left, {});
    }
}

BOOST_AUTO_TEST_CASE(stores_nothing_with_a_bound_of_0) {
    auto buffer = buffer_type{0};
    store(buffer, {1});
    BOOST_TEST(buffer.empty());
    BOOST_TEST(!buffer.store_info("at once"));
    BOOST_TEST(buffer.total_discarded() == 1u);
}

BOOST_AUTO_TEST_CASE(shows_its_events_where_they_lie_as_far_as_the_first_info) {
    auto buffer = buffer_type{10};
    BOOST_TEST(buffer.front().empty());
    store(buffer, {1, 2, 3});
    buffer.store_info("x");
    store(buffer, {4});
    BOOST_TEST(buffer.front(2).size() == 2u);
    const auto run = buffer.front();
    BOOST_REQUIRE(run.size() == 3u);
    BOOST_TEST(run[2] == 3);
    BOOST_TEST(buffer.pop(2).empty());
    BOOST_TEST(buffer.pop(1) == (words{"x"}), boost::test_tools::per_element());
    BOOST_TEST(buffer.front().size() == 1u);
}

BOOST_AUTO_TEST_CASE(drops_everything_and_gives_out_all_infos_when_cleared) {
    auto buffer = buffer_type{10};
    store(buffer, {1, 2});
    buffer.store_info("x");
    store(buffer, {3});
    buffer.store_info("y");
    auto seen = numbers{};
    const auto cleared = buffer.clear([&](int&& event) { seen.push_back(event); });
    BOOST_TEST(cleared.discarded == 3u);
    BOOST_TEST(seen == (numbers{1, 2, 3}), boost::test_tools::per_element());
    BOOST_TEST(cleared.infos == (words{"x", "y"}), boost::test_tools::per_element());
    BOOST_TEST(buffer.empty());
}

BOOST_AUTO_TEST_CASE(moves_with_all_that_is_inside) {
    auto first = buffer_type{10};
    store(first, {1, 2});
    first.store_info("x");
    auto second = std::move(first);
    BOOST_TEST(first.empty());  // NOLINT: what a buffer is after a move is promised
    store(first, {7});
    check(take(first, 9), {7}, {});
    check(take(second, 9), {1, 2}, {"x"});
    first = std::move(second);
    BOOST_TEST(first.empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(an_event_buffer_of_events_that_only_move)

BOOST_AUTO_TEST_CASE(gives_out_and_drops_the_events_themselves) {
    using unique = std::unique_ptr<int>;
    auto buffer = core::event_buffer<unique, unique>{2};
    auto events = std::vector<unique>{};
    for (int i = 0; i < 3; ++i) events.push_back(std::make_unique<int>(i));
    auto dropped = std::vector<unique>{};
    buffer.store(events, [&](unique&& event) { dropped.push_back(std::move(event)); });
    BOOST_REQUIRE(dropped.size() == 1u);
    BOOST_TEST(*dropped[0] == 0);
    BOOST_TEST(buffer.store_info(std::make_unique<int>(9)));
    auto received = std::vector<unique>{};
    const auto taken = buffer.take(5, [&](unique&& event) { received.push_back(std::move(event)); });
    BOOST_REQUIRE(received.size() == 2u);
    BOOST_TEST(*received[1] == 2);
    BOOST_REQUIRE(taken.infos.size() == 1u);
    BOOST_TEST(*taken.infos[0] == 9);
}

BOOST_AUTO_TEST_CASE(leaks_nothing_that_is_still_inside_at_the_end) {
    auto alive = std::make_shared<int>(1);
    {
        auto buffer = core::event_buffer<std::shared_ptr<int>>{};
        auto events = std::vector<std::shared_ptr<int>>(5000, alive);
        buffer.store(events, [](auto&&) {});
        buffer.take(1234, [](std::shared_ptr<int>&& event) { event.reset(); });
        events.clear();
        BOOST_TEST(alive.use_count() == 1 + 5000 - 1234);
        auto other = core::event_buffer<std::shared_ptr<int>>{};
        other = std::move(buffer);
        BOOST_TEST(alive.use_count() == 1 + 5000 - 1234);
    }
    BOOST_TEST(alive.use_count() == 1);
}

struct alignas(64) wide {
    int value = 0;
};

BOOST_AUTO_TEST_CASE(keeps_the_alignment_of_the_events) {
    auto buffer = core::event_buffer<wide>{};
    auto events = std::vector<wide>(200);
    buffer.store(events, [](wide&&) {});
    while (buffer.size() > 0) {
        BOOST_REQUIRE(reinterpret_cast<std::uintptr_t>(buffer.front().data()) % 64 == 0);
        buffer.pop(1);
    }
}

BOOST_AUTO_TEST_SUITE_END()
