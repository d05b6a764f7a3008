#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "support.hpp"

// The examples in the headers of steps and layers: tools/header_examples copies each from here, from between the lines
// `[doc:name]` and `[doc:end]`, into the comment on that function.

BOOST_AUTO_TEST_SUITE(flow_examples_of_steps)

using namespace flow_test;

namespace {

using numbers = std::vector<int>;
using words = std::vector<std::string>;

template <class F>
auto ran_sorted(F const& f) {
    return sorted(ran(f));
}

struct order {
    std::string customer;
    int amount;
};
using orders = std::vector<order>;

}  // namespace

BOOST_AUTO_TEST_CASE(map) {
    // [doc:map]
    auto const f = flow::from(std::views::iota(1, 4)) | flow::map([](int i) { return i * i; });  // 1, 4, 9
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{1, 4, 9}));
}
BOOST_AUTO_TEST_CASE(flat_map) {
    // [doc:flat_map]
    auto const f = flow::from(std::views::iota(1, 4)) |
                   flow::flat_map([](int i) { return std::views::iota(0, i); });  // 0, 0, 1, 0, 1, 2
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{0, 0, 1, 0, 1, 2}));
}
BOOST_AUTO_TEST_CASE(filter) {
    // [doc:filter]
    auto const f = flow::from(std::views::iota(1, 7)) | flow::filter([](int i) { return i % 2 == 0; });  // 2, 4, 6
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{2, 4, 6}));
}
BOOST_AUTO_TEST_CASE(reject) {
    // [doc:reject]
    auto const f = flow::from(std::views::iota(1, 7)) | flow::reject([](int i) { return i % 2 == 0; });  // 1, 3, 5
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{1, 3, 5}));
}
BOOST_AUTO_TEST_CASE(map_values) {
    words const fruits{"fig", "fig", "plum"};
    // [doc:map_values]
    auto const f = flow::from(fruits) | flow::count_by() |
                   flow::map_values([](std::size_t n) { return std::to_string(n) + " times"; });
    // {"fig", "2 times"} and {"plum", "1 times"}, in any order
    // [doc:end]
    using pairs = std::vector<std::pair<std::string, std::string>>;
    BOOST_TEST((ran_sorted(f) == pairs{{"fig", "2 times"}, {"plum", "1 times"}}));
}
BOOST_AUTO_TEST_CASE(tap) {
    std::vector<int> log;
    // [doc:tap]
    auto const f = flow::from(std::views::iota(1, 4)) | flow::tap([&log](int i) { log.push_back(i); });  // 1, 2, 3
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{1, 2, 3}));
    BOOST_TEST((log == numbers{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(take) {
    // [doc:take]
    auto const f = flow::from(std::views::iota(1)) | flow::take(3);  // 1, 2, 3 of what has no end
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{1, 2, 3}));
}
BOOST_AUTO_TEST_CASE(drop) {
    // [doc:drop]
    auto const f = flow::from(std::views::iota(1, 7)) | flow::drop(4);  // 5, 6
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{5, 6}));
}
BOOST_AUTO_TEST_CASE(take_while) {
    // [doc:take_while]
    auto const f = flow::from(std::views::iota(1)) | flow::take_while([](int i) { return i * i < 20; });  // 1, 2, 3, 4
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{1, 2, 3, 4}));
}
BOOST_AUTO_TEST_CASE(scan) {
    // [doc:scan]
    auto const f =
        flow::from(std::views::iota(1, 5)) | flow::scan(0, [](int& sum, int i) { sum += i; });  // 1, 3, 6, 10
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{1, 3, 6, 10}));
}
BOOST_AUTO_TEST_CASE(zip_with_index) {
    words const letters{"a", "b"};
    // [doc:zip_with_index]
    auto const f = flow::from(letters) | flow::zip_with_index();  // {"a", 0}, {"b", 1}
    // [doc:end]
    BOOST_TEST((ran(f) == std::vector<std::pair<std::string, std::size_t>>{{"a", 0}, {"b", 1}}));
}
BOOST_AUTO_TEST_CASE(uniq) {
    numbers const some{3, 1, 3, 3, 2, 1};
    // [doc:uniq]
    auto const f = flow::from(some) | flow::uniq();  // 3, 1, 2
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{3, 1, 2}));
}
BOOST_AUTO_TEST_CASE(uniq_by) {
    // [doc:uniq_by]
    auto const f = flow::from(std::views::iota(1, 10)) | flow::uniq_by([](int i) { return i % 3; });  // 1, 2, 3
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(map_batch) {
    // [doc:map_batch]
    auto const f = flow::from(std::views::iota(0, 1200)) |
                   flow::map_batch([](sluice::batch<int> const& all) { return std::vector{all.size()}; });
    // 500, 500, 200
    // [doc:end]
    BOOST_TEST((ran(f) == std::vector<std::size_t>{500, 500, 200}));
}
BOOST_AUTO_TEST_CASE(map_async) {
    // [doc:map_async]
    auto const look_up = [](int user) -> asio::awaitable<std::string> {
        co_await asio::post(asio::use_awaitable);  // or a database, a socket, a timer
        co_return "user " + std::to_string(user);
    };
    auto const f = flow::from(std::views::iota(1, 4)) | flow::map_async({.concurrency = 64}, look_up);
    // "user 1", "user 2", "user 3"
    // [doc:end]
    BOOST_TEST((ran(f) == words{"user 1", "user 2", "user 3"}));
}

BOOST_AUTO_TEST_CASE(partition) {
    orders const some{{"ann", 3}, {"bob", 5}, {"ann", 4}};
    // [doc:partition]
    auto const f = flow::from(some) | flow::partition({.stages = 4}, &order::customer) |
                   flow::scan(0, [](int& sum, order const& o) { sum += o.amount; });
    // behind it each customer's orders are in one of four stages
    // [doc:end]
    BOOST_TEST(ran(f).size() == 3u);
}
BOOST_AUTO_TEST_CASE(shuffle) {
    auto const slow_square = [](int i) { return i * i; };
    // [doc:shuffle]
    auto const f = flow::from(std::views::iota(1, 4)) | flow::shuffle() | flow::map(slow_square);
    // 1, 4, 9 in any order, from as many stages as there are threads
    // [doc:end]
    BOOST_TEST((ran_sorted(f) == numbers{1, 4, 9}));
}
BOOST_AUTO_TEST_CASE(merge) {
    auto const orders = flow::from(std::views::iota(1, 4));
    auto const returns = flow::from(std::views::iota(1, 3)) | flow::map([](int i) { return -i; });
    // [doc:merge]
    auto const all = flow::merge(orders, returns) | flow::partition() | flow::uniq();
    // [doc:end]
    BOOST_TEST((ran_sorted(all) == numbers{-2, -1, 1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(reduce) {
    // [doc:reduce]
    auto const f = flow::from(std::views::iota(1, 5)) | flow::reduce(0, [](int& sum, int i) { sum += i; });  // 10
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{10}));
}
BOOST_AUTO_TEST_CASE(emit_and_reduce) {
    numbers const jumps{2, 1, 5, 5, 3, 6};
    // [doc:emit_and_reduce]
    auto const records = [](int& highest, int i) {
        std::vector<int> const news(i > highest ? 1 : 0, i);
        highest = std::max(highest, i);
        return news;
    };
    auto const f = flow::from(jumps) | flow::emit_and_reduce(0, records);  // 2, 5, 6
    // [doc:end]
    BOOST_TEST((ran(f) == numbers{2, 5, 6}));
}
BOOST_AUTO_TEST_CASE(group_by) {
    // [doc:group_by]
    auto const f = flow::from(std::views::iota(1, 7)) | flow::group_by([](int i) { return i % 2; });
    // {1, {1, 3, 5}} and {0, {2, 4, 6}}
    // [doc:end]
    BOOST_TEST((ran(f) == std::vector<std::pair<int, numbers>>{{1, {1, 3, 5}}, {0, {2, 4, 6}}}));
}
BOOST_AUTO_TEST_CASE(group_by_key) {
    std::vector<std::pair<std::string, int>> const some{{"ann", 3}, {"bob", 5}, {"ann", 4}};
    // [doc:group_by_key]
    auto const f = flow::from(some) | flow::group_by_key();  // {"ann", {3, 4}} and {"bob", {5}}
    // [doc:end]
    BOOST_TEST((ran(f) == std::vector<std::pair<std::string, numbers>>{{"ann", {3, 4}}, {"bob", {5}}}));
}
BOOST_AUTO_TEST_CASE(reduce_by_key) {
    orders const some{{"ann", 3}, {"bob", 5}, {"ann", 4}};
    // [doc:reduce_by_key]
    auto const add = [](int& sum, order const& o) { sum += o.amount; };
    auto const merge = [](int& sum, int more) { sum += more; };
    auto const f = flow::from(some) | flow::reduce_by_key(&order::customer, 0, add, merge);
    // {"ann", 7} and {"bob", 5}, in any order
    // [doc:end]
    BOOST_TEST((ran_sorted(f) == std::vector<std::pair<std::string, int>>{{"ann", 7}, {"bob", 5}}));
}
BOOST_AUTO_TEST_CASE(count_by) {
    words const fruits{"fig", "plum", "fig"};
    // [doc:count_by]
    auto const f = flow::from(fruits) | flow::count_by();  // {"fig", 2} and {"plum", 1}, in any order
    // [doc:end]
    BOOST_TEST((ran_sorted(f) == std::vector<std::pair<std::string, std::size_t>>{{"fig", 2}, {"plum", 1}}));
}
BOOST_AUTO_TEST_CASE(take_sort) {
    numbers const some{5, 2, 9, 1, 7};
    // [doc:take_sort]
    auto const f = flow::from(some) | flow::shuffle() | flow::take_sort(3, std::greater<>());  // {9, 7, 5}
    // [doc:end]
    BOOST_TEST((ran(f) == std::vector<numbers>{{9, 7, 5}}));
}
BOOST_AUTO_TEST_CASE(departition) {
    // [doc:departition]
    auto const add = [](int& sum, int i) { sum += i; };
    auto const f = flow::from(std::views::iota(1, 101)) | flow::partition() | flow::reduce(0, add) |
                   flow::departition(0, add) | flow::map([](int sum) { return std::to_string(sum); });  // "5050"
    // [doc:end]
    BOOST_TEST((ran(f) == words{"5050"}));
}

BOOST_AUTO_TEST_CASE(bounded_join) {
    orders const some{{"ann", 30}, {"ann", 40}};
    words const names{"ann", "bob"};
    // [doc:bounded_join]
    auto const row = [](std::optional<std::string> const& name, std::optional<order> const& o) {
        return *name + ": " + (o ? std::to_string(o->amount) : "nothing");
    };
    auto const f = flow::bounded_join(flow::join_kind::left, flow::from(names), flow::from(some), std::identity(),
                                      &order::customer, row);
    // "ann: 30", "ann: 40" and "bob: nothing", in any order
    // [doc:end]
    BOOST_TEST((ran_sorted(f) == words{"ann: 30", "ann: 40", "bob: nothing"}));
}

BOOST_AUTO_TEST_SUITE_END()
