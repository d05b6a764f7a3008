#include <boost/test/unit_test.hpp>
#include <memory>
#include <numeric>
#include <ranges>
#include <stdexcept>
#include <string>
#include <vector>

#include "bodies.hpp"
#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_merge)

using namespace flow_test;

namespace {

auto twice(int i) { return i * 2; }
auto odd() {
    return flow::from(std::views::iota(1, 101)) | flow::filter([](int i) { return i % 2 == 1; }) | flow::map(twice);
}
auto even() {
    return flow::from(std::views::iota(1, 101)) | flow::reject([](int i) { return i % 2 == 1; }) | flow::map(twice);
}
void add(long& sum, int i) { sum += i; }

}  // namespace

BOOST_AUTO_TEST_CASE(a_merged_flow_gives_what_all_of_them_give) {
    auto const f = flow::merge(odd(), even(), flow::from(std::vector{1, 3}));
    std::vector<int> expected{1, 3};
    for (int i = 1; i <= 100; ++i) expected.push_back(i * 2);
    everywhere_in_many_orders([&](auto const& collect) { BOOST_TEST(sorted(collect(f)) == sorted(expected)); });
}

// Flow: merge/3 through partition, and through shuffle
BOOST_AUTO_TEST_CASE(merged_flows_are_partitioned_and_shuffled_like_one) {
    auto const parted = flow::merge(odd(), even()) | flow::partition({.stages = 4}) | flow::reduce(0L, add);
    auto const one =
        flow::merge(odd(), even()) | flow::partition({.stages = 4}, [](int) { return 0; }) | flow::reduce(0L, add);
    auto const shuffled = flow::merge(odd(), even()) | flow::shuffle({.stages = 1}) | flow::reduce(0L, add);
    everywhere_in_many_orders([&](auto const& collect) {
        auto const sums = collect(parted);
        BOOST_TEST(sums.size() == 4u);
        BOOST_TEST(std::accumulate(sums.begin(), sums.end(), 0L) == 10'100);
        BOOST_TEST(sorted(collect(one)) == (std::vector<long>{0, 0, 0, 10'100}));
        BOOST_TEST(collect(shuffled) == std::vector<long>{10'100});
    });
}

BOOST_AUTO_TEST_CASE(steps_behind_a_merge_run_in_a_stage_for_each_stage_before) {
    auto const spread = flow::from(std::views::iota(0, 1000)) | flow::shuffle({.stages = 2}) | flow::map(twice);
    auto const f = flow::merge(spread, even()) | flow::reduce(0L, add);
    everywhere_in_many_orders([&](auto const& collect) {
        auto const sums = collect(f);
        BOOST_TEST(sums.size() == 3u);
        BOOST_TEST(std::accumulate(sums.begin(), sums.end(), 0L) == 999'000 + 5100);
    });
}

BOOST_AUTO_TEST_CASE(order_is_kept_within_each_of_the_flows) {
    auto const f = flow::merge(flow::from(std::views::iota(0, 5000)), flow::from(std::views::iota(10'000, 15'000)));
    everywhere_in_many_orders([&](auto const& collect) {
        std::vector<int> low;
        std::vector<int> high;
        for (int i : collect(f)) (i < 10'000 ? low : high).push_back(i);
        BOOST_TEST(std::ranges::is_sorted(low));
        BOOST_TEST(std::ranges::is_sorted(high));
        BOOST_TEST(low.size() + high.size() == 10'000u);
    });
}

BOOST_AUTO_TEST_CASE(bodies_and_merged_flows_can_be_merged) {
    auto const inner = flow::merge(flow::source<int>(counter, 0, 700), odd());
    auto const f = flow::merge(inner, flow::source<int>(counter, 0, 10), inner);
    everywhere_in_many_orders([&](auto const& collect) { BOOST_TEST(collect(f).size() == 700u + 50 + 10 + 700 + 50); });
    auto const drawn = f | flow::partition({.stages = 2}) | flow::map(twice);
    everywhere_in_many_orders([&](auto const& collect) { BOOST_TEST(collect(drawn).size() == 1510u); });
}

BOOST_AUTO_TEST_CASE(a_failure_of_one_flow_ends_all) {
    auto const f = flow::merge(flow::from(std::views::iota(0)), flow::from(std::views::iota(0)) | flow::map([](int i) {
                                                                    if (i == 3000)
                                                                        throw std::runtime_error("bad event");
                                                                    return i;
                                                                })) |
                   flow::filter([](int) { return false; });
    fails_with(f, "bad event");
}

BOOST_AUTO_TEST_CASE(taking_from_merged_endless_flows_ends_them) {
    auto const f = flow::merge(flow::from(std::views::iota(0)), flow::from(std::views::iota(0))) |
                   flow::shuffle({.stages = 1}) | flow::take(3000);
    everywhere_in_many_orders([&](auto const& collect) { BOOST_TEST(collect(f).size() == 3000u); });
}

BOOST_AUTO_TEST_CASE(a_merged_flow_can_be_run_for_its_effects) {
    std::atomic<int> calls = 0;
    auto const count = [&](int i) {
        ++calls;
        return i;
    };
    auto const f = flow::merge(odd() | flow::map(count), even() | flow::map(count));
    sluice::thread_pool pool(2);
    flow::run(f, pool);
    BOOST_TEST(calls == 100);
}

BOOST_AUTO_TEST_CASE(the_picture_shows_which_flows_are_merged) {
    auto const f = flow::merge(odd(), even() | flow::shuffle({.stages = 2})) | flow::partition({.stages = 4}) |
                   flow::reduce(0L, add);
    BOOST_TEST(flow::describe(f).text() ==
               "1. from(range) | filter | map  1 stage\n"
               "2. from(range) | reject | map  1 stage\n"
               "3. pass on                     2 stages, fed by 2 (shuffle)\n"
               "4. merge                       no stage of its own, 3 before it, fed by 1, fed by 3\n"
               "5. reduce                      4 stages, each fed by all of 4 (partition)\n");
    auto const mapped = flow::merge(odd(), even()) | flow::map(twice);
    BOOST_TEST(flow::describe(mapped).text() ==
               "1. from(range) | filter | map  1 stage\n"
               "2. from(range) | reject | map  1 stage\n"
               "3. merge                       no stage of its own, 2 before it, fed by 1, fed by 2\n"
               "4. map                         2 stages, fed by 3\n");
}

BOOST_AUTO_TEST_SUITE_END()
