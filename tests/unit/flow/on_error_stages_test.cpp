#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <atomic>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <memory>
#include <ranges>
#include <sluice/flow/flow.hpp>
#include <sluice/testing/testing.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "on_error_support.hpp"

BOOST_AUTO_TEST_SUITE(flow_on_error_stages)

using namespace flow_test;
using namespace flow_test::bad_events;
using namespace std::chrono_literals;

namespace {

auto pass_on(sluice::inlet<int>& in, sluice::outlet<int>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) co_await out.emit(std::move(*events));
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_a_sink_throws_ends_the_flow) {
    auto const broken = flow::to([](auto&&) { throw std::logic_error("disk full"); });
    auto const f = upto(20) | flow::on_error(quiet_skip()) | flow::on_error(broken) | flow::map(checked);
    fails_with(f, "disk full");
    try {
        collect_here(f);
    } catch (std::logic_error const&) {
        BOOST_TEST(to_string(flow::place_of(std::current_exception()).value()) == "on_error(to a sink), element 3");
    }
    auto const batches = upto(20) | flow::on_error(broken) | flow::map_batch([](sluice::batch<int> events) {
                             checked(3);
                             return events;
                         });
    fails_with(batches, "disk full");
    auto const async = upto(20) | flow::on_error(broken) |
                       flow::map_async([](int i) -> asio::awaitable<int> { co_return checked(i); });
    fails_with(async, "disk full");
}

BOOST_AUTO_TEST_CASE(a_sink_gets_the_letters_of_all_stages_one_at_a_time) {
    sluice::thread_pool pool(2);
    std::vector<int> bad;
    std::atomic<int> inside = 0;
    auto const f = upto(20'000) | flow::shuffle({.stages = 4, .max_demand = 100}) |
                   flow::on_error(flow::to([&](flow::dead_letter<int> letter) {
                       BOOST_REQUIRE(++inside == 1);
                       bad.push_back(*letter.event);
                       --inside;
                   })) |
                   flow::map(checked);
    same(sorted(flow::collect(f, pool)), good_ones(20'000));
    BOOST_TEST(bad.size() == 2000U);
}

BOOST_AUTO_TEST_CASE(the_guard_holds_behind_a_step_that_awaits_and_behind_a_body) {
    std::vector<std::string> letters;
    auto const sink = [&](auto&& letter) { letters.push_back(to_string(letter.place) + ": " + letter.reason()); };
    auto const f =
        upto(20) | flow::on_error(flow::to(sink)) | flow::map_async([](int i) -> asio::awaitable<std::string> {
                                                        co_return std::to_string(checked(i));
                                                    }).named("ask") |
        flow::map([](std::string const& s) { return std::stoi(s) == 4 ? throw std::runtime_error("four") : s; });
    everywhere([&](collector const& collect) {
        letters.clear();
        BOOST_TEST(collect(f).size() == 17U);
        same(sorted(letters),
             {"map, element 3: four", "map_async(ask), element 13: bad", "map_async(ask), element 3: bad"});
    });
    auto const behind_a_body = upto(20) | flow::on_error(quiet_skip()) | flow::stage<int>(pass_on) | flow::map(checked);
    everywhere([&](collector const& collect) { same(collect(behind_a_body), good_ones(20)); });
    auto const ended = upto(20) | flow::on_error(quiet_skip()) |
                       flow::map_async([](int i) -> asio::awaitable<int> { co_return i; }) |
                       flow::on_error(flow::stop) | flow::map(checked);
    fails_with(ended, "bad");
    auto const exchanged = upto(20) | flow::on_error(quiet_skip()) |
                           flow::map_async([](int i) -> asio::awaitable<int> { co_return i; }) |
                           flow::shuffle({.stages = 2}) | flow::map(checked);
    fails_with(exchanged, "bad");
}

BOOST_AUTO_TEST_CASE(a_call_is_bad_when_its_last_attempt_is) {
    for (bool const ordered : {true, false}) {
        letter_list letters;
        std::vector<int> calls(20);
        auto const ask = [&calls](int i) -> asio::awaitable<int> {
            auto const number = ++calls[static_cast<std::size_t>(i)];
            if (is_bad(i) && number < (i == 3 ? 3 : 4)) throw std::runtime_error("call " + std::to_string(number));
            co_return i;
        };
        auto const f = upto(20) | flow::on_error(flow::to(letters.sink())) |
                       flow::retry({.attempts = 3, .backoff = 1ms}) |
                       flow::map_async({.concurrency = 4, .ordered = ordered}, ask);
        auto expected = good_ones(20);
        expected.insert(expected.begin() + 3, 3);
        auto const got = collector(1)(f);
        same(ordered ? got : sorted(got), expected);
        same(letters.all, {"map_async, element 13: call 3; 13"});
        BOOST_TEST(calls[3] == 3);
        BOOST_TEST(calls[13] == 3);
        BOOST_TEST(calls[4] == 1);
    }
}

BOOST_AUTO_TEST_CASE(retry_holds_for_the_steps_that_say_nothing_themselves_up_to_the_next_exchange) {
    auto const flaky = [](int fails, std::shared_ptr<int> calls) {
        return [=](int i) -> asio::awaitable<int> {
            if (++*calls <= fails) throw std::runtime_error("busy");
            co_return i;
        };
    };
    auto const count = [] { return std::make_shared<int>(0); };
    auto const retry = flow::retry({.attempts = 2, .backoff = 0ms});
    auto const twice = upto(1) | retry | flow::map_async(flaky(1, count())) | flow::map_async(flaky(1, count()));
    same(collector(1)(twice), {0});
    auto const own = upto(1) | retry | flow::map_async({.attempts = 4, .backoff = 0ms}, flaky(3, count()));
    same(collector(1)(own), {0});
    auto const once = upto(1) | retry | flow::map_async({.attempts = 1}, flaky(1, count()));
    BOOST_CHECK_THROW(collector(1)(once), std::runtime_error);
    auto const gone = upto(1) | retry | flow::map(std::identity()) | flow::shuffle({.stages = 1}) |
                      flow::map_async(flaky(1, count()));
    BOOST_CHECK_THROW(collector(1)(gone), std::runtime_error);
    BOOST_CHECK_THROW(flow::retry({.attempts = 0}), boost::system::system_error);
    BOOST_CHECK_THROW(flow::retry({.backoff = -1ms}), boost::system::system_error);
    BOOST_TEST(flow::describe(twice).nodes()[0].steps.back() == "retry(2 attempts)");
}

BOOST_AUTO_TEST_CASE(statistics_tell_what_was_skipped_and_what_was_buried) {
    sluice::thread_pool pool(2);
    auto const sink = flow::to([](auto&&) {});
    auto const f = upto(1000) | flow::on_error(quiet_skip()) | flow::map(checked) | flow::shuffle({.stages = 1}) |
                   flow::on_error(sink) | flow::map([](int i) {
                       if (i % 10 == 4) throw std::runtime_error("bad");
                       return i;
                   }) |
                   flow::map_async([](int i) -> asio::awaitable<int> {
                       if (i % 10 == 5) throw std::runtime_error("bad");
                       co_return i;
                   });
    auto running = flow::launch(f, pool);
    running.async_join(asio::use_future).get();
    auto const stats = running.stats();
    BOOST_REQUIRE(stats.size() >= 3U);
    BOOST_TEST(stats[0].skipped == 100U);
    BOOST_TEST(stats[0].dead_letters == 0U);
    BOOST_TEST(stats[1].skipped == 0U);
    BOOST_TEST(stats[1].dead_letters == 100U);
    BOOST_TEST(stats[2].dead_letters == 100U);
}

BOOST_AUTO_TEST_CASE(skips_are_logged_once_a_second_at_most_and_none_is_left_out) {
    std::ostringstream text;
    auto const logger =
        std::make_shared<spdlog::logger>("journal", std::make_shared<spdlog::sinks::ostream_sink_st>(text));
    logger->set_pattern("%l %v");
    sluice::testing::random_chooser chooser(1);
    sluice::testing::simulation_options const patient{.step_budget = 1'000'000, .early_deadline_one_in = 0};
    sluice::testing::simulation home(chooser, patient);
    // A number every 100 ms: of those from 0 to 59 every third is bad.
    auto const f = upto(60) |
                   flow::map_async({.concurrency = 1},
                                   [&home](int i) -> asio::awaitable<int> {
                                       co_await home.async_wait(100ms);
                                       co_return i;
                                   }) |
                   flow::on_error(flow::skip.log_to(logger)) |
                   flow::map([](int i) {
                       if (i % 3 == 0) throw std::runtime_error("bad " + std::to_string(i));
                       return i;
                   }).named("parse");
    same(collect_on(f, home.get_executor(), [&] { home.run(); }), [] {
        std::vector<int> all;
        for (int i = 0; i < 60; ++i) {
            if (i % 3 != 0) all.push_back(i);
        }
        return all;
    }());
    BOOST_TEST(text.str() ==
               "warning skipped 1 event, the last in map(parse), element 0: bad 0\n"
               "warning skipped 4 events, the last in map(parse), element 12: bad 12\n"
               "warning skipped 4 events, the last in map(parse), element 24: bad 24\n"
               "warning skipped 4 events, the last in map(parse), element 36: bad 36\n"
               "warning skipped 4 events, the last in map(parse), element 48: bad 48\n"
               "warning skipped 3 events, the last in map(parse), element 57: bad 57\n");
}

BOOST_AUTO_TEST_CASE(the_picture_shows_the_guard) {
    auto const f = upto(20) | flow::on_error(flow::skip) | flow::map(checked) |
                   flow::map_async([](int i) -> asio::awaitable<int> { co_return i; }) | flow::map(checked) |
                   flow::shuffle({.stages = 2}) | flow::on_error(flow::to([](auto&&) {})).named("bad.csv") |
                   flow::map(checked) | flow::on_error(flow::stop) | flow::map(checked);
    BOOST_TEST(flow::describe(f).text() ==
               "1. from(range) | on_error(skip) | map              1 stage\n"
               "2. stage(map_async)                                1 stage, fed by 1\n"
               "3. on_error(skip) | map                            1 stage, fed by 2\n"
               "4. on_error(bad.csv) | map | on_error(stop) | map  2 stages, fed by 3 (shuffle)\n");
}

BOOST_AUTO_TEST_CASE(a_guard_before_a_window_holds_for_the_steps_in_it_and_for_what_fires) {
    letter_list letters;
    auto const add = [](int& sum, int i) { sum += i; };
    auto const inside = upto(100) | flow::on_error(flow::to(letters.sink())) | flow::count_windows(10) |
                        flow::map(checked) | flow::reduce(0, add);
    auto const firing = [&](int bad) {
        return upto(100) | flow::on_error(flow::to(letters.sink())) | flow::count_windows(10) | flow::reduce(0, add) |
               flow::on_trigger([bad](int const& sum) {
                   if (sum == bad) throw std::runtime_error("bad window");
                   return std::vector<int>{sum};
               }) |
               flow::filter([](int sum) { return sum != 0; });
    };
    auto const fourth = firing(345);
    auto const last = firing(945);
    everywhere([&](collector const& collect) {
        letters.all.clear();
        auto sums = collect(inside);
        std::erase(sums, 0);
        std::vector<int> expected;
        for (int i = 0; i < 10; ++i) expected.push_back(100 * i + 45 - (10 * i + 3));
        same(sums, expected);
        BOOST_TEST(letters.all.size() == 10U);
        BOOST_TEST(letters.all[1].ends_with(", element 13: bad; 13"));
        letters.all.clear();
        same(collect(fourth), {45, 145, 245, 445, 545, 645, 745, 845, 945});
        same(collect(last), {45, 145, 245, 345, 445, 545, 645, 745, 845});
        BOOST_TEST(letters.all.size() == 2U);
        BOOST_TEST(letters.all[0].ends_with(": bad window; 39"));
    });
}

BOOST_AUTO_TEST_CASE(an_error_in_a_window_without_a_guard_tells_its_steps) {
    auto const f = upto(100) | flow::count_windows(10) | flow::map(checked).named("check") |
                   flow::reduce(0, [](int& sum, int i) { sum += i; });
    try {
        collect_here(f);
        BOOST_ERROR("does not fail");
    } catch (std::runtime_error const&) {
        BOOST_TEST(to_string(flow::place_of(std::current_exception()).value()) ==
                   "count_windows(10) | map(check) | reduce, element 3");
    }
}

BOOST_AUTO_TEST_CASE(a_batch_that_waits_for_more_goes_on_when_there_is_none_for_a_while) {
    letter_list letters;
    std::size_t batches = 0;
    auto const f =
        flow::from([i = 0]() mutable { return i < 30 ? std::optional(i++) : std::nullopt; }, {.prompt = true}) |
        flow::on_error(flow::to(letters.sink())) | flow::map_batch([&](sluice::batch<int> events) {
            ++batches;
            for (int i : events) checked(i);
            return events;
        });
    same(collect_here(f), good_ones(30));
    BOOST_TEST(batches == 30U);
    same(letters.all,
         {"map_batch, element 3: bad; 3", "map_batch, element 13: bad; 13", "map_batch, element 23: bad; 23"});
}

BOOST_AUTO_TEST_SUITE_END()
