#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <optional>
#include <ranges>
#include <set>
#include <sluice/flow/launch.hpp>
#include <sluice/intake.hpp>
#include <sluice/producer.hpp>
#include <sluice/run.hpp>
#include <sluice/words.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "bodies.hpp"
#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_sources)

using namespace flow_test;

namespace {

/// A folder that goes when the test ends.
struct folder {
    folder() : path(std::filesystem::temp_directory_path() / ("sluice_flow_" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(path);
    }
    ~folder() { std::filesystem::remove_all(path); }
    auto write(std::string const& name, std::string const& text) const -> std::filesystem::path {
        std::ofstream(path / name) << text;
        return path / name;
    }
    std::filesystem::path path;
};

auto strings(std::vector<sluice::text> const& texts) {
    std::vector<std::string> all;
    for (auto const& each : texts) all.push_back(each.str());
    return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_container_given_by_name_is_read_when_the_flow_runs) {
    std::vector<int> events{1, 2, 3};
    auto const f = flow::from(events);
    events.push_back(4);
    BOOST_TEST(collect_here(f) == (std::vector{1, 2, 3, 4}));
}

BOOST_AUTO_TEST_CASE(a_container_given_by_move_is_the_flows_own_for_every_run) {
    std::vector<std::string> events{"a", "b"};
    auto const f = flow::from(std::move(events));
    everywhere([&](auto const& collect) { BOOST_TEST(collect(f) == (std::vector<std::string>{"a", "b"})); });
}

BOOST_AUTO_TEST_CASE(a_container_of_move_only_events_is_moved_out_once) {
    std::vector<std::unique_ptr<int>> events;
    for (int i = 0; i < 1000; ++i) events.push_back(std::make_unique<int>(i));
    auto const f = flow::from(std::move(events));
    auto const all = collect_here(f);
    BOOST_TEST(*all.at(999) == 999);
    BOOST_CHECK_EXCEPTION(collect_here(f), boost::system::system_error,
                          [](auto const& e) { return e.code() == sluice::errc::already_run; });
}

BOOST_AUTO_TEST_CASE(an_empty_range_gives_an_empty_end) {
    auto const f = flow::from(std::vector<int>()) | flow::map([](int i) { return i; });
    auto const exchanged = f | flow::partition({.stages = 3}) | flow::shuffle({.stages = 2});
    everywhere([&](auto const& collect) {
        BOOST_TEST(collect(f).empty());
        BOOST_TEST(collect(exchanged).empty());
    });
}

BOOST_AUTO_TEST_CASE(a_view_is_walked_lazily_and_once_a_run) {
    int computed = 0;
    auto const f = flow::from(std::views::iota(0, 100) | std::views::transform([&](int i) {
                                  ++computed;
                                  return std::make_unique<int>(i);
                              }));
    BOOST_TEST(computed == 0);
    BOOST_TEST(collect_here(f).size() == 100u);
    BOOST_TEST(computed == 100);
}

BOOST_AUTO_TEST_CASE(an_input_range_that_can_be_walked_once_will_do) {
    std::istringstream in("1 2 3 4");
    auto const f = flow::from(std::views::istream<int>(in));
    BOOST_TEST(collect_here(f) == (std::vector{1, 2, 3, 4}));
}

BOOST_AUTO_TEST_CASE(a_function_is_called_until_it_gives_nothing_and_anew_in_each_run) {
    auto const f = flow::from([next = 0]() mutable { return next < 3000 ? std::optional(next++) : std::nullopt; });
    everywhere([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_TEST(all.size() == 3000u);
        BOOST_TEST(all.back() == 2999);
    });
}

BOOST_AUTO_TEST_CASE(a_function_may_give_events_that_cannot_be_copied) {
    auto const f = flow::from([next = 0]() mutable -> std::optional<std::unique_ptr<int>> {
        if (next == 100) return std::nullopt;
        return std::make_unique<int>(next++);
    });
    everywhere([&](auto const& collect) { BOOST_TEST(*collect(f).at(99) == 99); });
}

BOOST_AUTO_TEST_CASE(the_events_of_a_running_stage_come_until_it_ends) {
    sluice::thread_pool pool(2);
    sluice::producer<int> numbers{pool, counter, 0, 10'000};
    auto const f = flow::from(numbers, {.max_demand = 100}) | flow::map([](int i) { return i + 1; });
    auto running = sluice::async_run(numbers, asio::use_future);
    auto const all = flow::collect(f, pool);
    running.get();
    BOOST_TEST(all.size() == 10'000u);
    BOOST_TEST(all.back() == 10'000);
}

BOOST_AUTO_TEST_CASE(the_failure_of_a_running_stage_ends_the_flow) {
    sluice::thread_pool pool(2);
    sluice::producer<int> broken{pool, failing};
    auto const f = flow::from(broken) | flow::shuffle({.stages = 2});
    auto running = sluice::async_run(broken, asio::use_future);
    BOOST_CHECK_EXCEPTION(flow::collect(f, pool), std::runtime_error,
                          [](auto const& e) { return std::string(e.what()) == "the producer failed"; });
    BOOST_CHECK_THROW(running.get(), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(an_intake_can_feed_a_flow) {
    sluice::thread_pool pool(1);
    sluice::intake<int> numbers{pool};
    auto const f = flow::from(numbers) | flow::map([](int i) { return i * 2; });
    auto sum = std::async(std::launch::async, [&] { return flow::collect(f, pool); });
    for (int i = 0; i < 100; ++i) numbers.async_emit(i, asio::use_future).get();
    numbers.close();
    BOOST_TEST(sum.get().size() == 100u);
}

BOOST_AUTO_TEST_CASE(bad_options_of_a_subscription_are_told_at_once) {
    asio::io_context context;
    sluice::producer<int> numbers{context, counter, 0, 1};
    BOOST_CHECK_THROW(flow::from(numbers, {.max_demand = 10, .min_demand = 10}), boost::system::system_error);
}

BOOST_AUTO_TEST_CASE(the_lines_of_a_file_come_in_order) {
    folder const dir;
    auto const f = flow::from_lines(dir.write("a", "one\ntwo\r\n\nfour"));
    everywhere([&](auto const& collect) {
        BOOST_TEST(strings(collect(f)) == (std::vector<std::string>{"one", "two", "", "four"}));
    });
}

BOOST_AUTO_TEST_CASE(all_lines_of_several_files_come_in_order_within_each) {
    folder const dir;
    std::vector<std::filesystem::path> paths;
    for (int i = 0; i < 7; ++i) {
        std::string text;
        for (int line = 0; line < 500 * i; ++line) text += std::to_string(i) + " " + std::to_string(line) + "\n";
        paths.push_back(dir.write(std::to_string(i), text));
    }
    auto const f = flow::from_lines(paths);
    everywhere([&](auto const& collect) {
        std::vector<int> next(7);
        for (auto const& line : collect(f)) {
            std::istringstream in(line.str());
            int file = 0, number = 0;
            in >> file >> number;
            BOOST_REQUIRE(number == next.at(static_cast<std::size_t>(file))++);
        }
        for (std::size_t i = 0; i < 7; ++i) BOOST_TEST(next[i] == static_cast<int>(500 * i));
    });
}

BOOST_AUTO_TEST_CASE(paths_may_be_strings_and_there_may_be_none) {
    folder const dir;
    auto const path = dir.write("a", "x\n").string();
    auto const one = flow::from_lines(path.c_str());
    auto const two = flow::from_lines(std::vector<std::string>{path, path});
    auto const none = flow::from_lines(std::vector<std::filesystem::path>());
    everywhere([&](auto const& collect) {
        BOOST_TEST(collect(one).size() == 1u);
        BOOST_TEST(collect(two).size() == 2u);
        BOOST_TEST(collect(none).empty());
    });
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_ends_the_flow_with_its_name) {
    folder const dir;
    auto const f = flow::from_lines(std::vector{dir.write("a", "x\n"), dir.path / "missing"});
    everywhere([&](auto const& collect) {
        BOOST_CHECK_EXCEPTION(collect(f), std::system_error,
                              [](auto const& e) { return std::string(e.what()).find("missing") != std::string::npos; });
    });
}

BOOST_AUTO_TEST_CASE(a_line_that_is_too_long_ends_the_flow_or_is_cut) {
    std::istringstream fails(std::string(100, 'x'));
    std::istringstream is_cut(std::string(100, 'x'));
    auto const broken = flow::from_lines(fails, {.chunk_size = 16, .max_line = 10});
    auto const cut =
        flow::from_lines(is_cut, {.chunk_size = 16, .max_line = 10, .long_lines = sluice::long_lines::cut});
    BOOST_CHECK_THROW(collect_here(broken), std::system_error);
    BOOST_TEST(collect_here(cut).size() == 10u);
}

BOOST_AUTO_TEST_CASE(lines_that_are_too_long_may_be_skipped_and_are_counted) {
    std::istringstream in("a\n" + std::string(100, 'x') + "\nb\n" + std::string(11, 'y'));
    auto const f = flow::from_lines(in, {.chunk_size = 16, .max_line = 10, .long_lines = sluice::long_lines::skip});
    asio::io_context home;
    std::vector<std::string> lines;
    auto const noted = f | flow::tap([&](sluice::text const& line) { lines.push_back(line.str()); });
    auto running = flow::launch(noted, home);
    home.run();
    BOOST_TEST(lines == (std::vector<std::string>{"a", "b"}), boost::test_tools::per_element());
    BOOST_TEST(running.stats().front().skipped == 2u);
}

BOOST_AUTO_TEST_CASE(the_lines_of_a_stream_come_in_order) {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += std::to_string(i) + "\n";
    std::istringstream in(text);
    auto const f = flow::from_lines(in) | flow::map([](sluice::text const& line) { return std::stoi(line.str()); });
    auto const all = collect_here(f);
    BOOST_REQUIRE(all.size() == 5000u);
    for (int i = 0; i < 5000; ++i) BOOST_REQUIRE(all[static_cast<std::size_t>(i)] == i);
}

BOOST_AUTO_TEST_SUITE_END()
