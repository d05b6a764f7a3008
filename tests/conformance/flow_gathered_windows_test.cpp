// Flow's flow_test.exs: windows and triggers behind an exchange, and before a departition.
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <ranges>
#include <sluice/core/partition_of.hpp>
#include <string>
#include <utility>
#include <vector>

#include "phash2.hpp"
#include "unit/flow/support.hpp"

BOOST_AUTO_TEST_SUITE(flow_gathered_windows_conformance)

using namespace flow_test;
using std::chrono::milliseconds;

namespace {

using numbers = std::vector<int>;

auto one_to_ten() {
    return flow::from(std::views::iota(1, 11)) |
           flow::partition({.stages = 4}, std::identity(), conformance::phash<4>());
}
void add(int& sum, int i) { sum += i; }
void append(numbers& all, int sum) { all.push_back(sum); }
auto twice(int i) { return i * 2; }

/// The odd numbers of 1 … 100, and the even ones, twice.
auto odd_and_even() {
    auto const all = flow::from(std::views::iota(1, 101));
    auto const is_even = [](int i) { return i % 2 == 0; };
    return flow::merge(all | flow::reject(is_even) | flow::map(twice), all | flow::filter(is_even) | flow::map(twice));
}
/// Up to 100, and up to 200. One of the two sources may be far ahead: nothing is late all the same.
auto of_hundreds() {
    return flow::fixed_windows(milliseconds(100), [](int i) { return i - 1; }, {.out_of_order = milliseconds(200)});
}

template <class F>
void gives(F const& f, numbers const& expected) {
    everywhere_in_many_orders([&](collector const& collect) { BOOST_TEST(sorted(collect(f)) == expected); });
}

}  // namespace

BOOST_AUTO_TEST_CASE(d7_006_a_mapper_behind_what_is_emitted) {
    auto const f = one_to_ten() | flow::reduce(numbers(), append) | flow::emit(flow::events) | flow::map(twice);
    gives(f, {2, 4, 6, 8, 10, 12, 14, 16, 18, 20});
}
BOOST_AUTO_TEST_CASE(d7_104_departition_with_window_info) {
    using sums = std::pair<flow::window_kind, numbers>;
    auto const tell = [](int sum, flow::trigger_info const& info) {
        return std::vector{std::pair(info.window.kind, sum)};
    };
    auto const gather = [](sums& all, std::pair<flow::window_kind, int> const& part) {
        all.first = part.first;
        all.second.push_back(part.second);
    };
    auto const f = one_to_ten() | flow::reduce(0, add) | flow::on_trigger(tell) |
                   flow::departition(sums(flow::window_kind::count, {}), gather);
    everywhere_in_many_orders([&](collector const& collect) {
        auto const all = collect(f);
        BOOST_REQUIRE(all.size() == 1u);
        BOOST_TEST((all[0].first == flow::window_kind::global));
        BOOST_TEST((sorted(all[0].second) == numbers{7, 10, 16, 22}));
    });
}
BOOST_AUTO_TEST_CASE(d7_108_departition_with_reduce_operations) {
    auto const reset = [](int& sum) { return std::vector{std::exchange(sum, 0)}; };
    auto const f = one_to_ten() | flow::trigger_every(2) | flow::reduce(0, add) | flow::on_trigger(reset) |
                   flow::departition(0, add) | flow::reduce(0, add);
    gives(f, {55});
}

BOOST_AUTO_TEST_CASE(d7_112_merge_through_partition_with_windows) {
    auto const f =
        odd_and_even() |
        flow::partition({.stages = 4, .max_demand = 10, .min_demand = 5}, std::identity(), conformance::phash<4>()) |
        of_hundreds() | flow::reduce(0, add);
    gives(f, {594, 596, 654, 706, 1248, 1964, 2066, 2272});
}
BOOST_AUTO_TEST_CASE(d7_114_merge_through_shuffle_with_windows) {
    gives(odd_and_even() | flow::shuffle({.stages = 1, .max_demand = 10}) | of_hundreds() | flow::reduce(0, add),
          {2550, 7550});
}

BOOST_AUTO_TEST_SUITE_END()
