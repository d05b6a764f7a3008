#include <atomic>
#include <boost/test/unit_test.hpp>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <random>
#include <ranges>
#include <string>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_steps)

using namespace flow_test;

namespace {

auto numbers(int n) {
    std::vector<int> all(static_cast<std::size_t>(n));
    std::iota(all.begin(), all.end(), 0);
    return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_flow_without_steps_gives_the_range_in_order) {
    auto const f = flow::from(numbers(10'000));
    everywhere([&](auto const& collect) { BOOST_TEST(collect(f) == numbers(10'000)); });
}

BOOST_AUTO_TEST_CASE(map_makes_one_event_of_each_and_keeps_order) {
    auto const f = flow::from(std::views::iota(0, 5000)) | flow::map([](int i) { return std::to_string(i); });
    everywhere([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_REQUIRE(all.size() == 5000u);
        for (int i = 0; i < 5000; ++i) BOOST_REQUIRE(all[static_cast<std::size_t>(i)] == std::to_string(i));
    });
}

BOOST_AUTO_TEST_CASE(filter_keeps_and_reject_drops_what_the_function_says) {
    auto const even = [](int i) { return i % 2 == 0; };
    auto const kept = flow::from(std::views::iota(0, 1000)) | flow::filter(even);
    auto const dropped = flow::from(std::views::iota(0, 1000)) | flow::reject(even);
    everywhere([&](auto const& collect) {
        auto all = collect(kept);
        BOOST_TEST(all.size() == 500u);
        BOOST_TEST(std::ranges::all_of(all, even));
        auto others = collect(dropped);
        BOOST_TEST(others.size() == 500u);
        BOOST_TEST(std::ranges::none_of(others, even));
    });
}

BOOST_AUTO_TEST_CASE(flat_map_gives_the_elements_of_each_range_in_order) {
    auto const f = flow::from(std::views::iota(0, 200)) | flow::flat_map([](int i) { return std::views::iota(0, i); });
    std::vector<int> expected;
    for (int i = 0; i < 200; ++i) {
        for (int j = 0; j < i; ++j) expected.push_back(j);
    }
    everywhere([&](auto const& collect) { BOOST_TEST(collect(f) == expected); });
}

BOOST_AUTO_TEST_CASE(flat_maps_can_follow_one_another) {
    auto const upto = [](int i) { return std::views::iota(0, i); };
    auto const f = flow::from(std::views::iota(0, 40)) | flow::flat_map(upto) | flow::map([](int i) { return i + 1; }) |
                   flow::flat_map(upto) | flow::filter([](int i) { return i % 3 != 0; });
    std::vector<int> expected;
    for (int i = 0; i < 40; ++i) {
        for (int j = 0; j < i; ++j) {
            for (int k = 0; k < j + 1; ++k) {
                if (k % 3 != 0) expected.push_back(k);
            }
        }
    }
    everywhere([&](auto const& collect) { BOOST_TEST(collect(f) == expected); });
}

BOOST_AUTO_TEST_CASE(an_endless_range_of_flat_map_is_walked_only_as_far_as_is_asked_for) {
    auto const walked = std::make_shared<std::atomic<long>>(0);
    auto const endless = flow::from(std::views::single(0)) | flow::flat_map([walked](int) {
                             return std::views::iota(0) | std::views::transform([walked](int i) {
                                        ++*walked;
                                        return i;
                                    });
                         });
    asio::io_context context;
    {
        auto drawn = flow::stream(endless, context);
        context.run_for(std::chrono::milliseconds(1));  // as far as it gets without anybody who draws
        while (context.poll() > 0) {}
    }
    context.run();
    BOOST_TEST(*walked > 0);
    BOOST_TEST(*walked < 10'000);
}

BOOST_AUTO_TEST_CASE(the_range_of_flat_map_may_refer_to_the_event) {
    auto const f =
        flow::from(std::views::iota(0, 3000)) |
        flow::map([](int i) { return std::vector<std::string>(3, "a string that is long: " + std::to_string(i)); }) |
        flow::flat_map([](std::vector<std::string> const& all) { return std::views::all(all); });
    everywhere([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_REQUIRE(all.size() == 9000u);
        BOOST_TEST(all[8999] == "a string that is long: 2999");
    });
}

BOOST_AUTO_TEST_CASE(flat_map_moves_the_elements_of_a_container_that_is_its_own) {
    auto const f = flow::from(std::views::iota(0, 1000)) | flow::flat_map([](int i) {
                       std::vector<std::unique_ptr<int>> two;
                       two.push_back(std::make_unique<int>(i));
                       two.push_back(std::make_unique<int>(-i));
                       return two;
                   });
    everywhere([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_REQUIRE(all.size() == 2000u);
        BOOST_TEST(*all[1999] == -999);
    });
}

BOOST_AUTO_TEST_CASE(each_function_is_called_exactly_once_an_event) {
    auto const mapped = std::make_shared<std::atomic<int>>(0);
    auto const asked = std::make_shared<std::atomic<int>>(0);
    auto const f = flow::from(std::views::iota(0, 10'000)) | flow::map([=](int i) {
                       ++*mapped;
                       return i;
                   }) |
                   flow::filter([=](int i) {
                       ++*asked;
                       return i % 2 == 0;
                   });
    everywhere([&](auto const& collect) {
        *mapped = *asked = 0;
        BOOST_TEST(collect(f).size() == 5000u);
        BOOST_TEST(*mapped == 10'000);
        BOOST_TEST(*asked == 10'000);
    });
}

BOOST_AUTO_TEST_CASE(steps_compose_without_a_source) {
    auto const clean = flow::map([](int i) { return i * 3; }) | flow::filter([](int i) { return i % 2 == 0; });
    auto const twice = clean | flow::map([](int i) { return i / 2; });
    auto const f = flow::from(std::views::iota(0, 10)) | twice;
    everywhere([&](auto const& collect) { BOOST_TEST(collect(f) == (std::vector{0, 3, 6, 9, 12})); });
}

BOOST_AUTO_TEST_CASE(exchanges_and_reductions_compose_without_a_source) {
    auto const sums = flow::partition({.stages = 3}) | flow::reduce(0L, [](long& sum, int i) { sum += i; });
    auto const f = flow::from(std::views::iota(0, 1000)) | sums;
    everywhere([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_TEST(all.size() == 3u);
        BOOST_TEST(std::accumulate(all.begin(), all.end(), 0L) == 499'500);
    });
}

BOOST_AUTO_TEST_CASE(a_flow_is_a_value_that_can_be_copied_and_run_again) {
    auto const f = flow::from(numbers(100)) | flow::map([](int i) { return -i; });
    auto const copy = f;
    auto const longer = copy | flow::filter([](int i) { return i < -50; });
    everywhere([&](auto const& collect) {
        BOOST_TEST(collect(f).size() == 100u);
        BOOST_TEST(collect(copy).size() == 100u);
        BOOST_TEST(collect(longer).size() == 49u);
    });
}

BOOST_AUTO_TEST_CASE(each_stage_has_a_copy_of_its_own_of_each_function) {
    auto const f = flow::from(std::views::iota(0, 100)) |
                   flow::map([calls = 0](int) mutable { return ++calls; });  // begins anew in each run
    everywhere([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_TEST(all.front() == 1);
        BOOST_TEST(all.back() == 100);
    });
}

BOOST_AUTO_TEST_CASE(a_step_may_be_a_member_a_function_or_a_reference_to_one) {
    struct order {
        int customer;
    };
    int calls = 0;
    auto count = [&calls](int i) {
        ++calls;
        return i;
    };
    auto const f = flow::from(std::views::iota(0, 10)) | flow::map([](int i) { return order{i}; }) |
                   flow::map(&order::customer) | flow::map(std::ref(count));
    BOOST_TEST(collect_here(f).size() == 10u);
    BOOST_TEST(calls == 10);
}

BOOST_AUTO_TEST_CASE(move_only_events_pass_steps_that_copy_nothing) {
    auto const f = flow::from(std::views::iota(0, 2000)) | flow::map([](int i) { return std::make_unique<int>(i); }) |
                   flow::filter([](std::unique_ptr<int> const& p) { return *p % 2 == 0; }) |
                   flow::map([](std::unique_ptr<int> p) {
                       ++*p;
                       return p;
                   });
    everywhere([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_REQUIRE(all.size() == 1000u);
        BOOST_TEST(*all[999] == 1999);
    });
}

BOOST_AUTO_TEST_CASE(events_of_bool_are_events_like_others) {
    auto const f = flow::from(std::views::iota(0, 1500)) | flow::map([](int i) { return i % 3 == 0; }) |
                   flow::shuffle({.stages = 2});
    everywhere([&](auto const& collect) { BOOST_TEST(std::ranges::count(collect(f), true) == 500); });
}

BOOST_AUTO_TEST_CASE(a_million_events_pass_unharmed) {
    auto const f = flow::from(std::views::iota(0, 1'000'000)) | flow::map([](int i) { return long{i} * 3; }) |
                   flow::filter([](long i) { return i % 2 == 0; });
    everywhere([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_TEST(all.size() == 500'000u);
        BOOST_TEST(std::accumulate(all.begin(), all.end(), 0L) == 3 * 249'999'500'000L);
    });
}

// Random chains of steps against plain loops over vectors.
BOOST_AUTO_TEST_CASE(a_flow_gives_what_plain_loops_give) {
    std::mt19937 random(7);
    for (int round = 0; round < 20; ++round) {
        int const factor = static_cast<int>(random() % 5) + 1;
        int const modulus = static_cast<int>(random() % 4) + 2;
        int const spread = static_cast<int>(random() % 6);
        int const count = static_cast<int>(random() % 3000);
        auto const f = flow::from(std::views::iota(0, count)) | flow::map([=](int i) { return i * factor; }) |
                       flow::reject([=](int i) { return i % modulus == 0; }) |
                       flow::flat_map([=](int i) { return std::list<int>(static_cast<std::size_t>(spread), i); });
        std::vector<int> expected;
        for (int i = 0; i < count; ++i) {
            if (i * factor % modulus != 0)
                expected.insert(expected.end(), static_cast<std::size_t>(spread), i * factor);
        }
        everywhere([&](auto const& collect) { BOOST_TEST(collect(f) == expected); });
    }
}

BOOST_AUTO_TEST_SUITE_END()
