// Cases of D.7 about joins: left 0 … 3, right 4 … 8, the keys of the right side less three, or as they are.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <ranges>
#include <sluice/flow/flow.hpp>
#include <sluice/thread_pool.hpp>
#include <utility>
#include <vector>

namespace flow = sluice::flow;

namespace {

constexpr int nil = -1;
using pairs = std::vector<std::pair<int, int>>;

auto as_it_is(int i) -> int { return i; }
auto less_three(int i) -> int { return i - 3; }
auto pair_of(std::optional<int> const& l, std::optional<int> const& r) -> std::pair<int, int> {
    return {l.value_or(nil), r.value_or(nil)};
}

auto join(flow::join_kind kind, int (*right_key)(int)) -> pairs {
    sluice::thread_pool pool{2};
    auto const joined = flow::bounded_join(kind, flow::from(std::views::iota(0, 4)), flow::from(std::views::iota(4, 9)),
                                           as_it_is, right_key, pair_of);
    auto all = flow::collect(joined, pool);
    std::ranges::sort(all);
    return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(flow_joins)

BOOST_AUTO_TEST_CASE(d7_115_inner_join_with_matching_keys) {
    BOOST_TEST((join(flow::join_kind::inner, less_three) == pairs{{1, 4}, {2, 5}, {3, 6}}));
}

BOOST_AUTO_TEST_CASE(d7_116_inner_join_with_unmatching_keys) {
    BOOST_TEST((join(flow::join_kind::inner, as_it_is) == pairs{}));
}

BOOST_AUTO_TEST_CASE(d7_117_left_join_with_matching_keys) {
    BOOST_TEST((join(flow::join_kind::left, less_three) == pairs{{0, nil}, {1, 4}, {2, 5}, {3, 6}}));
}

BOOST_AUTO_TEST_CASE(d7_118_left_join_with_unmatching_keys) {
    BOOST_TEST((join(flow::join_kind::left, as_it_is) == pairs{{0, nil}, {1, nil}, {2, nil}, {3, nil}}));
}

BOOST_AUTO_TEST_CASE(d7_119_right_join_with_matching_keys) {
    BOOST_TEST((join(flow::join_kind::right, less_three) == pairs{{nil, 7}, {nil, 8}, {1, 4}, {2, 5}, {3, 6}}));
}

BOOST_AUTO_TEST_CASE(d7_120_right_join_with_unmatching_keys) {
    BOOST_TEST((join(flow::join_kind::right, as_it_is) == pairs{{nil, 4}, {nil, 5}, {nil, 6}, {nil, 7}, {nil, 8}}));
}

BOOST_AUTO_TEST_CASE(d7_121_full_join_with_matching_keys) {
    BOOST_TEST(
        (join(flow::join_kind::full, less_three) == pairs{{nil, 7}, {nil, 8}, {0, nil}, {1, 4}, {2, 5}, {3, 6}}));
}

BOOST_AUTO_TEST_CASE(d7_122_full_join_with_unmatching_keys) {
    BOOST_TEST((join(flow::join_kind::full, as_it_is) ==
                pairs{{nil, 4}, {nil, 5}, {nil, 6}, {nil, 7}, {nil, 8}, {0, nil}, {1, nil}, {2, nil}, {3, nil}}));
}

BOOST_AUTO_TEST_CASE(d7_123_a_join_followed_by_a_mapper) {
    sluice::thread_pool pool{2};
    auto const sums = flow::bounded_join(flow::join_kind::inner, flow::from(std::views::iota(0, 4)),
                                         flow::from(std::views::iota(4, 7)), as_it_is, less_three,
                                         [](int l, int r) { return std::pair(l, r); }) |
                      flow::map([](std::pair<int, int> const& each) { return each.first + each.second; });
    auto all = flow::collect(sums, pool);
    std::ranges::sort(all);
    BOOST_TEST((all == std::vector{5, 7, 9}));
}

BOOST_AUTO_TEST_CASE(d7_124_a_join_followed_by_a_reduction) {
    sluice::thread_pool pool{2};
    auto const sums = flow::bounded_join(flow::join_kind::inner, flow::from(std::views::iota(0, 4)),
                                         flow::from(std::views::iota(4, 7)), as_it_is, less_three,
                                         [](int l, int r) { return l + r; }, {.stages = 2}) |
                      flow::reduce(0, [](int& sum, int each) { sum += each; });
    auto const all = flow::collect(sums, pool);
    BOOST_TEST(all.size() == 2u);  // one for each stage, whichever keys it has
    BOOST_TEST(all[0] + all[1] == 21);
}

BOOST_AUTO_TEST_SUITE_END()
