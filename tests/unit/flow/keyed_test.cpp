#include <boost/test/unit_test.hpp>
#include <map>
#include <memory>
#include <random>
#include <ranges>
#include <sluice/words.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_keyed)

using namespace flow_test;

namespace {

auto upto(int n) { return flow::from(std::views::iota(0, n)); }

auto key_of(int i) { return i % 97; }
void add(long& sum, int i) { sum += i; }
void merge(long& sum, long more) { sum += more; }

/// The same by a plain loop.
auto sums(int n) {
    std::map<int, long> all;
    for (int i = 0; i < n; ++i) all[key_of(i)] += i;
    return std::vector<std::pair<int, long>>(all.begin(), all.end());
}

template <class Check>
void refuses(Check const& check, std::string const& sentence) {
    BOOST_CHECK_EXCEPTION(check(), boost::system::system_error, [&](boost::system::system_error const& e) {
        return e.code() == sluice::errc::invalid_option && std::string(e.what()).find(sentence) != std::string::npos;
    });
}

}  // namespace

BOOST_AUTO_TEST_CASE(group_by_gives_the_values_of_each_key_as_they_came) {
    auto const f = upto(1000) | flow::group_by([](int i) { return i % 7; }, [](int i) { return i * 2; });
    everywhere_in_many_orders([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_REQUIRE(all.size() == 7u);
        for (int key = 0; key < 7; ++key) {
            auto const& [k, found] = all[static_cast<std::size_t>(key)];
            BOOST_TEST(k == key);
            std::vector<int> expected;
            for (int i = key; i < 1000; i += 7) expected.push_back(i * 2);
            BOOST_TEST(found == expected);
        }
    });
}

BOOST_AUTO_TEST_CASE(behind_a_partition_groups_are_those_of_the_whole_flow) {
    auto const f = upto(5000) | flow::shuffle({.stages = 2}) | flow::partition({.stages = 3}, key_of) |
                   flow::group_by(key_of) | flow::map([](auto const& group) { return group.second.size(); });
    everywhere_in_many_orders([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_TEST(all.size() == 97u);
        for (auto size : all) BOOST_TEST((size == 51 || size == 52));
    });
}

BOOST_AUTO_TEST_CASE(group_by_key_takes_pairs_and_tuples) {
    auto const f =
        upto(100) | flow::map([](int i) { return std::pair(i % 3, std::to_string(i)); }) | flow::group_by_key();
    auto const g =
        upto(100) | flow::map([](int i) { return std::tuple(i % 3, std::to_string(i)); }) | flow::group_by_key();
    everywhere([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_REQUIRE(all.size() == 3u);
        BOOST_TEST(all[2].second.back() == "98");
        BOOST_TEST((all == collect(g)));
    });
}

BOOST_AUTO_TEST_CASE(values_that_cannot_be_copied_can_be_grouped) {
    auto const f = upto(100) | flow::map([](int i) { return std::pair(i % 3, std::make_unique<int>(i)); }) |
                   flow::group_by_key() | flow::shuffle({.stages = 1});
    everywhere([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_REQUIRE(all.size() == 3u);
        BOOST_TEST(*all[2].second.back() == 98);
    });
}

BOOST_AUTO_TEST_CASE(reduce_by_key_gives_each_key_once) {
    auto const f = upto(20'000) | flow::reduce_by_key(key_of, 0L, add, merge, {.stages = 3});
    auto const expected = sums(20'000);
    everywhere_in_many_orders([&](auto const& collect) { BOOST_TEST((sorted(collect(f)) == expected)); });
}

BOOST_AUTO_TEST_CASE(the_answers_are_the_same_however_much_is_combined) {
    auto const expected = sums(3000);
    for (std::size_t keys : {1, 2, 96, 97, 98}) {
        auto const f = upto(3000) | flow::shuffle({.stages = 2}) |
                       flow::reduce_by_key(key_of, 0L, add, merge, {.stages = 2, .combine_keys = keys});
        everywhere_in_many_orders([&](auto const& collect) { BOOST_TEST((sorted(collect(f)) == expected)); });
    }
    auto const f = upto(3000) | flow::reduce_by_key(key_of, 0L, add, merge, {.stages = 2, .combine = false});
    everywhere_in_many_orders([&](auto const& collect) { BOOST_TEST((sorted(collect(f)) == expected)); });
}

BOOST_AUTO_TEST_CASE(combining_exchanges_few_events) {
    auto const merged = std::make_shared<int>(0);
    auto const counting = [merged](long& sum, long more) {
        ++*merged;
        sum += more;
    };
    auto const combined = upto(10'000) | flow::shuffle({.stages = 2}) |
                          flow::reduce_by_key([](int i) { return i % 10; }, 0L, add, counting, {.stages = 1});
    collect_here(combined);
    BOOST_TEST(*merged <= 10);  // two stages send each key once, and the first of a key is not merged
    *merged = 0;
    auto const singly =
        upto(10'000) | flow::shuffle({.stages = 2}) |
        flow::reduce_by_key([](int i) { return i % 10; }, 0L, add, counting, {.stages = 1, .combine = false});
    collect_here(singly);
    BOOST_TEST(*merged == 10'000 - 10);
}

BOOST_AUTO_TEST_CASE(a_full_table_is_sent_and_begun_anew) {
    auto const merged = std::make_shared<int>(0);
    auto const counting = [merged](long& sum, long more) {
        ++*merged;
        sum += more;
    };
    // 20 keys in turn, 10 fit: nothing is ever combined.
    auto const f = upto(2000) | flow::reduce_by_key([](int i) { return i % 20; }, 0L, add, counting,
                                                    {.stages = 1, .combine_keys = 10});
    BOOST_TEST(collect_here(f).size() == 20u);
    BOOST_TEST(*merged == 2000 - 20);
}

BOOST_AUTO_TEST_CASE(count_by_counts_the_events_of_each_key) {
    std::string const text = "the cat and the dog and the end\n";
    auto const f = flow::from(std::vector<std::string>(300, text)) | flow::flat_map([](std::string const& line) {
                       std::istringstream in(line);
                       std::vector<std::string> all;
                       for (std::string word; in >> word;) all.push_back(word);
                       return all;
                   }) |
                   flow::count_by(std::identity(), {.stages = 2});
    everywhere_in_many_orders([&](auto const& collect) {
        std::vector<std::pair<std::string, std::size_t>> const expected{
            {"and", 600}, {"cat", 300}, {"dog", 300}, {"end", 300}, {"the", 900}};
        BOOST_TEST((sorted(collect(f)) == expected));
    });
}

BOOST_AUTO_TEST_CASE(count_by_without_a_key_counts_equal_events) {
    auto const f = upto(1000) | flow::map([](int i) { return i % 3; }) | flow::count_by();
    everywhere([&](auto const& collect) {
        std::vector<std::pair<int, std::size_t>> const expected{{0, 334}, {1, 333}, {2, 333}};
        BOOST_TEST((sorted(collect(f)) == expected));
    });
}

BOOST_AUTO_TEST_CASE(accumulators_may_be_made_by_a_function_and_move_only) {
    auto const f = upto(1000) | flow::reduce_by_key(
                                    key_of, [] { return std::make_unique<long>(0); },
                                    [](std::unique_ptr<long>& sum, int i) { *sum += i; },
                                    [](std::unique_ptr<long>& sum, std::unique_ptr<long> more) { *sum += *more; },
                                    {.stages = 2, .combine_keys = 10});
    everywhere([&](auto const& collect) {
        long total = 0;
        for (auto const& [key, sum] : collect(f)) total += *sum;
        BOOST_TEST(total == 499'500);
    });
}

BOOST_AUTO_TEST_CASE(each_run_of_a_keyed_flow_begins_anew_and_steps_may_follow) {
    auto const f = upto(500) | flow::count_by([](int i) { return i % 5; }) |
                   flow::map_values([](std::size_t n) { return static_cast<int>(n) + 1; }) |
                   flow::map([](auto const& pair) { return pair.second; });
    everywhere([&](auto const& collect) { BOOST_TEST(collect(f) == std::vector<int>(5, 101)); });
}

BOOST_AUTO_TEST_CASE(the_picture_shows_what_is_combined) {
    auto const on = upto(10) | flow::count_by(key_of, {.stages = 2});
    BOOST_TEST(flow::describe(on).text() ==
               "1. from(range) | combine(4096 keys)  1 stage\n"
               "2. count_by                          2 stages, fed by 1 (partition)\n");
    auto const off = upto(10) | flow::count_by(key_of, {.stages = 2, .combine = false}).named("of customers");
    BOOST_TEST(flow::describe(off).text() ==
               "1. from(range) | combine(off)  1 stage\n"
               "2. count_by(of customers)      2 stages, fed by 1 (partition)\n");
}

BOOST_AUTO_TEST_CASE(options_of_keyed_reductions_are_checked) {
    refuses([] { flow::count_by(key_of, {.stages = 0}); }, "reduce_by_key_options::stages must be 1 to 4096 (got 0)");
    refuses([] { flow::count_by(key_of, {.combine_keys = 0}); },
            "reduce_by_key_options::combine_keys must be at least 1 (got 0)");
    refuses([] { flow::reduce_by_key(key_of, 0L, add, merge, {.max_demand = 0}); },
            "reduce_by_key_options::max_demand must be at least 1 (got 0)");
}

// Random data against a plain loop.
BOOST_AUTO_TEST_CASE(keyed_reductions_give_what_a_map_gives) {
    std::mt19937 random(11);
    for (int round = 0; round < 10; ++round) {
        std::vector<int> numbers(random() % 3000);
        unsigned const keys = 1 + static_cast<unsigned>(random() % 200);
        for (auto& each : numbers) each = static_cast<int>(random() % keys);
        flow::reduce_by_key_options options;
        options.stages = 1 + random() % 3;
        options.combine_keys = 1 + random() % 100;
        options.combine = random() % 4 != 0;
        auto const f = flow::from(numbers) | flow::shuffle({.stages = 2}) | flow::count_by(std::identity(), options);
        std::map<int, std::size_t> expected;
        for (int each : numbers) ++expected[each];
        everywhere_in_many_orders([&](auto const& collect) {
            auto const all = sorted(collect(f));
            BOOST_TEST((all == std::vector<std::pair<int, std::size_t>>(expected.begin(), expected.end())));
        });
    }
}

BOOST_AUTO_TEST_SUITE_END()
