#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <memory>
#include <numeric>
#include <random>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_gather)

using namespace flow_test;

namespace {

auto upto(int n) { return flow::from(std::views::iota(0, n)); }
void add(long& sum, int i) { sum += i; }

auto random_numbers(std::size_t n) {
    std::mt19937 random(5);
    std::vector<int> all(n);
    for (auto& each : all) each = static_cast<int>(random() % 10'000);
    return all;
}

}  // namespace

// Flow: "take_sort/3", ascending and descending
BOOST_AUTO_TEST_CASE(take_sort_gives_the_first_of_the_sorted_whole_as_one_event) {
    auto const numbers = random_numbers(4000);
    auto ascending = numbers;
    std::ranges::sort(ascending);
    auto descending = numbers;
    std::ranges::sort(descending, std::greater<>());
    for (std::size_t n : {0, 1, 100, 4000, 5000}) {
        auto const up = flow::from(numbers) | flow::partition({.stages = 4}) | flow::take_sort(n);
        auto const down = flow::from(numbers) | flow::partition({.stages = 4}) | flow::take_sort(n, std::greater<>());
        auto const size = static_cast<std::ptrdiff_t>(std::min<std::size_t>(n, 4000));
        everywhere_in_many_orders([&](auto const& collect) {
            auto const first = collect(up);
            BOOST_REQUIRE(first.size() == 1u);
            BOOST_TEST(first[0] == std::vector<int>(ascending.begin(), ascending.begin() + size));
            auto const last = collect(down);
            BOOST_REQUIRE(last.size() == 1u);
            BOOST_TEST(last[0] == std::vector<int>(descending.begin(), descending.begin() + size));
        });
    }
}

BOOST_AUTO_TEST_CASE(take_sort_keeps_no_more_than_it_gives) {
    struct counted {
        counted(int v, long* l) : value(v), live(l) { ++*live; }
        counted(counted&& other) noexcept : value(other.value), live(other.live) { ++*live; }
        auto operator=(counted&& other) noexcept -> counted& {
            value = other.value;
            return *this;
        }
        ~counted() { --*live; }
        int value;
        long* live;
    };
    long live = 0;
    long most = 0;
    auto const f = upto(100'000) | flow::map([&](int i) {
                       most = std::max(most, live);
                       return counted(-i, &live);
                   }) |
                   flow::take_sort(50, [](counted const& a, counted const& b) { return a.value < b.value; });
    auto const all = collect_here(f);
    BOOST_TEST(all.at(0).size() == 50u);
    BOOST_TEST(all[0].front().value == -99'999);
    BOOST_TEST(most < 60);
}

BOOST_AUTO_TEST_CASE(take_sort_lets_others_run_while_it_sorts) {
    asio::io_context context;
    sluice::detail::pace pace(sluice::detail::environment::of(context));
    auto const all = std::make_shared<std::vector<std::vector<int>>>();
    using end = sluice::detail::container_end<std::vector<int>, std::vector<std::vector<int>>>;
    sluice::detail::top_node<int, std::less<>, end> node(100'000, {}, end(all));
    for (int i = 100'000; i > 0; --i) node.push(int(i), pace);
    int rounds = 0;
    do pace.begin();
    while (++rounds < 1000 && !node.finish(pace));
    BOOST_TEST(rounds > 10);
    BOOST_REQUIRE(all->size() == 1u);
    BOOST_TEST(all->front().size() == 100'000u);
    BOOST_TEST(std::ranges::is_sorted(all->front()));
}

BOOST_AUTO_TEST_CASE(take_sort_of_counts_gives_the_most_frequent) {
    auto const f =
        upto(10'000) | flow::map([](int i) { return i % 100 == 0 ? 7 : i % 50; }) | flow::count_by() |
        flow::take_sort(2, [](auto const& a,
                              auto const& b) { return std::pair(b.second, a.first) < std::pair(a.second, b.first); }) |
        flow::flat_map([](auto top) { return top; });
    everywhere_in_many_orders([&](auto const& collect) {
        std::vector<std::pair<int, std::size_t>> const expected{{7, 300}, {1, 200}};
        BOOST_TEST((collect(f) == expected));
    });
}

// Flow: "departition/4" joins partitioned data
BOOST_AUTO_TEST_CASE(departition_brings_the_results_of_all_stages_together) {
    auto const f =
        flow::from(std::views::iota(1, 11)) | flow::partition({.stages = 4}) | flow::reduce(0L, add) |
        flow::departition(
            std::vector<long>(), [](std::vector<long>& all, long sum) { all.push_back(sum); },
            [](std::vector<long> all) { return std::pair(all.size(), std::accumulate(all.begin(), all.end(), 0L)); });
    everywhere_in_many_orders([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_REQUIRE(all.size() == 1u);
        BOOST_TEST(all[0].first == 4u);
        BOOST_TEST(all[0].second == 55);
    });
}

// Flow: departition with map and with reduce operations
BOOST_AUTO_TEST_CASE(steps_and_a_reduction_may_follow_a_departition) {
    auto const f = flow::from(std::views::iota(1, 11)) | flow::partition({.stages = 4}) | flow::reduce(0L, add) |
                   flow::departition(0L, [](long& all, long sum) { all += sum; }) |
                   flow::map([](long sum) { return sum * 10; }) |
                   flow::reduce(5L, [](long& all, long sum) { all += sum; });
    everywhere_in_many_orders([&](auto const& collect) { BOOST_TEST(collect(f) == std::vector<long>{555}); });
}

BOOST_AUTO_TEST_CASE(a_departition_gets_what_keyed_reductions_give) {
    auto const f = upto(1000) | flow::count_by([](int i) { return i % 10; }, {.stages = 3}) |
                   flow::departition(std::size_t{0}, [](std::size_t& all, auto const& pair) { all += pair.second; });
    everywhere([&](auto const& collect) { BOOST_TEST(collect(f) == std::vector<std::size_t>{1000}); });
}

// Flow: "emit_and_reduce/3": events and sums
BOOST_AUTO_TEST_CASE(emit_and_reduce_emits_as_it_goes_and_the_state_at_the_end) {
    auto const f = flow::from(std::vector{1, 2, 3, 4, 5, 6}) | flow::shuffle({.stages = 2}) |
                   flow::emit_and_reduce(
                       0,
                       [](int& sum, int i) {
                           sum += i;
                           return std::views::single(i);
                       },
                       [](int sum) { return std::views::single(sum); });
    everywhere_in_many_orders([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_TEST(all.size() == 8u);
        BOOST_TEST(std::accumulate(all.begin(), all.end(), 0) == 42);
    });
}

BOOST_AUTO_TEST_CASE(without_a_last_function_emit_and_reduce_gives_nothing_at_the_end) {
    // Changes only.
    auto const f =
        upto(5000) | flow::map([](int i) { return i / 100; }) | flow::emit_and_reduce(-1, [](int& last, int i) {
            bool const is_new = std::exchange(last, i) != i;
            return std::views::iota(i, is_new ? i + 1 : i);
        });
    std::vector<int> expected(50);
    std::iota(expected.begin(), expected.end(), 0);
    everywhere_in_many_orders([&](auto const& collect) { BOOST_TEST(collect(f) == expected); });
}

BOOST_AUTO_TEST_CASE(emit_and_reduce_walks_long_ranges_as_they_are_asked_for) {
    auto const f = flow::from(std::views::single(1)) |
                   flow::emit_and_reduce(
                       10, [](int& from, int) { return std::views::iota(from, 3010); },
                       [](int from) { return std::views::iota(from); }) |
                   flow::take(5000);
    everywhere_in_many_orders([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_REQUIRE(all.size() == 5000u);
        BOOST_TEST(all[2999] == 3009);
        BOOST_TEST(all[3000] == 10);
        BOOST_TEST(all[4999] == 2009);
    });
}

BOOST_AUTO_TEST_CASE(pictures_of_gathering_show_the_one_stage) {
    auto const f = upto(10) | flow::partition({.stages = 2}) | flow::reduce(0L, add) |
                   flow::departition(0L, [](long& all, long sum) { all += sum; }) | flow::take_sort(3);
    BOOST_TEST(flow::describe(f).text() ==
               "1. from(range)              1 stage\n"
               "2. reduce                   2 stages, fed by 1 (partition)\n"
               "3. departition | take_sort  1 stage, fed by all of 2 (shuffle)\n"
               "4. merge                    1 stage, fed by 3 (shuffle)\n");
}

BOOST_AUTO_TEST_SUITE_END()
