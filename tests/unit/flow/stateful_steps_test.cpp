#include <boost/test/unit_test.hpp>
#include <memory>
#include <random>
#include <ranges>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_stateful_steps)

using namespace flow_test;

namespace {

template <class Range>
auto values(Range&& range) {
    std::vector<std::ranges::range_value_t<Range>> all;
    for (auto&& each : range) all.push_back(each);
    return all;
}

auto upto(int n) { return flow::from(std::views::iota(0, n)); }

}  // namespace

BOOST_AUTO_TEST_CASE(take_gives_the_first_events_as_ranges_do) {
    for (std::size_t n : {0, 1, 500, 501, 1999, 2000, 3000}) {
        auto const f = upto(2000) | flow::take(n) | flow::map([](int i) { return i * 2; });
        auto const expected = values(std::views::iota(0, 2000) | std::views::take(n) |
                                     std::views::transform([](int i) { return i * 2; }));
        everywhere_in_many_orders([&](auto const& collect) { BOOST_TEST(collect(f) == expected); });
    }
}

BOOST_AUTO_TEST_CASE(take_ends_an_endless_source) {
    auto const pulled = std::make_shared<int>(0);
    auto const f = flow::from([pulled, i = 0]() mutable {
                       ++*pulled;
                       return std::optional(i++);
                   }) |
                   flow::take(7);
    everywhere_in_many_orders([&](auto const& collect) {
        *pulled = 0;
        BOOST_TEST(collect(f) == values(std::views::iota(0, 7)));
        BOOST_TEST(*pulled == 7);  // not one more than it gives
    });
}

BOOST_AUTO_TEST_CASE(take_ends_an_endless_range_of_flat_map) {
    auto const f = flow::from(std::views::single(0)) | flow::flat_map([](int) { return std::views::iota(0); }) |
                   flow::filter([](int i) { return i % 3 == 0; }) | flow::take(700);
    everywhere_in_many_orders([&](auto const& collect) {
        BOOST_TEST(collect(f) == values(std::views::iota(0) | std::views::filter([](int i) { return i % 3 == 0; }) |
                                        std::views::take(700)));
    });
}

BOOST_AUTO_TEST_CASE(take_in_every_stage_of_a_layer_ends_the_source_when_all_have_theirs) {
    auto const f = flow::from(std::views::iota(0)) | flow::partition({.stages = 3}) | flow::take(100);
    everywhere_in_many_orders([&](auto const& collect) {
        auto const all = sorted(collect(f));
        BOOST_TEST(all.size() == 300u);
        BOOST_TEST((std::ranges::adjacent_find(all) == all.end()));
    });
}

BOOST_AUTO_TEST_CASE(a_stage_that_has_enough_does_not_hold_back_the_others) {
    // All but one key goes to stages that end early.
    auto const f = upto(20'000) | flow::partition({.stages = 4}, [](int i) { return i % 50; }) |
                   flow::take_while([](int i) { return i % 50 == 7; });
    everywhere_in_many_orders([&](auto const& collect) {
        for (int i : collect(f)) BOOST_TEST(i % 50 == 7);
    });
}

BOOST_AUTO_TEST_CASE(what_stands_behind_take_still_finishes) {
    auto const f = flow::from(std::views::iota(1)) | flow::take(100) |
                   flow::reduce(0, [](int& sum, int i) { sum += i; }) |
                   flow::flat_map([](int sum) { return std::vector<int>(2000, sum); });
    everywhere_in_many_orders([&](auto const& collect) { BOOST_TEST(collect(f) == std::vector<int>(2000, 5050)); });
}

BOOST_AUTO_TEST_CASE(take_behind_a_reduction_takes_what_it_gave) {
    auto const f = upto(3000) | flow::reduce(std::vector<int>(), [](auto& all, int i) { all.push_back(i); }) |
                   flow::flat_map([](std::vector<int> all) { return all; }) | flow::take(1200);
    everywhere_in_many_orders(
        [&](auto const& collect) { BOOST_TEST(collect(f) == values(std::views::iota(0, 1200))); });
}

BOOST_AUTO_TEST_CASE(take_stops_bodies_and_files_as_well) {
    auto const counter = [](sluice::outlet<int>& out) -> asio::awaitable<void> {
        for (int next = 0;; ++next) {
            bool const is_wanted = co_await out.emit(next);
            if (!is_wanted) co_return;
        }
    };
    auto const f = flow::source<int>(counter) | flow::shuffle({.stages = 2}) | flow::take(5);
    everywhere_in_many_orders([&](auto const& collect) { BOOST_TEST(collect(f).size() == 10u); });
}

BOOST_AUTO_TEST_CASE(drop_leaves_the_first_events_out_as_ranges_do) {
    for (std::size_t n : {0, 1, 1999, 2000, 3000}) {
        auto const f = upto(2000) | flow::drop(n);
        auto const expected = values(std::views::iota(0, 2000) | std::views::drop(n));
        everywhere_in_many_orders([&](auto const& collect) { BOOST_TEST(collect(f) == expected); });
    }
}

BOOST_AUTO_TEST_CASE(take_while_ends_at_the_first_that_is_not) {
    auto const small = [](int i) { return i % 1000 < 777; };
    auto const f = flow::from(std::views::iota(0)) | flow::take_while(small);
    everywhere_in_many_orders([&](auto const& collect) {
        BOOST_TEST(collect(f) == values(std::views::iota(0) | std::views::take_while(small)));
    });
}

BOOST_AUTO_TEST_CASE(take_while_asks_no_more_once_it_has_ended) {
    int asked = 0;
    auto const f = upto(5000) | flow::take_while([&asked](int i) { return ++asked, i < 9; });
    BOOST_TEST(collect_here(f).size() == 9u);
    BOOST_TEST(asked == 10);
}

BOOST_AUTO_TEST_CASE(scan_gives_what_has_come_together_by_each_event) {
    auto const f = upto(2000) | flow::scan(0L, [](long& sum, int i) { sum += i; });
    everywhere_in_many_orders([&](auto const& collect) {
        BOOST_TEST(collect(f) ==
                   values(std::views::iota(0L, 2000L) | std::views::transform([](long i) { return i * (i + 1) / 2; })));
    });
}

BOOST_AUTO_TEST_CASE(zip_with_index_counts_from_0_on) {
    auto const f = upto(1500) | flow::map([](int i) { return std::to_string(i); }) | flow::zip_with_index();
    everywhere_in_many_orders([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_REQUIRE(all.size() == 1500u);
        for (auto const& [text, i] : all) BOOST_REQUIRE(text == std::to_string(i));
    });
}

BOOST_AUTO_TEST_CASE(every_stage_has_its_own_state) {
    auto const f = upto(900) | flow::partition({.stages = 3}) | flow::zip_with_index() |
                   flow::map([](auto const& pair) { return pair.second; }) |
                   flow::filter([](std::size_t i) { return i == 0; });
    everywhere_in_many_orders([&](auto const& collect) { BOOST_TEST(collect(f).size() == 3u); });
}

BOOST_AUTO_TEST_CASE(every_run_begins_with_new_state) {
    auto const f = upto(100) | flow::drop(10) | flow::uniq() | flow::take(20) |
                   flow::scan(0, [](int& sum, int i) { sum += i; }) | flow::zip_with_index();
    auto const first = collect_here(f);
    BOOST_TEST(first.size() == 20u);
    everywhere_in_many_orders([&](auto const& collect) { BOOST_TEST((collect(f) == first)); });
}

BOOST_AUTO_TEST_CASE(uniq_lets_the_first_of_equal_events_pass) {
    auto const f = upto(5000) | flow::map([](int i) { return i * i % 1009; }) | flow::uniq();
    std::set<int> seen;
    std::vector<int> expected;
    for (int i = 0; i < 5000; ++i) {
        if (seen.insert(i * i % 1009).second) expected.push_back(i * i % 1009);
    }
    everywhere_in_many_orders([&](auto const& collect) { BOOST_TEST(collect(f) == expected); });
}

BOOST_AUTO_TEST_CASE(uniq_by_compares_keys) {
    auto const f = upto(5000) | flow::uniq_by([](int i) { return i % 2; });
    everywhere_in_many_orders([&](auto const& collect) { BOOST_TEST(collect(f) == (std::vector{0, 1})); });
}

BOOST_AUTO_TEST_CASE(behind_a_partition_uniq_holds_for_the_whole_flow) {
    auto const f = upto(20'000) | flow::map([](int i) { return i % 777; }) | flow::shuffle({.stages = 2}) |
                   flow::partition({.stages = 3}) | flow::uniq();
    everywhere_in_many_orders(
        [&](auto const& collect) { BOOST_TEST(sorted(collect(f)) == values(std::views::iota(0, 777))); });
}

BOOST_AUTO_TEST_CASE(events_that_cannot_be_copied_can_be_unique_by_a_key) {
    auto const f = upto(100) | flow::map([](int i) { return std::make_unique<int>(i % 10); }) |
                   flow::uniq_by([](std::unique_ptr<int> const& p) { return *p; }) | flow::drop(1) | flow::take(5) |
                   flow::tap([](std::unique_ptr<int> const&) {}) | flow::zip_with_index();
    everywhere([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_REQUIRE(all.size() == 5u);
        BOOST_TEST(*all.front().first == 1);
        BOOST_TEST(all.back().second == 4u);
    });
}

BOOST_AUTO_TEST_CASE(uniq_does_not_keep_the_file_of_a_text) {
    std::string const line(100, 'x');
    std::string lines;
    for (int i = 0; i < 5000; ++i) lines += line + std::to_string(i % 3) + "\n";
    std::istringstream stream(lines);
    auto const f = flow::from_lines(stream) | flow::uniq();
    auto const all = collect_here(f);
    BOOST_TEST(all.size() == 3u);
}

// Random chains of steps with a state against plain loops over vectors.
BOOST_AUTO_TEST_CASE(steps_with_a_state_give_what_plain_loops_give) {
    std::mt19937 random(17);
    for (int round = 0; round < 15; ++round) {
        std::vector<int> data(random() % 3000);
        for (auto& each : data) each = static_cast<int>(random() % 500);
        std::size_t const dropped = random() % 50;
        std::size_t const taken = random() % 2000;
        int const modulus = static_cast<int>(random() % 400) + 1;
        int const copies = static_cast<int>(random() % 4);
        int const highest = static_cast<int>(random() % 200) + 350;
        auto const f = flow::from(data) | flow::drop(dropped) |
                       flow::flat_map([=](int i) { return std::vector<int>(static_cast<std::size_t>(copies), i); }) |
                       flow::take(taken) | flow::uniq_by([=](int i) { return i % modulus; }) | flow::zip_with_index() |
                       flow::take_while([=](auto const& pair) { return pair.first < highest; }) |
                       flow::map([](auto const& pair) { return pair.first + static_cast<int>(pair.second); }) |
                       flow::scan(0, [](int& sum, int i) { sum += i; });
        std::vector<int> repeated;
        for (int each : data | std::views::drop(dropped))
            repeated.insert(repeated.end(), static_cast<std::size_t>(copies), each);
        std::set<int> seen;
        std::vector<int> expected;
        int sum = 0;
        for (int each : repeated | std::views::take(taken)) {
            if (!seen.insert(each % modulus).second) continue;
            if (each >= highest) break;
            sum += each + static_cast<int>(expected.size());
            expected.push_back(sum);
        }
        everywhere_in_many_orders([&](auto const& collect) { BOOST_TEST(collect(f) == expected); });
    }
}

BOOST_AUTO_TEST_SUITE_END()
