#include <unistd.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <list>
#include <map>
#include <memory>
#include <queue>
#include <ranges>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unordered_set>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_results)

using namespace flow_test;

namespace {

auto upto(int n) { return flow::from(std::views::iota(0, n)); }
auto spread(int n) {
    return upto(n) | flow::shuffle({.stages = 3}) | flow::map([](int i) { return i; });
}

/// Written in one way or another.
struct cell {
    int value;
    friend auto operator<<(std::ostream& to, cell const& c) -> std::ostream& {
        if (c.value == 1) return to << std::hex << std::setfill('.') << std::setw(4) << 255;
        to.setstate(c.value == 2 ? std::ios::failbit : std::ios::goodbit);
        return to << std::setw(4) << 255 << c.value;
    }
};

auto failing() {
    return upto(5000) | flow::map([](int i) {
               if (i == 4000) throw std::runtime_error("bad event");
               return i;
           });
}

/// Runs `start(executor, handler)` on simulations, and gives what the handler got each time to `check`.
template <class Result, class Start, class Check>
void simulated(Start const& start, Check const& check) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        BOOST_TEST_INFO_SCOPE("seed " << seed);
        sluice::testing::random_chooser chooser(seed);
        sluice::testing::simulation simulation(chooser);
        std::optional<Result> got;
        std::exception_ptr failed;
        start(simulation.get_executor(), [&](std::exception_ptr error, Result result) {
            failed = error;
            got.emplace(std::move(result));
        });
        BOOST_TEST(simulation.run().complete());
        BOOST_TEST(!failed);
        BOOST_REQUIRE(got.has_value());
        check(*got);
    }
}

/// A directory that goes with the test.
class scratch {
public:
    scratch() : path_(std::filesystem::temp_directory_path() / ("sluice_results_" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(path_);
    }
    ~scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    auto file(char const* name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

auto content(std::filesystem::path const& path) {
    std::ifstream in(path);
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
}

auto all_of_them(sluice::thread_pool& pool) -> asio::awaitable<std::size_t> {
    auto const f = spread(1000);
    auto const set = co_await flow::async_to<std::set<int>>(f, pool);
    auto const counted = co_await flow::async_count(f, pool);
    auto const sum = co_await flow::async_sum(f, pool);
    auto const first = co_await flow::async_first(f, pool);
    bool const is_right = counted == 1000 && sum == 499'500 && first.has_value();
    co_return is_right ? set.size() : 0;
}

}  // namespace

BOOST_AUTO_TEST_CASE(to_fills_any_container) {
    auto const f = upto(1000) | flow::map([](int i) { return i % 100; });
    sluice::thread_pool pool(2);
    BOOST_TEST(flow::to<std::set<int>>(f, pool).size() == 100u);
    BOOST_TEST(flow::to<std::multiset<int>>(f, pool).size() == 1000u);
    BOOST_TEST(flow::to<std::unordered_set<long>>(f, pool).size() == 100u);
    BOOST_TEST(flow::to<std::deque<int>>(f, pool).back() == 99);
    BOOST_TEST(flow::to<std::list>(f, pool).size() == 1000u);
    BOOST_TEST(flow::to<std::vector>(f, pool).size() == 1000u);
    BOOST_TEST((flow::to<std::priority_queue<int>>(f, pool).top()) == 99);
    auto const pairs = upto(10) | flow::map([](int i) { return std::pair(i % 3, std::to_string(i)); });
    auto const map = flow::to<std::map>(pairs, pool);
    BOOST_TEST(map.size() == 3u);
    BOOST_TEST(map.at(1) == "1");  // the first of equal keys stays
    auto const letters = flow::from(std::string("hello"));
    BOOST_TEST(flow::to<std::string>(letters, pool) == "hello");
}

BOOST_AUTO_TEST_CASE(to_gives_the_same_in_any_order) {
    auto const f = spread(2000);
    simulated<std::set<int>>(
        [&](auto const& executor, auto handler) { flow::async_to<std::set>(f, executor, std::move(handler)); },
        [](std::set<int> const& all) {
            BOOST_TEST(all.size() == 2000u);
            BOOST_TEST(*all.rbegin() == 1999);
        });
}

BOOST_AUTO_TEST_CASE(what_cannot_be_copied_is_moved_into_the_container) {
    auto const f = upto(100) | flow::map([](int i) { return std::make_unique<int>(i); });
    sluice::thread_pool pool(1);
    BOOST_TEST((*flow::to<std::list<std::unique_ptr<int>>>(f, pool).back()) == 99);
}

BOOST_AUTO_TEST_CASE(count_is_the_number_of_events) {
    auto const f = spread(5000) | flow::filter([](int i) { return i % 2 == 0; });
    simulated<std::size_t>([&](auto const& e, auto handler) { flow::async_count(f, e, std::move(handler)); },
                           [](std::size_t n) { BOOST_TEST(n == 2500u); });
    auto const none = flow::from(std::vector<int>());
    sluice::thread_pool pool(2);
    BOOST_TEST(flow::count(none, pool) == 0u);
    BOOST_TEST(flow::count(f, pool) == 2500u);
}

BOOST_AUTO_TEST_CASE(a_reduction_counts_as_its_accumulators) {
    auto const f = upto(100) | flow::partition({.stages = 3}) | flow::reduce(0, [](int& n, int) { ++n; });
    sluice::thread_pool pool(2);
    BOOST_TEST(flow::count(f, pool) == 3u);
    BOOST_TEST(flow::sum(f, pool) == 100);
}

BOOST_AUTO_TEST_CASE(sum_adds_in_the_widest_type) {
    auto const f = flow::from(std::vector<int>(3000, 2'000'000'000)) | flow::shuffle({.stages = 2});
    simulated<std::int64_t>([&](auto const& e, auto handler) { flow::async_sum(f, e, std::move(handler)); },
                            [](std::int64_t sum) { BOOST_TEST(sum == 6'000'000'000'000); });
    sluice::thread_pool pool(2);
    auto const bytes = flow::from(std::vector<unsigned char>(1000, 200));
    BOOST_TEST(flow::sum(bytes, pool) == 200'000u);
    auto const floats = flow::from(std::vector<float>(10, 0.5F));
    static_assert(std::same_as<decltype(flow::sum(floats, pool)), double>);
    BOOST_TEST(flow::sum(floats, pool) == 5.0);
    auto const texts = flow::from(std::vector<std::string>{"a", "b", "c"});
    BOOST_TEST(flow::sum(texts, pool) == "abc");
    auto const none = flow::from(std::vector<int>());
    BOOST_TEST(flow::sum(none, pool) == 0);
}

BOOST_AUTO_TEST_CASE(first_gives_one_event_and_stops_the_sources) {
    auto const endless = flow::from(std::views::iota(7)) | flow::map([](int i) { return i * 10; });
    auto const spread_out = flow::from(std::views::iota(0)) | flow::shuffle({.stages = 3}) |
                            flow::filter([](int i) { return i % 1000 == 999; });
    simulated<std::optional<int>>(
        [&](auto const& e, auto handler) { flow::async_first(endless, e, std::move(handler)); },
        [](std::optional<int> one) { BOOST_TEST(one.value() == 70); });
    simulated<std::optional<int>>(
        [&](auto const& e, auto handler) { flow::async_first(spread_out, e, std::move(handler)); },
        [](std::optional<int> one) { BOOST_TEST(one.value() % 1000 == 999); });
    sluice::thread_pool pool(2);
    auto const none = flow::from(std::vector<std::unique_ptr<int>>());
    BOOST_TEST(!flow::first(none, pool).has_value());
    BOOST_TEST(flow::first(endless, pool).value() == 70);
}

BOOST_AUTO_TEST_CASE(reduce_all_merges_what_each_stage_has) {
    auto const f = spread(5000);
    auto const insert = [](std::set<int>& all, int i) { all.insert(i % 10); };
    auto const merge = [](std::set<int>& all, std::set<int> more) { all.merge(more); };
    simulated<std::set<int>>(
        [&](auto const& e, auto handler) {
            flow::async_reduce_all(f, e, std::set<int>(), insert, merge, std::move(handler));
        },
        [](std::set<int> const& all) { BOOST_TEST(all.size() == 10u); });
    sluice::thread_pool pool(2);
    auto const made = flow::reduce_all(
        f, pool, [] { return std::make_unique<long>(0); }, [](auto& sum, int i) { *sum += i; },
        [](auto& sum, auto more) { *sum += *more; });
    BOOST_TEST(*made == 12'497'500);
    auto const no_files = flow::from_lines(std::vector<std::string>());
    BOOST_TEST(flow::reduce_all(
                   no_files, pool, 3, [](int& n, sluice::text const&) { ++n; }, [](int& n, int m) { n += m; }) == 3);
}

BOOST_AUTO_TEST_CASE(an_accumulator_need_not_have_a_default) {
    struct longest {
        explicit longest(int i) : value(i) {}
        int value;
    };
    auto const keep = [](longest& best, int i) { best.value = std::max(best.value, i); };
    auto const merge = [](longest& best, longest more) { best.value = std::max(best.value, more.value); };
    sluice::thread_pool pool(2);
    auto const f = spread(500);
    BOOST_TEST(flow::reduce_all(f, pool, longest(-1), keep, merge).value == 499);
    auto const bad = failing();
    std::exception_ptr failed;
    asio::io_context context;
    flow::async_reduce_all(bad, context, longest(-1), keep, merge,
                           [&](std::exception_ptr error, longest) { failed = error; });
    context.run();
    BOOST_CHECK_THROW(std::rethrow_exception(failed), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(a_function_makes_one_accumulator_for_each_stage) {
    auto const f = spread(500);
    sluice::thread_pool pool(2);
    int made = 0;
    auto const make = [&made] { return ++made, 0L; };
    auto const add = [](long& sum, long more) { sum += more; };
    BOOST_TEST(flow::reduce_all(f, pool, make, add, add) == 124'750);
    BOOST_TEST(made == 3);
}

BOOST_AUTO_TEST_CASE(what_the_move_of_a_result_throws_is_what_the_handler_gets) {
    struct bag {
        bag() = default;
        bag(bag&& other) {
            if (other.events > 0) throw std::runtime_error("the bag broke");
        }
        auto operator=(bag&&) -> bag& = default;
        void push_back(int) { ++events; }

        int events = 0;
    };
    auto const f = upto(10);
    auto const add = [](bag& all, int event) { all.push_back(event); };
    auto const merge = [](bag& all, bag const& more) { all.events += more.events; };
    for (bool const reduces : {false, true}) {
        BOOST_TEST_INFO_SCOPE("reduces: " << reduces);
        asio::io_context context;
        std::string said = "nothing";
        auto const note = [&](std::exception_ptr error, bag const& all) {
            said = sluice::end_reason(error).describe() + ", " + std::to_string(all.events) + " events";
        };
        if (reduces) {
            flow::async_reduce_all(
                f, context, [] { return bag(); }, add, merge, note);
        } else {
            flow::async_to<bag>(f, context, note);
        }
        context.run();
        BOOST_TEST(said == "failed: the bag broke, 0 events");
    }
    sluice::thread_pool pool(1);
    BOOST_CHECK_THROW(flow::to<bag>(f, pool), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(for_each_async_awaits_one_event_after_the_other) {
    auto const f = upto(300);
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        sluice::testing::random_chooser chooser(seed);
        sluice::testing::simulation simulation(chooser);
        std::vector<int> seen;
        int at_once = 0;
        bool has_ended = false;
        auto const wait = [&](int i) -> asio::awaitable<void> {
            BOOST_TEST(++at_once == 1);
            co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
            seen.push_back(i);
            --at_once;
        };
        flow::async_for_each_async(f, simulation.get_executor(), wait,
                                   [&](std::exception_ptr error) { has_ended = !error; });
        BOOST_TEST(simulation.run().complete());
        BOOST_TEST(has_ended);
        BOOST_TEST(seen.size() == 300u);
        BOOST_TEST(std::ranges::is_sorted(seen));
    }
}

BOOST_AUTO_TEST_CASE(for_each_async_fails_with_what_the_coroutine_throws) {
    auto const f = flow::from(std::views::iota(0));
    sluice::thread_pool pool(2);
    auto const wait = [](int i) -> asio::awaitable<void> {
        if (i == 1500) throw std::runtime_error("bad event");
        co_return;
    };
    BOOST_CHECK_THROW(flow::for_each_async(f, pool, wait), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(results_are_awaited_with_any_token) {
    sluice::thread_pool pool(2);
    BOOST_TEST(asio::co_spawn(pool.get_executor(), all_of_them(pool), asio::use_future).get() == 1000u);
    auto const f = spread(10);
    BOOST_TEST(flow::async_count(f, pool, asio::use_future).get() == 10u);
}

BOOST_AUTO_TEST_CASE(a_failing_flow_has_no_result) {
    auto const f = failing();
    sluice::thread_pool pool(2);
    BOOST_CHECK_THROW(flow::to<std::set>(f, pool), std::runtime_error);
    BOOST_CHECK_THROW(flow::count(f, pool), std::runtime_error);
    BOOST_CHECK_THROW(flow::sum(f, pool), std::runtime_error);
    BOOST_TEST(flow::first(f, pool).value() == 0);  // it is stopped before that
}

BOOST_AUTO_TEST_CASE(to_lines_writes_a_line_an_event) {
    scratch const folder;
    sluice::thread_pool pool(2);
    auto const path = folder.file("numbers.txt");
    auto const numbers = upto(30'000);
    flow::to_lines(numbers, pool, path);
    std::string expected;
    for (int i = 0; i < 30'000; ++i) expected += std::to_string(i) + "\n";
    BOOST_TEST((content(path) == expected));
    auto const texts = flow::from_lines(path) | flow::filter([](sluice::text const& line) { return line.size() == 1; });
    flow::to_lines(texts, pool, folder.file("digits.txt"));
    BOOST_TEST(content(folder.file("digits.txt")) == "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    auto const none = flow::from(std::vector<std::string>());
    flow::to_lines(none, pool, path);  // replaces what was there
    BOOST_TEST(std::filesystem::exists(path));
    BOOST_TEST(content(path).empty());
}

BOOST_AUTO_TEST_CASE(how_one_line_is_written_is_nothing_to_the_next) {
    scratch const folder;
    sluice::thread_pool pool(1);
    auto const f = upto(4) | flow::map([](int i) { return cell{i}; });
    flow::to_lines(f, pool, folder.file("cells.txt"));
    BOOST_TEST(content(folder.file("cells.txt")) == " 2550\n..ff\n\n 2553\n");
}

BOOST_AUTO_TEST_CASE(a_path_that_cannot_be_written_is_known_before_the_first_event) {
    asio::io_context context;
    std::string said;
    // Nothing ever comes out of it, and it does not end by itself.
    auto const f = flow::from(std::views::iota(0)) | flow::filter([](int) { return false; });
    flow::async_to_lines(f, context, "/no/such/folder/lines.txt",
                         [&](std::exception_ptr error) { said = sluice::end_reason(error).describe(); });
    context.run();
    BOOST_TEST(said == "failed: cannot create '/no/such/folder/lines.txt': No such file or directory");
}

BOOST_AUTO_TEST_CASE(to_lines_writes_every_event_in_any_order_of_things) {
    scratch const folder;
    auto const f = spread(2000);
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        sluice::testing::random_chooser chooser(seed);
        sluice::testing::simulation simulation(chooser);
        bool has_ended = false;
        flow::async_to_lines(f, simulation.get_executor(), folder.file("spread.txt"),
                             [&](std::exception_ptr error) { has_ended = !error; });
        BOOST_TEST(simulation.run().complete());
        BOOST_TEST(has_ended);
        auto const written = content(folder.file("spread.txt"));
        BOOST_TEST(std::ranges::count(written, '\n') == 2000);
    }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written_ends_the_flow_with_a_sentence_that_names_the_path) {
    sluice::thread_pool pool(2);
    auto const endless = flow::from(std::views::iota(0));
    auto const says = [](std::string const& sentence) {
        return [sentence](std::system_error const& e) { return std::string(e.what()) == sentence; };
    };
    BOOST_CHECK_EXCEPTION(flow::to_lines(endless, pool, "/no/such/folder/lines.txt"), std::system_error,
                          says("cannot create '/no/such/folder/lines.txt': No such file or directory"));
    if (std::filesystem::exists("/dev/full")) {
        BOOST_CHECK_EXCEPTION(flow::to_lines(endless, pool, "/dev/full"), std::system_error,
                              says("cannot write '/dev/full': No space left on device"));
    }
}

BOOST_AUTO_TEST_SUITE_END()
