#include <boost/test/unit_test.hpp>
#include <map>
#include <memory>
#include <numeric>
#include <ranges>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_map_batch)

using namespace flow_test;

namespace {

auto sum_of(sluice::batch<int> const& events) { return std::vector{std::accumulate(events.begin(), events.end(), 0)}; }
auto size_of(sluice::batch<int> const& events) { return std::vector{events.size()}; }

}  // namespace

// Flow: "map_batch/2"
BOOST_AUTO_TEST_CASE(map_batch_gets_what_a_source_has_at_once) {
    auto const f = flow::from(std::vector{1, 2, 3}) | flow::map_batch(sum_of) | flow::map([](int i) { return i * 2; });
    everywhere_in_many_orders([&](auto const& collect) { BOOST_TEST(collect(f) == (std::vector{12})); });
}

BOOST_AUTO_TEST_CASE(a_source_in_the_same_stage_gives_batches_of_500) {
    auto const f = flow::from(std::views::iota(0, 1234)) | flow::map_batch(size_of);
    everywhere_in_many_orders([&](auto const& collect) {
        BOOST_TEST(collect(f) == (std::vector<std::size_t>{500, 500, 234}));
    });
}

// Flow: specs-unpartitioned-stream "map_batch/2"
BOOST_AUTO_TEST_CASE(behind_a_stage_batches_come_as_they_were_sent) {
    auto const counter = [](sluice::outlet<int>& out) -> asio::awaitable<void> {
        for (int next = 0; auto const wanted = co_await out.demand();) {
            auto events = out.make_batch();
            for (std::size_t i = 0; i < *wanted; ++i) events.push_back(next++);
            bool const is_wanted = co_await out.emit(std::move(events));
            if (!is_wanted) co_return;
        }
    };
    auto const f = flow::source<int>(counter) | flow::map_batch(sum_of) | flow::take(5);
    everywhere_in_many_orders([&](auto const& collect) {
        BOOST_TEST(collect(f) == (std::vector{124'750, 374'750, 624'750, 874'750, 1'124'750}));
    });
}

BOOST_AUTO_TEST_CASE(behind_an_exchange_batches_are_within_the_demand) {
    auto const f = flow::from(std::views::iota(0, 10'000)) |
                   flow::shuffle({.stages = 2, .max_demand = 100, .min_demand = 60}) | flow::map_batch(size_of);
    everywhere_in_many_orders([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_TEST(std::accumulate(all.begin(), all.end(), std::size_t{0}) == 10'000u);
        for (auto size : all) BOOST_TEST(size <= 40u);
    });
}

BOOST_AUTO_TEST_CASE(several_of_them_work_in_order_on_whole_batches) {
    auto const twice = [](sluice::batch<int> events) {
        std::vector<int> all(events.begin(), events.end());
        all.insert(all.end(), events.begin(), events.end());
        return all;
    };
    auto const f = flow::from(std::views::iota(0, 700)) | flow::map_batch(twice) | flow::map_batch(size_of);
    everywhere_in_many_orders([&](auto const& collect) {
        BOOST_TEST(collect(f) == (std::vector<std::size_t>{1000, 400}));
    });
}

BOOST_AUTO_TEST_CASE(the_batch_itself_may_be_changed_and_given_back) {
    auto const f = flow::from(std::views::iota(0, 3000)) | flow::partition({.stages = 2}) |
                   flow::map_batch([](sluice::batch<int> events) {
                       for (int& event : events) event = -event;
                       return events;
                   });
    everywhere_in_many_orders([&](auto const& collect) {
        auto const all = sorted(collect(f));
        BOOST_REQUIRE(all.size() == 3000u);
        for (int i = 0; i < 3000; ++i) BOOST_REQUIRE(all[static_cast<std::size_t>(i)] == i - 2999);
    });
}

BOOST_AUTO_TEST_CASE(a_batch_may_vanish_or_grow) {
    auto const f = flow::from(std::views::iota(0, 5000)) | flow::map_batch([](sluice::batch<int> const& events) {
                       bool const is_kept = events.front() % 1000 == 0;
                       return std::views::iota(0, is_kept ? 3000 : 0);
                   });
    everywhere_in_many_orders([&](auto const& collect) { BOOST_TEST(collect(f).size() == 15'000u); });
}

BOOST_AUTO_TEST_CASE(an_endless_range_of_a_batch_can_be_taken_from) {
    auto const f = flow::from(std::views::iota(0)) |
                   flow::map_batch([](sluice::batch<int> const& events) { return std::views::iota(events.back()); }) |
                   flow::take(1300);
    everywhere_in_many_orders([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_REQUIRE(all.size() == 1300u);
        BOOST_TEST(all.front() == 499);
        BOOST_TEST(all.back() == 499 + 1299);
    });
}

BOOST_AUTO_TEST_CASE(batches_of_what_cannot_be_copied_pass) {
    auto const f = flow::from(std::views::iota(0, 1000)) | flow::map_batch([](sluice::batch<int> events) {
                       std::vector<std::unique_ptr<int>> all;
                       for (int event : events) all.push_back(std::make_unique<int>(event));
                       return all;
                   }) |
                   flow::map_batch([](sluice::batch<std::unique_ptr<int>> events) { return events; });
    everywhere([&](auto const& collect) { BOOST_TEST(*collect(f).back() == 999); });
}

BOOST_AUTO_TEST_CASE(lines_that_would_have_to_be_waited_for_do_not_hold_a_batch_back) {
    std::istringstream stream("a\nb\n");
    auto const f = flow::from_lines(stream) |
                   flow::map_batch([](sluice::batch<sluice::text> const& lines) { return std::vector{lines.size()}; });
    BOOST_TEST(collect_here(f) == std::vector<std::size_t>{2});
}

BOOST_AUTO_TEST_CASE(map_values_changes_values_and_leaves_keys) {
    std::map<std::string, int> const ages{{"ann", 1}, {"bob", 2}};
    auto const f = flow::from(ages) | flow::map_values([](int i) { return std::to_string(i * 10); });
    everywhere_in_many_orders([&](auto const& collect) {
        std::vector<std::pair<std::string, std::string>> const expected{{"ann", "10"}, {"bob", "20"}};
        BOOST_TEST((collect(f) == expected));
    });
}

BOOST_AUTO_TEST_CASE(map_values_moves_values_and_takes_tuples) {
    auto const f = flow::from(std::views::iota(0, 100)) |
                   flow::map([](int i) { return std::tuple(std::make_unique<int>(i), std::make_unique<int>(i)); }) |
                   flow::map_values([](std::unique_ptr<int> p) { return p; });
    everywhere([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_REQUIRE(all.size() == 100u);
        BOOST_TEST(*all[99].first + *all[99].second == 198);
    });
}

BOOST_AUTO_TEST_CASE(tap_sees_every_event_once_and_in_order_and_changes_none) {
    std::vector<int> seen;
    auto const f = flow::from(std::views::iota(0, 3000)) | flow::tap([&](int i) { seen.push_back(i); }) |
                   flow::filter([](int i) { return i % 2 == 0; });
    everywhere_in_many_orders([&](auto const& collect) {
        seen.clear();
        BOOST_TEST(collect(f).size() == 1500u);
        BOOST_TEST(seen.size() == 3000u);
        BOOST_TEST(std::ranges::is_sorted(seen));
    });
}

BOOST_AUTO_TEST_CASE(a_view_of_the_batch_may_be_given_back) {
    auto const odd = [](sluice::batch<int> const& all) {
        return all | std::views::filter([](int i) { return i % 2 == 1; });
    };
    auto const f = flow::from(std::views::iota(0, 5000)) | flow::partition({.stages = 2, .max_demand = 40}) |
                   flow::map_batch(odd) | flow::partition({.stages = 2, .max_demand = 6});
    everywhere([&](collector const& collect) {
        auto const got = sorted(collect(f));
        BOOST_TEST(got.size() == 2500u);
        BOOST_TEST(std::ranges::all_of(got, [](int i) { return i % 2 == 1; }));
        BOOST_TEST((std::ranges::adjacent_find(got) == got.end()));
    });
}

BOOST_AUTO_TEST_SUITE_END()
