#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <list>
#include <optional>
#include <ranges>
#include <sluice/errc.hpp>
#include <sluice/flow/launch.hpp>
#include <sluice/flow/merge.hpp>
#include <sluice/flow/stateful_steps.hpp>
#include <sluice/from_range.hpp>
#include <sluice/progress.hpp>
#include <sluice/testing/testing.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_progress)

using namespace flow_test;
using namespace std::chrono_literals;
using sluice::progress_bar;
using sluice::progress_report;
using sluice::progress_unit;

namespace {

/// A clock that stands until it is moved.
struct watch {
    progress_bar::clock::time_point now = {};
    auto tell() {
        return [this] { return now; };
    }
};

std::string const scale =
    "0%   10   20   30   40   50   60   70   80   90   100%\n|----|----|----|----|----|----|----|----|----|----|\n";
auto stars(std::size_t n) { return std::string(n, '*'); }

/// How far a flow says that it has come, when it has ended.
template <class F>
auto report_of(F const& f) -> progress_report {
    asio::io_context context;
    auto running = flow::launch(f, context);
    context.run();
    return running.progress();
}
void check(progress_report const& got, std::uint64_t done, std::optional<std::uint64_t> total,
           progress_unit unit = progress_unit::events) {
    BOOST_TEST(got.done == done);
    BOOST_TEST((got.total == total));
    BOOST_TEST((got.unit == unit));
}

/// A folder with files of so many lines "a line".
class folder_of_lines {
public:
    explicit folder_of_lines(std::vector<int> const& lines)
        : path_(std::filesystem::temp_directory_path() / ("sluice_progress_" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(path_);
        for (int const n : lines) {
            files.push_back(path_ / std::to_string(files.size()));
            std::ofstream file(files.back());
            for (int i = 0; i < n; ++i) file << "a line\n";
        }
    }
    folder_of_lines(folder_of_lines const&) = delete;
    ~folder_of_lines() { std::filesystem::remove_all(path_); }

    std::vector<std::filesystem::path> files;

private:
    std::filesystem::path path_;
};

auto same(int i) -> int { return i; }

}  // namespace

BOOST_AUTO_TEST_CASE(a_bar_goes_from_nothing_to_all) {
    std::ostringstream out;
    progress_bar bar(out);
    bar.show({.done = 0, .total = 200});
    BOOST_TEST(out.str() == scale);
    bar.show({.done = 100, .total = 200});
    BOOST_TEST(out.str() == scale + stars(25));
    bar.show({.done = 50, .total = 200});
    BOOST_TEST(out.str() == scale + stars(25));
    bar.show({.done = 300, .total = 200});
    BOOST_TEST(out.str() == scale + stars(51) + "\n");
    bar.finish();
    bar.show({.done = 200, .total = 200});
    BOOST_TEST(out.str() == scale + stars(51) + "\n");
}

BOOST_AUTO_TEST_CASE(a_bar_that_ends_before_all_is_done_ends_its_line) {
    std::ostringstream out;
    progress_bar bar(out);
    bar.show({.done = 100, .total = 200});
    bar.finish();
    bar.finish();
    bar.show({.done = 200, .total = 200});
    BOOST_TEST(out.str() == scale + stars(25) + "\n");
}

BOOST_AUTO_TEST_CASE(of_nothing_all_is_done_at_once) {
    std::ostringstream out;
    progress_bar bar(out);
    bar.show({.done = 0, .total = 0});
    bar.finish();
    BOOST_TEST(out.str() == scale + stars(51) + "\n");
}

BOOST_AUTO_TEST_CASE(without_a_total_there_is_a_rate) {
    std::ostringstream out;
    watch time;
    progress_bar bar(out, time.tell());
    bar.show({.done = 0});
    BOOST_TEST(out.str() == "\r0 events");
    out.str("");
    time.now += 2s;
    bar.show({.done = 12'345'678});
    BOOST_TEST(out.str() == "\r12,345,678 events, 6,172,839 events a second");
    out.str("");
    time.now += 1s;
    bar.show({.done = 12'345'679});
    BOOST_TEST(out.str() == "\r12,345,679 events, 1 event a second         ");
    out.str("");
    time.now += 1s;
    bar.finish();
    BOOST_TEST(out.str() == "\r12,345,679 events, 3,086,419 events a second\n");
}

BOOST_AUTO_TEST_CASE(bytes_are_told_in_their_sizes) {
    auto const said = [](std::uint64_t bytes) {
        std::ostringstream out;
        watch time;
        progress_bar bar(out, time.tell());
        bar.show({.done = bytes, .total = std::nullopt, .unit = progress_unit::bytes});
        return out.str().substr(1);
    };
    BOOST_TEST(said(0) == "0 bytes");
    BOOST_TEST(said(999) == "999 bytes");
    BOOST_TEST(said(1000) == "1.0 kB");
    BOOST_TEST(said(12'345) == "12.3 kB");
    BOOST_TEST(said(999'999) == "999.9 kB");
    BOOST_TEST(said(1'234'567) == "1.2 MB");
    BOOST_TEST(said(98'765'432'100) == "98.7 GB");
    BOOST_TEST(said(1'234'567'000'000'000) == "1,234.5 TB");
}

BOOST_AUTO_TEST_CASE(a_bar_that_was_never_shown_writes_nothing) {
    std::ostringstream out;
    progress_bar bar(out);
    progress_bar moved(std::move(bar));
    moved.finish();
    BOOST_TEST(out.str().empty());
}

BOOST_AUTO_TEST_CASE(a_source_that_knows_its_size_gives_a_total) {
    auto const all = flow::from(std::views::iota(0, 5000)) | flow::filter([](int i) { return i % 7 == 0; });
    check(report_of(all), 5000, 5000);
    auto const listed = flow::from(std::list{1, 2, 3}) | flow::map(same);
    check(report_of(listed), 3, 3);
    auto const spread = flow::from(std::vector(70, 1)) | flow::shuffle({.stages = 3}) | flow::map(same);
    check(report_of(spread), 70, 70);
    auto const both = flow::merge(flow::from(std::vector(70, 1)), flow::from(std::list(30, 1))) | flow::map(same);
    check(report_of(both), 100, 100);
}

BOOST_AUTO_TEST_CASE(a_source_that_does_not_says_what_is_done) {
    auto odd = std::views::iota(0, 100) | std::views::filter([](int i) { return i % 2 == 1; });
    auto const filtered = flow::from(odd) | flow::map(same);
    check(report_of(filtered), 50, std::nullopt);
    auto const counted =
        flow::from([n = 0]() mutable { return n < 20 ? std::optional(n++) : std::nullopt; }) | flow::map(same);
    check(report_of(counted), 20, std::nullopt);
    auto const mixed = flow::merge(flow::from(std::vector(70, 1)), counted) | flow::shuffle({.stages = 1});
    check(report_of(mixed), 90, std::nullopt);
}

BOOST_AUTO_TEST_CASE(of_a_stage_counts_what_it_gives_to_the_flow) {
    asio::io_context context;
    auto outside = sluice::from_range(context, std::views::iota(0, 300));
    auto const f = flow::from(outside) | flow::map(same);
    auto running = flow::launch(f, context);
    sluice::async_run(outside, [](std::exception_ptr) {});
    context.run();
    check(running.progress(), 300, std::nullopt);
}

BOOST_AUTO_TEST_CASE(of_files_their_bytes_count) {
    folder_of_lines const folder({1000, 0, 30'000, 7});
    auto const lines = flow::from_lines(folder.files) | flow::map([](sluice::text line) { return line; });
    check(report_of(lines), 31'007 * 7, 31'007 * 7, progress_unit::bytes);
    auto const first = flow::from_lines(folder.files[2]) | flow::take(3);
    auto const some = report_of(first);
    BOOST_TEST(some.done > 0u);
    BOOST_TEST((some.total == 30'000 * 7));
    std::istringstream stream("a\nline\n");
    auto const read = flow::from_lines(stream) | flow::map([](sluice::text line) { return line; });
    check(report_of(read), 7, std::nullopt, progress_unit::bytes);
    auto const rows = flow::from_csv(folder.files) | flow::map([](sluice::csv_row row) { return row; });
    check(report_of(rows), 31'007 * 7, 31'007 * 7, progress_unit::bytes);
    auto const gone = flow::from_lines(std::vector<std::string>{"/no/such/file"});
    check(report_of(gone), 0, std::nullopt, progress_unit::bytes);
}

BOOST_AUTO_TEST_CASE(the_progress_of_a_flow_is_shown_until_its_end) {
    using sluice::testing::simulation;
    auto const report = sluice::testing::explore({.name = "the_progress_of_a_flow", .seeds = 30}, [](simulation& home) {
        std::ostringstream out;
        auto const wait = [&home](sluice::inlet<int>& in) -> asio::awaitable<void> {
            while (auto const events = co_await in.receive()) co_await home.async_wait(100ms);
        };
        auto const f = flow::from(std::views::iota(0, 4000)) | flow::sink(wait);
        auto running = flow::launch(f, home);
        sluice::show_progress(running, progress_bar(out), 50ms);
        home.run();
        sluice::testing::invariant(out.str() == scale + stars(51) + "\n", out.str());
    });
    BOOST_TEST(report.passed());
    asio::io_context context;
    auto const f = flow::from(std::vector<int>());
    auto running = flow::launch(f, context);
    BOOST_CHECK_THROW(sluice::show_progress(running, progress_bar(), 0ms), boost::system::system_error);
    context.run();
}

BOOST_AUTO_TEST_SUITE_END()
