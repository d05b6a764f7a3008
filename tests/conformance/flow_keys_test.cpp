// Flow's flow_test.exs: partitions by a key, and a join of a flow that is partitioned already.
#include <boost/test/unit_test.hpp>
#include <functional>
#include <ranges>
#include <sluice/core/partition_of.hpp>
#include <utility>
#include <vector>

#include "phash2.hpp"
#include "unit/flow/support.hpp"

BOOST_AUTO_TEST_SUITE(flow_keys_conformance)

using namespace flow_test;

namespace {

using numbers = std::vector<int>;

/// {1, 1}, {2, 2}, {3, 3}, {1, 4}, {2, 5}, {3, 6}, as a tuple and as a map.
struct keyed {
    int key;
    int value;
};
auto pairs() { return flow::from(std::vector<std::pair<int, int>>{{1, 1}, {2, 2}, {3, 3}, {1, 4}, {2, 5}, {3, 6}}); }
auto objects() {
    return pairs() | flow::map([](std::pair<int, int> const& p) { return keyed{p.first, p.second}; });
}

template <class Value>
auto values(Value value) {
    return flow::reduce(numbers(),
                        [value](numbers& all, auto const& each) { all.push_back(std::invoke(value, each)); });
}

/// Keys 1 and 2 meet in one partition, 3 has the other.
template <class F>
void meets_by_key(F const& f) {
    everywhere_in_many_orders([&](collector const& collect) {
        auto parts = collect(f);
        for (auto& each : parts) each = sorted(each);
        BOOST_TEST((sorted(parts) == std::vector<numbers>{{1, 2, 4, 5}, {3, 6}}));
    });
}

constexpr flow::exchange_options in_two{.stages = 2};
auto key_of(keyed const& each) { return each.key; }

}  // namespace

BOOST_AUTO_TEST_CASE(d7_096_element_based_partitioning) {
    using pair = std::pair<int, int>;
    meets_by_key(pairs() | flow::partition(in_two, &pair::first, conformance::phash<2>()) | values(&pair::second));
}
BOOST_AUTO_TEST_CASE(d7_097_key_based_partitioning) {
    meets_by_key(objects() | flow::partition(in_two, &keyed::key, conformance::phash<2>()) | values(&keyed::value));
}
BOOST_AUTO_TEST_CASE(d7_098_function_based_partitioning) {
    meets_by_key(objects() | flow::partition(in_two, key_of, conformance::phash<2>()) | values(&keyed::value));
}
BOOST_AUTO_TEST_CASE(d7_099_function_based_partitioning_after_shuffling) {
    meets_by_key(objects() | flow::shuffle({.stages = 2}) | flow::partition(in_two, key_of, conformance::phash<2>()) |
                 values(&keyed::value));
}

BOOST_AUTO_TEST_CASE(d7_125_joins_a_flow_that_is_partitioned_and_one_that_is_mapped) {
    auto const left = flow::from(std::views::iota(0, 10)) | flow::partition();
    auto const right = flow::from(std::views::iota(0, 10)) | flow::map([](int i) { return i + 10; });
    auto const sums = flow::bounded_join(
                          flow::join_kind::inner, left, right, std::identity(), [](int i) { return i - 10; },
                          [](int l, int r) { return l + r; }, {.stages = 2}) |
                      flow::reduce(0, [](int& sum, int each) { sum += each; });
    everywhere_in_many_orders([&](collector const& collect) {
        auto const all = collect(sums);
        BOOST_TEST(all.size() == 2u);
        BOOST_TEST(all[0] + all[1] == 44 + 146);
    });
}

BOOST_AUTO_TEST_SUITE_END()
