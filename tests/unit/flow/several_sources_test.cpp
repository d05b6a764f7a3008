#include <atomic>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <ranges>
#include <sluice/dispatcher/broadcast_dispatcher.hpp>
#include <sluice/producer.hpp>
#include <sluice/run.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "bodies.hpp"
#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_several_sources)

using namespace flow_test;

BOOST_AUTO_TEST_CASE(every_range_is_walked_and_keeps_its_order) {
    std::vector<std::vector<std::pair<int, int>>> ranges(5);
    for (int i = 0; i < 5; ++i) {
        for (int n = 0; n < 700 * i; ++n) ranges[static_cast<std::size_t>(i)].emplace_back(i, n);
    }
    auto const f = flow::from_ranges(ranges);
    everywhere_in_many_orders([&](auto const& collect) {
        std::map<int, int> next;
        for (auto const& [range, n] : collect(f)) BOOST_REQUIRE(n == next[range]++);
        BOOST_TEST(next[4] == 2800);
        BOOST_TEST(next.size() == 4u);  // one is empty
    });
}

BOOST_AUTO_TEST_CASE(each_range_has_a_stage_with_the_steps_behind_it) {
    std::vector<std::vector<int>> const ranges{{1, 2, 3}, {4, 5, 6}};
    auto const sums = flow::from_ranges(ranges) | flow::reduce(0, [](int& sum, int i) { sum += i; });
    everywhere([&](auto const& collect) { BOOST_TEST(sorted(collect(sums)) == (std::vector{6, 15})); });
    BOOST_TEST(flow::describe(sums).text() == "1. from_ranges(2 ranges) | reduce  2 stages\n");
}

BOOST_AUTO_TEST_CASE(ranges_given_by_move_are_the_flows_own_for_every_run) {
    std::vector<std::list<std::string>> ranges{{"a"}, {"b", "c"}};
    auto const f = flow::from_ranges(std::move(ranges));
    everywhere([&](auto const& collect) {
        BOOST_TEST(sorted(collect(f)) == (std::vector<std::string>{"a", "b", "c"}));
    });
}

BOOST_AUTO_TEST_CASE(ranges_given_by_name_are_read_when_the_flow_runs) {
    std::vector<std::vector<int>> ranges{{1}, {2}};
    auto const f = flow::from_ranges(ranges);
    ranges[1].push_back(3);
    BOOST_TEST(sorted(collect_here(f)) == (std::vector{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(ranges_that_a_view_makes_are_the_flows_own) {
    std::vector<std::vector<int>> made{{1, 2}, {3}};
    auto const of_views =
        flow::from_ranges(std::views::iota(1, 4) | std::views::transform([](int n) { return std::views::iota(0, n); }));
    auto const of_containers =
        flow::from_ranges(std::views::iota(1, 4) | std::views::transform([](int n) { return std::vector<int>(n, n); }));
    auto const seen = flow::from_ranges(std::span(made));
    everywhere([&](auto const& collect) {
        BOOST_TEST(sorted(collect(of_views)) == (std::vector{0, 0, 0, 1, 1, 2}));
        BOOST_TEST(sorted(collect(of_containers)) == (std::vector{1, 2, 2, 3, 3, 3}));
        BOOST_TEST(sorted(collect(seen)) == (std::vector{1, 2, 3}));
    });
    BOOST_TEST(made[0].size() == 2u);  // a span owns nothing that could be moved out
}

BOOST_AUTO_TEST_CASE(ranges_of_what_cannot_be_copied_are_moved_out_once) {
    std::vector<std::vector<std::unique_ptr<int>>> ranges(2);
    for (auto& each : ranges) each.push_back(std::make_unique<int>(7));
    auto const f = flow::from_ranges(std::move(ranges));
    BOOST_TEST(collect_here(f).size() == 2u);
    BOOST_CHECK_THROW(collect_here(f), boost::system::system_error);
}

BOOST_AUTO_TEST_CASE(no_ranges_are_an_empty_flow) {
    auto const f = flow::from_ranges(std::vector<std::vector<int>>());
    auto const further = f | flow::partition({.stages = 2}) | flow::reduce(1, [](int&, int) {});
    everywhere([&](auto const& collect) {
        BOOST_TEST(collect(f).empty());
        BOOST_TEST(collect(further).size() == 2u);
    });
}

BOOST_AUTO_TEST_CASE(an_endless_range_among_several_is_stopped_early) {
    auto const f = flow::from_ranges(std::vector{std::views::iota(0), std::views::iota(1'000'000)}) |
                   flow::shuffle({.stages = 1}) | flow::take(2000);
    everywhere_in_many_orders([&](auto const& collect) { BOOST_TEST(collect(f).size() == 2000u); });
}

BOOST_AUTO_TEST_CASE(a_range_that_throws_ends_the_flow) {
    auto const breaks = [](int i) {
        if (i == 700) throw std::runtime_error("the range failed");
        return i;
    };
    auto const view = std::views::iota(0) | std::views::transform(breaks);
    auto const f = flow::from_ranges(std::vector{view, view});
    fails_with(f, "the range failed");
}

BOOST_AUTO_TEST_CASE(several_running_stages_end_the_flow_when_all_have_ended) {
    sluice::thread_pool pool(2);
    sluice::producer<int> few{pool, counter, 0, 10};
    sluice::producer<int> many{pool, counter, 10, 10'000};
    auto const f = flow::from_stages(few, sluice::from(many, {.max_demand = 10})) | flow::map(std::identity());
    few.set_name("few");
    BOOST_TEST(flow::describe(f).text() ==
               "1. from_stages(few, stage)  2 stages\n2. map                      2 stages, fed by 1\n");
    auto running = sluice::async_run(few, many, asio::use_future);
    auto const all = sorted(flow::collect(f, pool));
    running.get();
    BOOST_TEST(all.size() == 10'000u);
    BOOST_TEST(all.back() == 9'999);
}

BOOST_AUTO_TEST_CASE(a_stage_may_be_given_with_a_selector_and_a_weight) {
    sluice::thread_pool pool(2);
    std::atomic<int> weighed = 0;
    auto const is_even = [](int i) { return i % 2 == 0; };
    auto const weight = [&weighed](int) {
        ++weighed;
        return std::size_t{1};
    };
    sluice::producer<int> numbers{pool, sluice::broadcast_dispatcher<int>(), counter, 0, 100};
    numbers.set_name("numbers");
    auto const some = sluice::from(numbers, {.max_demand = 10, .max_weight = 5}).select(is_even).weigh(weight);
    auto const f = flow::from(some) | flow::map([](int i) { return i + 1; });
    BOOST_TEST(flow::describe(f).nodes()[0].steps.front() == "from(stage)(numbers)");
    auto running = sluice::async_run(numbers, asio::use_future);
    auto const all = flow::collect(f, pool);
    running.get();
    BOOST_TEST(all.size() == 50u);
    BOOST_TEST(all.back() == 99);
    BOOST_TEST(weighed == 50);
}

BOOST_AUTO_TEST_CASE(stages_may_be_given_as_a_list_with_terms) {
    sluice::thread_pool pool(2);
    auto const is_even = [](int i) { return i % 2 == 0; };
    auto const is_odd = [](int i) { return i % 2 != 0; };
    sluice::producer<int> numbers{pool, sluice::broadcast_dispatcher<int>(), counter, 0, 100};
    std::vector const both{sluice::from(numbers).select(is_even), sluice::from(numbers).select(is_odd)};
    auto const f = flow::from_stages(both) | flow::reduce(0, [](int& sum, int i) { sum += i; });
    auto running = sluice::async_run(numbers, asio::use_future);
    auto const sums = sorted(flow::collect(f, pool));
    running.get();
    BOOST_TEST(sums == (std::vector{2450, 2500}));
}

BOOST_AUTO_TEST_CASE(one_stage_that_fails_among_several_ends_the_flow) {
    sluice::thread_pool pool(2);
    sluice::producer<int> endless{pool, counter, 0, std::numeric_limits<int>::max()};
    sluice::producer<int> broken{pool, failing};
    auto const f = flow::from_stages(endless, broken);
    auto one = sluice::async_run(endless, asio::use_future);
    auto other = sluice::async_run(broken, asio::use_future);
    BOOST_CHECK_EXCEPTION(flow::run(f, pool), std::runtime_error,
                          [](auto const& e) { return std::string(e.what()) == "the producer failed"; });
    one.get();  // nobody wants more of it
    BOOST_CHECK_THROW(other.get(), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(a_list_without_stages_is_refused_at_once) {
    BOOST_CHECK_EXCEPTION(
        flow::from_stages(std::vector<sluice::source<int>>()), boost::system::system_error, [](auto const& e) {
            return e.code() == sluice::errc::invalid_option &&
                   std::string(e.what()).starts_with("flow::from_stages: there must be at least one stage (got 0)");
        });
}

BOOST_AUTO_TEST_SUITE_END()
