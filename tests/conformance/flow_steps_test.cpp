#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <exception>
#include <functional>
#include <numeric>
#include <random>
#include <ranges>
#include <sluice/core/partition_of.hpp>
#include <sluice/producer.hpp>
#include <sluice/run.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "phash2.hpp"
#include "unit/flow/support.hpp"

// Flow's flow_test.exs: what its steps, exchanges and reductions give. Flow's `from_enumerables` of several lists is
// flow::merge of several ranges here, and its default hash is phash2, which partitions say.

BOOST_AUTO_TEST_SUITE(flow_steps_conformance)

using namespace flow_test;

namespace {

using numbers = std::vector<int>;

auto two_lists() { return flow::merge(flow::from(numbers{1, 2, 3}), flow::from(numbers{4, 5, 6})); }
/// "enumerable-stream": a stage for each list.
auto f1() { return two_lists(); }
/// "enumerable-unpartitioned-stream": four stages.
auto f2() { return two_lists() | flow::shuffle({.stages = 4}); }
/// "enumerable-partitioned-stream": four partitions.
auto f3() {
    return flow::merge(flow::from(numbers{1, 2, 3}), flow::from(numbers{4, 5, 6}), flow::from(numbers{7, 8, 9, 10})) |
           flow::partition({.stages = 4}, std::identity(), conformance::phash<4>());
}
auto one_to_ten() { return flow::from(std::views::iota(1, 11)); }

bool is_even(int i) { return i % 2 == 0; }
auto twice(int i) { return i * 2; }
auto plus_one(int i) { return i + 1; }
auto both(int i) { return numbers{i, i}; }
auto remainder_of_2(int i) { return i % 2; }
auto total_of(sluice::batch<int> const& events) { return numbers{std::accumulate(events.begin(), events.end(), 0)}; }
void add(int& sum, int i) { sum += i; }
auto fail(int) -> int { throw std::runtime_error("oops"); }
auto emit_and_add(int& sum, int i) {
    sum += i;
    return numbers{i};
}
auto single(int i) { return numbers{i}; }

template <class F>
void gives(F const& f, numbers const& expected) {
    everywhere_in_many_orders([&](collector const& collect) { BOOST_TEST(sorted(collect(f)) == expected); });
}
template <class F>
void gives_in_total(F const& f, int total) {
    everywhere_in_many_orders([&](collector const& collect) {
        auto const all = collect(f);
        BOOST_TEST(std::accumulate(all.begin(), all.end(), 0) == total);
    });
}
template <class F>
void gives_so_many(F const& f, std::size_t count) {
    everywhere_in_many_orders([&](collector const& collect) { BOOST_TEST(collect(f).size() == count); });
}

auto filtered() { return flow::filter(is_even); }
auto rejected() { return flow::reject(is_even); }
auto in_order() { return flow::filter(is_even) | flow::map(plus_one) | flow::map(twice); }
auto summed() { return flow::reduce(0, add); }
auto emitted_and_summed() { return flow::emit_and_reduce(0, emit_and_add, single); }

/// Counter(0).
auto counter(sluice::outlet<int>& out) -> asio::awaitable<void> {
    int next = 0;
    while (auto wanted = co_await out.demand()) {
        auto events = out.make_batch();
        for (std::size_t i = 0; i < *wanted; ++i) events.push_back(next++);
        co_await out.emit(std::move(events));
    }
}
auto counted() { return flow::source<int>(counter); }

}  // namespace

BOOST_AUTO_TEST_CASE(d7_013_only_sources) { gives(f1(), {1, 2, 3, 4, 5, 6}); }
BOOST_AUTO_TEST_CASE(d7_014_raises_locally) {
    auto const f = f1() | flow::map(fail);
    fails_with(f, "oops");
}
BOOST_AUTO_TEST_CASE(d7_015_filter) { gives(f1() | filtered(), {2, 4, 6}); }
BOOST_AUTO_TEST_CASE(d7_016_flat_map) { gives(f1() | flow::flat_map(both), {1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6}); }
BOOST_AUTO_TEST_CASE(d7_017_map_batch) {
    auto const totals = flow::merge(flow::from(numbers{1, 2, 3}) | flow::map_batch(total_of),
                                    flow::from(numbers{4, 5, 6}) | flow::map_batch(total_of));
    gives(totals, {6, 15});
    gives(totals | flow::map(twice), {12, 30});
    gives_in_total(f1() | flow::map_batch(total_of), 21);
}
BOOST_AUTO_TEST_CASE(d7_018_map) { gives(f1() | flow::map(twice), {2, 4, 6, 8, 10, 12}); }
BOOST_AUTO_TEST_CASE(d7_019_reject) { gives(f1() | rejected(), {1, 3, 5}); }
BOOST_AUTO_TEST_CASE(d7_020_uniq_by) {
    // Each list has odd and even numbers, and a stage of its own; in one stage there are two.
    gives_so_many(f1() | flow::uniq_by(remainder_of_2), 4);
    gives_so_many(f1() | flow::shuffle({.stages = 1}) | flow::uniq_by(remainder_of_2), 2);
}
BOOST_AUTO_TEST_CASE(d7_021_keeps_ordering) { gives(f1() | in_order(), {6, 10, 14}); }
BOOST_AUTO_TEST_CASE(d7_022_reduce) { gives_in_total(f1() | summed(), 21); }
BOOST_AUTO_TEST_CASE(d7_023_emit_and_reduce) { gives_in_total(f1() | emitted_and_summed(), 42); }
BOOST_AUTO_TEST_CASE(d7_024_flat_map_and_emit_and_reduce) {
    gives_in_total(f1() | flow::flat_map(both) | emitted_and_summed(), 84);
}
BOOST_AUTO_TEST_CASE(d7_027_with_merged_flow) { gives(flow::merge(flow::from(numbers{1})) | flow::map(twice), {2}); }
BOOST_AUTO_TEST_CASE(d7_036_on_halt_without_intermediary) {
    gives(flow::from(std::views::iota(0)) | flow::take(10), {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}
BOOST_AUTO_TEST_CASE(d7_037_on_halt_with_intermediary) {
    gives(flow::from(std::views::iota(0)) | flow::shuffle({.stages = 1}) | flow::map(twice) | flow::take(5),
          {0, 2, 4, 6, 8});
}

BOOST_AUTO_TEST_CASE(d7_038_only_sources) { gives(f2(), {1, 2, 3, 4, 5, 6}); }
BOOST_AUTO_TEST_CASE(d7_039_raises_locally) {
    auto const f = f2() | flow::map(fail);
    fails_with(f, "oops");
}
BOOST_AUTO_TEST_CASE(d7_040_filter) { gives(f2() | filtered(), {2, 4, 6}); }
BOOST_AUTO_TEST_CASE(d7_041_flat_map) { gives(f2() | flow::flat_map(both), {1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6}); }
BOOST_AUTO_TEST_CASE(d7_042_map_batch) {
    gives_in_total(f2() | flow::map_batch(total_of), 21);
    gives_in_total(f2() | flow::map_batch(total_of) | flow::map(twice), 42);
}
BOOST_AUTO_TEST_CASE(d7_043_map) { gives(f2() | flow::map(twice), {2, 4, 6, 8, 10, 12}); }
BOOST_AUTO_TEST_CASE(d7_044_reject) { gives(f2() | rejected(), {1, 3, 5}); }
BOOST_AUTO_TEST_CASE(d7_045_reduce) { gives_in_total(f2() | summed(), 21); }
BOOST_AUTO_TEST_CASE(d7_046_emit_and_reduce) { gives_in_total(f2() | emitted_and_summed(), 42); }
BOOST_AUTO_TEST_CASE(d7_047_uniq_by) {
    gives_so_many(two_lists() | flow::partition({.stages = 4}, remainder_of_2) | flow::uniq_by(remainder_of_2), 2);
}
BOOST_AUTO_TEST_CASE(d7_048_keeps_ordering) { gives(f2() | in_order(), {6, 10, 14}); }

BOOST_AUTO_TEST_CASE(d7_060_only_sources) {
    gives(f3(), {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    auto const parts = f3() | flow::reduce(numbers(), [](numbers& all, int i) { all.push_back(i); });
    everywhere_in_many_orders([&](collector const& collect) {
        auto all = collect(parts);
        for (auto& each : all) each = sorted(each);
        std::vector<numbers> const expected{{1, 5, 7, 9}, {2, 6, 8}, {3, 4}, {10}};
        BOOST_TEST((sorted(all) == expected));
    });
}
BOOST_AUTO_TEST_CASE(d7_061_raises_locally) {
    auto const f = f3() | flow::map(fail);
    fails_with(f, "oops");
}
BOOST_AUTO_TEST_CASE(d7_062_filter) { gives(f3() | filtered(), {2, 4, 6, 8, 10}); }
BOOST_AUTO_TEST_CASE(d7_063_flat_map) {
    gives(f3() | flow::flat_map(both), {1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10});
}
BOOST_AUTO_TEST_CASE(d7_064_map) { gives(f3() | flow::map(twice), {2, 4, 6, 8, 10, 12, 14, 16, 18, 20}); }
BOOST_AUTO_TEST_CASE(d7_065_map_batch) { gives_in_total(f3() | flow::map_batch(total_of), 55); }
BOOST_AUTO_TEST_CASE(d7_066_reject) { gives(f3() | rejected(), {1, 3, 5, 7, 9}); }
BOOST_AUTO_TEST_CASE(d7_067_reduce) {
    gives(f3() | summed(), {7, 10, 16, 22});
    gives(f3() | rejected() | summed(), {0, 0, 3, 22});
}
BOOST_AUTO_TEST_CASE(d7_068_emit_and_reduce) { gives_in_total(f3() | emitted_and_summed(), 110); }
BOOST_AUTO_TEST_CASE(d7_069_uniq_by) { gives_so_many(f3() | flow::uniq_by(remainder_of_2), 5); }
BOOST_AUTO_TEST_CASE(d7_070_keeps_ordering) { gives(f3() | in_order(), {6, 10, 14, 18, 22}); }

namespace {

/// The first five that come out of these steps behind a running producer.
template <class Steps>
void gives_from_a_stage(Steps const& steps, numbers const& expected) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        BOOST_TEST_INFO_SCOPE("simulation, seed " << seed);
        sluice::testing::random_chooser chooser(seed);
        sluice::testing::simulation simulation(chooser);
        sluice::producer<int> counting(simulation.get_executor(), counter);
        auto const f = flow::from(counting) | steps | flow::take(5);
        bool has_ended = false;
        sluice::async_run(counting, [&](std::exception_ptr error) { has_ended = !error; });
        auto const all = collect_on(f, simulation.get_executor(), [&] { BOOST_TEST(simulation.run().complete()); });
        BOOST_TEST(all == expected);
        BOOST_TEST(has_ended);  // its only consumer has left
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(d7_081_only_sources) { gives_from_a_stage(flow::drop(0), {0, 1, 2, 3, 4}); }
BOOST_AUTO_TEST_CASE(d7_082_filter) { gives_from_a_stage(filtered(), {0, 2, 4, 6, 8}); }
BOOST_AUTO_TEST_CASE(d7_083_flat_map) { gives_from_a_stage(flow::flat_map(both), {0, 0, 1, 1, 2}); }
BOOST_AUTO_TEST_CASE(d7_084_map) { gives_from_a_stage(flow::map(twice), {0, 2, 4, 6, 8}); }
BOOST_AUTO_TEST_CASE(d7_085_reject) { gives_from_a_stage(rejected(), {1, 3, 5, 7, 9}); }
BOOST_AUTO_TEST_CASE(d7_086_keeps_ordering) { gives_from_a_stage(in_order(), {2, 6, 10, 14, 18}); }

BOOST_AUTO_TEST_CASE(d7_087_only_sources) { gives(counted() | flow::take(5), {0, 1, 2, 3, 4}); }
BOOST_AUTO_TEST_CASE(d7_088_filter) { gives(counted() | filtered() | flow::take(5), {0, 2, 4, 6, 8}); }
BOOST_AUTO_TEST_CASE(d7_089_flat_map) { gives(counted() | flow::flat_map(both) | flow::take(5), {0, 0, 1, 1, 2}); }
BOOST_AUTO_TEST_CASE(d7_090_map) { gives(counted() | flow::map(twice) | flow::take(5), {0, 2, 4, 6, 8}); }
BOOST_AUTO_TEST_CASE(d7_091_map_batch) {
    gives(counted() | flow::map_batch(total_of) | flow::take(5), {124'750, 374'750, 624'750, 874'750, 1'124'750});
}
BOOST_AUTO_TEST_CASE(d7_092_reject) { gives(counted() | rejected() | flow::take(5), {1, 3, 5, 7, 9}); }
BOOST_AUTO_TEST_CASE(d7_093_keeps_ordering) { gives(counted() | in_order() | flow::take(5), {2, 6, 10, 14, 18}); }

BOOST_AUTO_TEST_CASE(d7_095_allows_custom_partitioning) {
    auto const f = one_to_ten() | flow::partition({.stages = 4}, [](int) { return 0; }) |
                   flow::reduce(numbers(), [](numbers& all, int i) { all.push_back(i); });
    everywhere_in_many_orders([&](collector const& collect) {
        std::vector<numbers> const expected{{}, {}, {}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}};
        BOOST_TEST((sorted(collect(f)) == expected));
    });
}

BOOST_AUTO_TEST_CASE(d7_101_take_sort_ascending) {
    std::mt19937 random(101);
    numbers all(4000);
    for (auto& each : all) each = static_cast<int>(random() % 1'000'000);
    auto const f = flow::from(all) | flow::partition({.stages = 4}) | flow::take_sort(100);
    auto expected = sorted(all);
    expected.resize(100);
    everywhere_in_many_orders(
        [&](collector const& collect) { BOOST_TEST((collect(f) == std::vector<numbers>{expected})); });
}
BOOST_AUTO_TEST_CASE(d7_102_take_sort_descending) {
    std::mt19937 random(102);
    numbers all(4000);
    for (auto& each : all) each = static_cast<int>(random() % 1'000'000);
    auto const f = flow::from(all) | flow::partition({.stages = 4}) | flow::take_sort(100, std::greater<>());
    std::ranges::sort(all, std::greater<>());
    all.resize(100);
    everywhere_in_many_orders([&](collector const& collect) { BOOST_TEST((collect(f) == std::vector<numbers>{all})); });
}

namespace {

auto gathered() {
    return one_to_ten() | flow::partition({.stages = 4}, std::identity(), conformance::phash<4>()) | summed() |
           flow::departition(
               numbers(), [](numbers& all, int sum) { all.push_back(sum); }, [](numbers all) { return sorted(all); });
}

}  // namespace

BOOST_AUTO_TEST_CASE(d7_103_departition_joins_partitioned_data) {
    auto const f = gathered();
    everywhere_in_many_orders([&](collector const& collect) {
        BOOST_TEST((collect(f) == std::vector<numbers>{{7, 10, 16, 22}}));
    });
}
BOOST_AUTO_TEST_CASE(d7_107_departition_with_map_operations) {
    auto const f = gathered() | flow::map([](numbers const& all) { return all.back(); }) | flow::map(plus_one);
    gives(f, {23});
}

namespace {

auto odd_and_even() {
    auto const all = flow::from(std::views::iota(1, 101));
    return flow::merge(all | rejected() | flow::map(twice), all | filtered() | flow::map(twice));
}

}  // namespace

BOOST_AUTO_TEST_CASE(d7_110_merge_through_partition) {
    gives_in_total(odd_and_even() | flow::partition({.stages = 4, .max_demand = 10, .min_demand = 5}) | summed(),
                   10'100);
}
BOOST_AUTO_TEST_CASE(d7_111_merge_with_a_custom_hash) {
    gives(odd_and_even() | flow::partition({.stages = 4}, [](int) { return 0; }) | summed(), {0, 0, 0, 10'100});
}
BOOST_AUTO_TEST_CASE(d7_113_merge_through_shuffle) {
    gives(odd_and_even() | flow::shuffle({.stages = 1}) | summed(), {10'100});
}

BOOST_AUTO_TEST_SUITE_END()
