#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <ranges>
#include <set>
#include <sluice/words.hpp>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_exchange)

using namespace flow_test;

namespace {

struct order {
    int customer = 0;
    int cents = 0;
};

struct identity_hash {
    auto operator()(int i) const -> std::size_t { return static_cast<std::size_t>(i); }
};

template <class Check>
void refuses(Check const& check, std::string const& sentence) {
    BOOST_CHECK_EXCEPTION(check(), boost::system::system_error, [&](boost::system::system_error const& e) {
        return e.code() == sluice::errc::invalid_option && std::string(e.what()).find(sentence) != std::string::npos;
    });
}

auto draw_until(sluice::stream<int> drawn, int wanted) -> asio::awaitable<bool> {
    while (auto events = co_await drawn.receive()) {
        if (std::ranges::find(*events, wanted) != events->end()) co_return true;
    }
    co_return false;
}

}  // namespace

BOOST_AUTO_TEST_CASE(equal_keys_meet_in_one_stage) {
    auto const f = flow::from(std::views::iota(0, 20'000)) | flow::map([](int i) {
                       return order{i % 97, 1};
                   }) |
                   flow::partition({.stages = 4}, &order::customer) |
                   flow::reduce(std::map<int, int>(), [](auto& sums, order const& o) { sums[o.customer] += o.cents; });
    everywhere([&](auto const& collect) {
        std::map<int, int> all;
        auto const parts = collect(f);
        BOOST_TEST(parts.size() == 4u);
        for (auto const& part : parts) {
            for (auto const& [customer, cents] : part) {
                BOOST_TEST(!all.contains(customer));
                all[customer] = cents;
            }
        }
        BOOST_TEST(all.size() == 97u);
        for (auto const& [customer, cents] : all) BOOST_TEST(cents == 20'000 / 97 + (customer < 20'000 % 97 ? 1 : 0));
    });
}

BOOST_AUTO_TEST_CASE(partitions_are_even_also_where_the_low_bits_of_the_hash_are_bad) {
    auto const f = flow::from(std::views::iota(0, 8000)) | flow::map([](int i) { return i * 1024; }) |
                   flow::partition({.stages = 4}, std::identity(), identity_hash()) |
                   flow::reduce(0, [](int& count, int) { ++count; });
    for (int count : collect_here(f)) {
        BOOST_TEST(count > 1500);
        BOOST_TEST(count < 2500);
    }
}

BOOST_AUTO_TEST_CASE(from_one_stage_to_one_stage_order_is_kept) {
    auto const f = flow::from(std::views::iota(0, 20'000)) | flow::partition({.stages = 3}) |
                   flow::reduce(std::vector<int>(), [](auto& all, int i) { all.push_back(i); });
    everywhere([&](auto const& collect) {
        std::size_t count = 0;
        for (auto const& part : collect(f)) {
            BOOST_TEST(std::ranges::is_sorted(part));
            count += part.size();
        }
        BOOST_TEST(count == 20'000u);
    });
}

BOOST_AUTO_TEST_CASE(a_layer_runs_as_many_stages_as_there_are_threads_unless_told_otherwise) {
    auto const f = flow::from(std::views::iota(0, 10)) | flow::partition() | flow::reduce(0, [](int& n, int) { ++n; });
    sluice::thread_pool three(3);
    BOOST_TEST(flow::collect(f, three).size() == 3u);
    sluice::thread_pool one(1);
    BOOST_TEST(flow::collect(f, one).size() == 1u);
    auto const five =
        flow::from(std::views::iota(0, 10)) | flow::shuffle({.stages = 5}) | flow::reduce(0, [](int& n, int) { ++n; });
    BOOST_TEST(flow::collect(five, three).size() == 5u);
}

BOOST_AUTO_TEST_CASE(layers_follow_one_another) {
    auto const f = flow::from(std::views::iota(0, 30'000)) | flow::shuffle({.stages = 3}) |
                   flow::map([](int i) { return i % 1000; }) | flow::partition({.stages = 4}) |
                   flow::reduce(std::unordered_map<int, int>(), [](auto& counts, int i) { ++counts[i]; }) |
                   flow::flat_map([](auto counts) { return counts; }) | flow::shuffle({.stages = 2}) |
                   flow::partition({.stages = 1}, [](auto const& pair) { return pair.second; }) |
                   flow::reduce(std::map<int, int>(), [](auto& keys, auto const& pair) { ++keys[pair.second]; });
    everywhere([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_REQUIRE(all.size() == 1u);
        BOOST_TEST((all.front() == std::map<int, int>{{30, 1000}}));
    });
}

BOOST_AUTO_TEST_CASE(a_shuffle_gives_every_event_to_one_stage) {
    auto const f = flow::from(std::views::iota(0, 50'000)) | flow::shuffle({.stages = 4, .max_demand = 10}) |
                   flow::map([](int i) { return i; });
    everywhere([&](auto const& collect) {
        auto const all = sorted(collect(f));
        BOOST_REQUIRE(all.size() == 50'000u);
        for (int i = 0; i < 50'000; ++i) BOOST_REQUIRE(all[static_cast<std::size_t>(i)] == i);
    });
}

BOOST_AUTO_TEST_CASE(a_shuffle_to_one_stage_merges_and_keeps_the_order_of_each) {
    auto const f = flow::from(std::views::iota(0, 1000)) | flow::partition({.stages = 4}) |
                   flow::shuffle({.stages = 1}) |
                   flow::reduce(std::vector<int>(), [](auto& all, int i) { all.push_back(i); });
    everywhere([&](auto const& collect) { BOOST_TEST(sorted(collect(f).front()).size() == 1000u); });
}

BOOST_AUTO_TEST_CASE(the_smallest_demands_will_do) {
    auto const f = flow::from(std::views::iota(0, 500)) | flow::partition({.stages = 3, .max_demand = 1}) |
                   flow::shuffle({.stages = 2, .max_demand = 2, .min_demand = 1}) | flow::flat_map([](int i) {
                       return std::array{i, i};
                   });
    everywhere([&](auto const& collect) { BOOST_TEST(collect(f).size() == 1000u); });
}

BOOST_AUTO_TEST_CASE(move_only_events_cross_layers) {
    auto const f = flow::from(std::views::iota(0, 5000)) | flow::map([](int i) { return std::make_unique<int>(i); }) |
                   flow::partition({.stages = 3}, [](auto const& p) { return *p; }) | flow::shuffle({.stages = 2}) |
                   flow::map([](std::unique_ptr<int> p) { return *p; });
    everywhere([&](auto const& collect) { BOOST_TEST(sorted(collect(f)).back() == 4999); });
}

BOOST_AUTO_TEST_CASE(an_event_with_a_rare_key_is_not_kept_for_ever) {
    auto const rare = [first = true]() mutable { return std::optional(std::exchange(first, false) ? 0 : 1); };
    auto const f = flow::from(rare) | flow::partition({.stages = 2}) | flow::map([](int i) { return i; });
    asio::io_context context;
    auto seen = asio::co_spawn(context, draw_until(flow::stream(f, context), 0), asio::use_future);
    context.run();
    BOOST_TEST(seen.get());
}

BOOST_AUTO_TEST_CASE(the_words_of_a_text_are_counted_rightly) {
    std::string text;
    std::map<std::string, std::size_t> expected;
    for (int i = 0; i < 20'000; ++i) {
        auto const word = "w" + std::to_string(i * i % 773) + (i % 50 == 0 ? "_and_some_letters_more_than_fit" : "");
        text += word + (i % 9 == 8 ? "\n" : " ");
    }
    for (auto const& word : sluice::words(sluice::text(text))) ++expected[word.str()];
    using counts = std::unordered_map<sluice::text, std::size_t>;
    everywhere([&](auto const& collect) {
        std::istringstream in(text);
        auto const f = flow::from_lines(in) | flow::flat_map(sluice::words) | flow::partition({.stages = 2}) |
                       flow::reduce(counts(), [](counts& all, sluice::text const& word) { ++all[word]; });
        std::map<std::string, std::size_t> all;
        for (auto const& part : collect(f)) {
            for (auto const& [word, count] : part) all[word.str()] += count;
        }
        BOOST_TEST((all == expected));
    });
}

BOOST_AUTO_TEST_CASE(options_are_created_by_name_and_checked_in_one_voice) {
    refuses([] { (void)flow::partition({.stages = 0}); }, "exchange_options::stages must be 1 to 4096 (got 0)");
    refuses([] { (void)flow::partition({.max_demand = 0}); },
            "exchange_options::max_demand must be at least 1 (got 0)");
    refuses([] { (void)flow::shuffle({.stages = 2, .max_demand = 3, .min_demand = 3}); },
            "exchange_options::min_demand must be less than max_demand (got 3, 3)");
    refuses([] { (void)flow::shuffle({.stages = 5000}); }, "exchange_options::stages must be 1 to 4096 (got 5000)");
}

BOOST_AUTO_TEST_SUITE_END()
