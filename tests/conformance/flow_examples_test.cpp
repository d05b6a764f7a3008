#include <boost/asio/co_spawn.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <ranges>
#include <sluice/core/partition_of.hpp>
#include <sluice/thread_pool.hpp>
#include <string>
#include <utility>
#include <vector>

#include "phash2.hpp"
#include "unit/flow/support.hpp"

// The examples in the documentation of Flow and of Flow.Window, in their order.

BOOST_AUTO_TEST_SUITE(flow_examples_conformance_tests)

using namespace flow_test;
using namespace std::chrono_literals;

namespace {

using numbers = std::vector<int>;
using strings = std::vector<std::string>;
using counts = std::map<std::string, int>;

template <class F, class All>
void gives(F const& f, All const& expected) {
    everywhere([&](collector const& collect) { BOOST_TEST((sorted(collect(f)) == expected)); });
}
/// In this order.
template <class F, class All>
void gives_in_order(F const& f, All const& expected) {
    everywhere([&](collector const& collect) { BOOST_TEST((collect(f) == expected)); });
}

auto one_two_three() { return flow::from(numbers{1, 2, 3}); }
auto twice(int i) { return i * 2; }
auto is_even(int i) { return i % 2 == 0; }
auto remainder_of_2(int i) { return i % 2; }
void add(int& sum, int i) { sum += i; }

auto graphemes() {
    return flow::from(strings{"the quick brown fox"}) | flow::flat_map([](std::string text) { return text; }) |
           flow::partition({.stages = 4}) | flow::reduce(std::map<char, int>(), [](auto& all, char c) { ++all[c]; });
}

struct word_at {
    std::string word;
    std::int64_t milliseconds;
};
auto time_of(word_at const& event) { return event.milliseconds; }
void count_word(counts& all, word_at const& event) { ++all[event.word]; }

std::vector<word_at> const in_order{{"elixir", 0},         {"concurrency", 1'000'000}, {"erlang", 2'000'000},
                                    {"elixir", 3'500'000}, {"elixir", 3'600'000},      {"erlang", 4'000'000},
                                    {"erlang", 5'000'000}};
/// The second "elixir" comes when its hour is over.
std::vector<word_at> const out_of_order{{"elixir", 0},         {"concurrency", 1'000'000}, {"erlang", 2'000'000},
                                        {"elixir", 3'600'000}, {"elixir", 3'500'000},      {"erlang", 4'000'000},
                                        {"erlang", 5'000'000}};

struct post {
    int id;
    std::string title;
    std::int64_t milliseconds = 0;
};
struct comment {
    int post;
    std::string text;
    std::int64_t milliseconds = 0;
};
std::vector<post> const posts{{1, "hello", 0}, {2, "world", 1000}};
using row = std::pair<std::string, std::string>;
auto to_row(post const& p, comment const& c) { return row(p.title, c.text); }

}  // namespace

BOOST_AUTO_TEST_CASE(d13_01_filter) { gives(one_two_three() | flow::filter(is_even), numbers{2}); }
BOOST_AUTO_TEST_CASE(d13_02_map) { gives(one_two_three() | flow::map(twice), numbers{2, 4, 6}); }
BOOST_AUTO_TEST_CASE(d13_03_map_of_two_sources) {
    gives(flow::merge(one_two_three(), flow::from(numbers{1, 2, 3})) | flow::map(twice), numbers{2, 2, 4, 4, 6, 6});
}
BOOST_AUTO_TEST_CASE(d13_04_map_values) {
    using pair = std::pair<char, int>;
    std::vector<pair> const all{{'a', 1}, {'b', 2}, {'c', 3}, {'d', 4}, {'e', 5}};
    std::vector<pair> const doubled{{'a', 2}, {'b', 4}, {'c', 6}, {'d', 8}, {'e', 10}};
    gives(flow::from(all) | flow::map_values(twice), doubled);
}
BOOST_AUTO_TEST_CASE(d13_05_flat_map) {
    auto const f = one_two_three() | flow::flat_map([](int i) { return numbers{i, i * 2}; });
    gives(f, numbers{1, 2, 2, 3, 4, 6});
}
BOOST_AUTO_TEST_CASE(d13_06_reject) { gives(one_two_three() | flow::reject(is_even), numbers{1, 3}); }
BOOST_AUTO_TEST_CASE(d13_07_run) {
    int seen = 0;
    auto const f = one_two_three() | flow::tap([&seen](int i) { seen += i; });
    sluice::thread_pool pool(2);
    flow::run(f, pool);
    BOOST_TEST(seen == 6);
}
BOOST_AUTO_TEST_CASE(d13_08_stream) {
    auto const draw = [](sluice::stream<int> drawn, numbers& into) -> asio::awaitable<void> {
        while (auto events = co_await drawn.receive()) into.insert(into.end(), events->begin(), events->end());
    };
    asio::io_context context;
    numbers all;
    auto const f = one_two_three() | flow::map(twice);
    auto drawing = draw(flow::stream(f, context.get_executor()), all);
    asio::co_spawn(context, std::move(drawing), [](std::exception_ptr error) { BOOST_TEST(!error); });
    context.run();
    BOOST_TEST(sorted(all) == (numbers{2, 4, 6}));
}
BOOST_AUTO_TEST_CASE(d13_09_reduce) {
    auto const total = graphemes() | flow::departition(std::map<char, int>(), [](auto& all, auto const& part) {
                           for (auto const& [c, n] : part) all[c] += n;
                       });
    everywhere([&](collector const& collect) {
        auto const all = collect(total);
        BOOST_REQUIRE(all.size() == 1u);
        BOOST_TEST(all[0].size() == 16u);
        BOOST_TEST(all[0].at(' ') == 3);
        BOOST_TEST(all[0].at('o') == 2);
        BOOST_TEST(all[0].at('u') == 1);
        BOOST_TEST(all[0].at('q') == 1);
    });
}
BOOST_AUTO_TEST_CASE(d13_10_emit_and_reduce) {
    auto const last_three = [](numbers& kept, int i) {
        kept.push_back(i);
        if (kept.size() > 3) kept.erase(kept.begin());
        return std::vector<numbers>{kept};
    };
    auto const f = flow::from(numbers{1, 2, 3, 4, 5}) | flow::emit_and_reduce(numbers(), last_three);
    gives_in_order(f, std::vector<numbers>{{1}, {1, 2}, {1, 2, 3}, {2, 3, 4}, {3, 4, 5}});
}
BOOST_AUTO_TEST_CASE(d13_11_group_by) {
    auto const f = flow::from(strings{"the", "quick", "brown", "fox"}) | flow::group_by(&std::string::size);
    using group = std::pair<std::size_t, strings>;
    gives(f, std::vector<group>{{3, {"the", "fox"}}, {5, {"quick", "brown"}}});
}
BOOST_AUTO_TEST_CASE(d13_12_group_by_key) {
    std::vector<std::pair<std::string, int>> const all{{"foo", 1}, {"foo", 2}, {"bar", 3}, {"foo", 4}, {"bar", 5}};
    using group = std::pair<std::string, numbers>;
    gives(flow::from(all) | flow::group_by_key(), std::vector<group>{{"bar", {3, 5}}, {"foo", {1, 2, 4}}});
}
BOOST_AUTO_TEST_CASE(d13_13_take_sort) {
    using visits = std::pair<std::string, int>;
    strings const urls{"www.foo.com", "www.bar.com", "www.foo.com", "www.foo.com", "www.baz.com"};
    auto const more = [](visits const& a, visits const& b) { return a.second > b.second; };
    auto const f = flow::from(urls) | flow::partition({.stages = 2}) |
                   flow::reduce(std::map<std::string, int>(), [](auto& all, std::string const& url) { ++all[url]; }) |
                   flow::emit(flow::events) | flow::take_sort(1, more);
    gives(f, std::vector<std::vector<visits>>{{{"www.foo.com", 3}}});
}
BOOST_AUTO_TEST_CASE(d13_14_uniq_by_in_one_stage) {
    gives(flow::from(std::views::iota(1, 101)) | flow::shuffle({.stages = 1}) | flow::uniq_by(remainder_of_2),
          numbers{1, 2});
}
BOOST_AUTO_TEST_CASE(d13_15_uniq_by_in_four_stages) {
    gives(flow::from(std::views::iota(1, 101)) |
              flow::partition({.stages = 4}, std::identity(), conformance::phash<4>()) | flow::uniq_by(remainder_of_2),
          numbers{1, 2, 3, 4, 10, 16, 23, 39});
}
BOOST_AUTO_TEST_CASE(d13_16_uniq_by_behind_a_partition_by_the_same) {
    gives(flow::from(std::views::iota(1, 101)) | flow::partition({.stages = 2}, remainder_of_2) |
              flow::uniq_by(remainder_of_2),
          numbers{1, 2});
}
BOOST_AUTO_TEST_CASE(d13_17_on_trigger) {
    auto const sizes = graphemes() | flow::on_trigger([](auto& all) { return numbers{static_cast<int>(all.size())}; });
    everywhere([&](collector const& collect) {
        auto const all = collect(sizes);
        BOOST_TEST(all.size() == 4u);
        BOOST_TEST(std::accumulate(all.begin(), all.end(), 0) == 16);
    });
}
BOOST_AUTO_TEST_CASE(d13_18_bounded_join) {
    std::vector<comment> const comments{{1, "excellent"}, {1, "outstanding"}, {2, "great follow up"}, {3, "unknown"}};
    auto const f = flow::bounded_join(flow::join_kind::inner, flow::from(posts), flow::from(comments), &post::id,
                                      &comment::post, to_row);
    gives(f, std::vector<row>{{"hello", "excellent"}, {"hello", "outstanding"}, {"world", "great follow up"}});
}
BOOST_AUTO_TEST_CASE(d13_19_window_join) {
    std::vector<comment> const comments{
        {1, "excellent", 0}, {1, "outstanding", 1000}, {2, "great follow up", 1000}, {3, "unknown", 1000}};
    auto const seconds = flow::fixed_windows(1s, [](auto const& event) { return event.milliseconds; });
    auto const f = flow::window_join(flow::join_kind::inner, flow::from(posts), flow::from(comments), seconds,
                                     &post::id, &comment::post, to_row);
    gives(f, std::vector<row>{{"hello", "excellent"}, {"world", "great follow up"}});
}

BOOST_AUTO_TEST_CASE(d13_20_trigger_every) {
    gives_in_order(flow::from(std::views::iota(1, 101)) | flow::shuffle({.stages = 1}) | flow::trigger_every(10) |
                       flow::reduce(0, add),
                   numbers{55, 210, 465, 820, 1275, 1830, 2485, 3240, 4095, 5050, 5050});
}
BOOST_AUTO_TEST_CASE(d13_21_global_windows) {
    gives_in_order(flow::from(std::views::iota(1, 101)) | flow::shuffle({.stages = 1}) | flow::global_window() |
                       flow::trigger_every(10) | flow::reduce(0, add) | flow::emit(flow::state),
                   numbers{55, 210, 465, 820, 1275, 1830, 2485, 3240, 4095, 5050, 5050});
}
BOOST_AUTO_TEST_CASE(d13_22_fixed_windows) {
    auto const f = flow::from(in_order) | flow::fixed_windows(1h, time_of) | flow::reduce(counts(), count_word);
    gives_in_order(
        f, std::vector<counts>{{{"elixir", 2}, {"erlang", 1}, {"concurrency", 1}}, {{"elixir", 1}, {"erlang", 2}}});
}
BOOST_AUTO_TEST_CASE(d13_23_an_event_that_is_late) {
    auto const lost = std::make_shared<strings>();
    auto const f = flow::from(out_of_order) | flow::fixed_windows(1h, time_of) |
                   flow::late([lost](word_at const& event) { lost->push_back(event.word); }) |
                   flow::reduce(counts(), count_word);
    std::vector<counts> const expected{{{"elixir", 1}, {"erlang", 1}, {"concurrency", 1}},
                                       {{"elixir", 1}, {"erlang", 2}}};
    gives_in_order(f, expected);
    BOOST_TEST((*lost == strings{"elixir", "elixir", "elixir"}));  // one in each of three runs
}
BOOST_AUTO_TEST_CASE(d13_24_allowed_lateness) {
    auto const f = flow::from(out_of_order) | flow::fixed_windows(1h, time_of, {.lateness = 5min}) |
                   flow::reduce(counts(), count_word);
    gives_in_order(f, std::vector<counts>{{{"elixir", 1}, {"erlang", 1}, {"concurrency", 1}},
                                          {{"elixir", 2}, {"erlang", 1}, {"concurrency", 1}},
                                          {{"elixir", 1}, {"erlang", 2}}});
}
BOOST_AUTO_TEST_CASE(d13_25_count_windows) {
    gives_in_order(flow::from(std::views::iota(1, 101)) | flow::count_windows(10) | flow::reduce(0, add),
                   numbers{55, 155, 255, 355, 455, 555, 655, 755, 855, 955, 0});
}
BOOST_AUTO_TEST_CASE(d13_26_sessions) {
    std::vector<word_at> const visits{{"elixir", 2'000'000}, {"erlang", 3'100'000}, {"erlang", 3'600'000},
                                      {"elixir", 4'000'000}, {"elixir", 4'100'000}, {"erlang", 4'150'000}};
    using session = std::pair<std::string, std::pair<int, std::int64_t>>;
    auto const f = flow::from(visits) | flow::session_windows(10min, time_of, &word_at::word, add) |
                   flow::reduce(0, [](int& count, word_at const&) { ++count; }) |
                   flow::on_trigger([](int& count, flow::trigger_info const& at, std::string const& word) {
                       return std::vector<session>{{word, {count, at.span.end - 600'000}}};
                   });
    gives_in_order(
        f, std::vector<session>{{"elixir", {1, 2'000'000}}, {"elixir", {2, 4'100'000}}, {"erlang", {3, 4'150'000}}});
}

BOOST_AUTO_TEST_SUITE_END()
