#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <ranges>
#include <set>
#include <sluice/consumer.hpp>
#include <sluice/flow/describe.hpp>
#include <sluice/flow/launch.hpp>
#include <sluice/producer.hpp>
#include <sluice/producer_consumer.hpp>
#include <sluice/run.hpp>
#include <string>
#include <utility>
#include <vector>

#include "bodies.hpp"
#include "support.hpp"

// The examples in the headers of sources and terminal operations; see examples_of_steps_test.cpp.

BOOST_AUTO_TEST_SUITE(flow_examples_of_flows)

using namespace flow_test;

namespace {

using numbers = std::vector<int>;
using words = std::vector<std::string>;

auto adder(sluice::inlet<int>& in, int& sum) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (int const event : *events) sum += event;
    }
}

/// A file with these lines, while it lives.
struct text_file {
    explicit text_file(std::string const& name, std::string const& text)
        : path(std::filesystem::temp_directory_path() / ("sluice_example_" + name)) {
        std::ofstream(path) << text;
    }
    text_file(text_file const&) = delete;
    auto operator=(text_file const&) -> text_file& = delete;
    ~text_file() { std::filesystem::remove(path); }

    std::filesystem::path path;
};

}  // namespace

BOOST_AUTO_TEST_CASE(from) {
    // [doc:from]
    numbers const some{1, 2, 3};
    auto const by_name = flow::from(some);                // it must live while the flow runs
    auto const its_own = flow::from(numbers{1, 2, 3});    // shared by copies of the flow
    auto const view = flow::from(std::views::iota(1));    // without end
    auto const function = flow::from([i = 0]() mutable {  // 1, 2, 3, by a function that ends with nullopt
        return i < 3 ? std::optional(++i) : std::nullopt;
    });
    // [doc:end]
    BOOST_TEST((ran(by_name) == some));
    BOOST_TEST((ran(its_own) == some));
    BOOST_TEST((ran(view | flow::take(3)) == some));
    BOOST_TEST((ran(function) == some));
}
BOOST_AUTO_TEST_CASE(from_lines) {
    text_file const file("lines", "one two\nthree\n");
    auto const path = file.path;
    // [doc:from_lines]
    auto const lengths = flow::from_lines(path) | flow::map([](sluice::text const& line) { return line.size(); });
    // [doc:end]
    BOOST_TEST((ran(lengths) == std::vector<std::size_t>{7, 5}));
}
BOOST_AUTO_TEST_CASE(through) {
    sluice::thread_pool pool(2);
    // [doc:through]
    sluice::producer_consumer<int, int> doubled{pool, {}, doubler};
    auto const f = flow::from(std::views::iota(1, 4)) | flow::through(doubled) | flow::map([](int i) { return i + 1; });
    auto ended = sluice::async_run(doubled, asio::use_future);
    auto const all = flow::collect(f, pool);  // 3, 5, 7
    // [doc:end]
    ended.get();
    BOOST_TEST((all == numbers{3, 5, 7}));
}
BOOST_AUTO_TEST_CASE(as_producer) {
    sluice::thread_pool pool(2);
    int sum = 0;
    // [doc:as_producer]
    auto const f = flow::from(std::views::iota(1, 4)) | flow::map([](int i) { return i * 2; });
    sluice::producer<int> even = flow::as_producer(f, pool);
    sluice::consumer<int> summed{pool, sluice::from(even, {.max_demand = 10}), adder, std::ref(sum)};
    sluice::run(even, summed);  // 2 + 4 + 6
    // [doc:end]
    BOOST_TEST(sum == 12);
}
BOOST_AUTO_TEST_CASE(from_csv) {
    text_file const file("orders", "id,customer,price\n1,Ada,2.5\n2,\"Bob, Jr.\",10\n");
    auto const path = file.path;
    // [doc:from_csv]
    struct order {
        int id;
        std::string customer;
        double price;
    };
    auto const orders = flow::from_csv(path) | flow::map([](sluice::csv_row const& row) {
                            return order{row.as<int>("id"), row.at("customer").str(), row.as<double>("price")};
                        });
    // [doc:end]
    auto const all = ran(orders);
    BOOST_TEST(all.at(0).price == 2.5);
    BOOST_TEST(all.at(1).customer == "Bob, Jr.");
}
BOOST_AUTO_TEST_CASE(from_ranges) {
    // [doc:from_ranges]
    std::vector<numbers> const lists{{1, 2}, {3}, {4, 5, 6}};
    auto const f = flow::from_ranges(lists) | flow::map([](int i) { return i * 10; });  // a stage for each list
    // [doc:end]
    BOOST_TEST((sorted(ran(f)) == numbers{10, 20, 30, 40, 50, 60}));
}
BOOST_AUTO_TEST_CASE(from_stages) {
    sluice::thread_pool pool(2);
    // [doc:from_stages]
    sluice::producer<int> first{pool, counter, 0, 3};
    sluice::producer<int> second{pool, counter, 10, 13};
    auto const f = flow::from_stages(first, second);  // 0, 1, 2 and 10, 11, 12, when they are run
    // [doc:end]
    auto ended = sluice::async_run(first, second, asio::use_future);
    BOOST_TEST((sorted(flow::collect(f, pool)) == numbers{0, 1, 2, 10, 11, 12}));
    ended.get();
}
BOOST_AUTO_TEST_CASE(from_batches) {
    // [doc:from_batches]
    auto const pages = [next = 0](std::size_t wanted) mutable -> asio::awaitable<std::optional<numbers>> {
        if (next == 1000) co_return std::nullopt;
        numbers page;  // or what a queue, a socket or a database has, awaited
        while (page.size() < wanted && next < 1000) page.push_back(next++);
        co_return page;
    };
    auto const f = flow::from_batches(pages);  // 0, 1, … 999
    // [doc:end]
    BOOST_TEST(ran(f).size() == 1000u);
}
BOOST_AUTO_TEST_CASE(interval) {
    // [doc:interval]
    using namespace std::chrono_literals;
    auto const f = flow::interval(1ms) | flow::take(3);  // 0, 1, 2, a millisecond apart
    // [doc:end]
    BOOST_TEST(ran(f).size() == 3u);
}
BOOST_AUTO_TEST_CASE(bodies) {
    sluice::thread_pool pool(2);
    {
        // [doc:source]
        auto const f = flow::source<int>(counter, 0, 100) | flow::map([](int i) { return i + 1; });  // 1 … 100
        // [doc:end]
        BOOST_TEST(flow::sum(f, pool) == 5050);
    }
    {
        // [doc:stage]
        auto const f = flow::from(std::views::iota(1, 4)) | flow::stage<int>(doubler);  // 2, 4, 6
        // [doc:end]
        BOOST_TEST((flow::collect(f, pool) == numbers{2, 4, 6}));
    }
    // [doc:sink]
    int sum = 0;
    auto const f = flow::from(std::views::iota(1, 4)) | flow::sink(adder, std::ref(sum));
    flow::run(f, pool);  // sum == 6
    // [doc:end]
    BOOST_TEST(sum == 6);
}
BOOST_AUTO_TEST_CASE(describe) {
    // [doc:describe]
    auto const f = flow::from(std::views::iota(1, 100)) | flow::shuffle({.stages = 4}) | flow::filter(std::identity());
    auto const picture = flow::describe(f).mermaid();  // "flowchart LR …"
    // [doc:end]
    BOOST_TEST(picture.starts_with("flowchart"));
}

BOOST_AUTO_TEST_CASE(terminal_operations) {
    sluice::thread_pool pool(2);
    auto const f = flow::from(std::views::iota(1, 5));
    {
        // [doc:collect]
        auto const all =
            flow::collect(f, pool);  // a std::vector; in a coroutine: co_await flow::async_collect(f, pool)
        // [doc:end]
        BOOST_TEST((all == numbers{1, 2, 3, 4}));
    }
    {
        // [doc:to]
        auto const all = flow::to<std::set>(f, pool);  // a std::set<int>
        // [doc:end]
        BOOST_TEST((all == std::set<int>{1, 2, 3, 4}));
    }
    {
        // [doc:for_each]
        int product = 1;
        flow::for_each(f, pool, [&product](int i) { product *= i; });
        // [doc:end]
        BOOST_TEST(product == 24);
    }
    {
        // [doc:reduce_all]
        auto const add = [](int& sum, int i) { sum += i; };
        auto const sum = flow::reduce_all(f, pool, 0, add, add);
        // [doc:end]
        BOOST_TEST(sum == 10);
    }
    {
        // [doc:count]
        auto const many = flow::count(f, pool);
        // [doc:end]
        BOOST_TEST(many == 4u);
    }
    {
        // [doc:sum]
        auto const total = flow::sum(f, pool);  // of int: a std::int64_t
        // [doc:end]
        BOOST_TEST(total == 10);
    }
    {
        // [doc:first]
        auto const large = f | flow::filter([](int i) { return i > 2; });
        auto const found = flow::first(large, pool);  // std::optional(3)
        // [doc:end]
        BOOST_TEST((found == std::optional(3)));
    }
    {
        // [doc:run]
        auto const loud = f | flow::tap([](int i) { BOOST_TEST_MESSAGE(i); });
        flow::run(loud, pool);
        // [doc:end]
    }
    int sent = 0;
    // [doc:for_each_async]
    auto const send = [&sent](int) -> asio::awaitable<void> {
        ++sent;  // or write to a socket, awaited
        co_return;
    };
    flow::for_each_async(f, pool, send);
    // [doc:end]
    BOOST_TEST(sent == 4);
}
BOOST_AUTO_TEST_CASE(to_lines) {
    sluice::thread_pool pool(1);
    text_file const file("written", "");
    auto const path = file.path;
    // [doc:to_lines]
    auto const f = flow::from(std::views::iota(1, 4));
    flow::to_lines(f, pool, path);  // "1\n2\n3\n"
    // [doc:end]
    std::ifstream written(path);
    std::string first;
    std::getline(written, first);
    BOOST_TEST(first == "1");
}
BOOST_AUTO_TEST_CASE(into) {
    sluice::thread_pool pool(2);
    int sum = 0;
    auto const f = flow::from(std::views::iota(1, 4));
    // [doc:into]
    sluice::consumer<int> adding{pool, {}, adder, std::ref(sum)};
    flow::into(f, pool, adding);  // any number of stages
    // [doc:end]
    BOOST_TEST(sum == 6);
}

namespace {

auto first_square_above(int least, asio::any_io_executor pool) -> asio::awaitable<int> {
    // [doc:stream]
    auto const endless = flow::from(std::views::iota(1)) | flow::map([](int i) { return i * i; });
    auto squares = flow::stream(endless, pool);
    while (auto const events = co_await squares.receive()) {
        for (int const square : *events) {
            if (square > least) co_return square;  // the stream goes, and stops the flow
        }
    }
    // [doc:end]
    co_return 0;
}

}  // namespace

BOOST_AUTO_TEST_CASE(stream) {
    sluice::thread_pool pool(2);
    auto found = asio::co_spawn(pool.get_executor(), first_square_above(1000, pool.get_executor()), asio::use_future);
    BOOST_TEST(found.get() == 1024);
}
BOOST_AUTO_TEST_CASE(launch) {
    sluice::thread_pool pool(2);
    // [doc:launch]
    auto const endless = flow::from(std::views::iota(0)) | flow::shuffle() | flow::map([](int i) { return i + 1; });
    auto running = flow::launch(endless, pool);
    auto const events = running.stats().front().events_out;
    auto stopped = running.async_stop(flow::stopping::drain, asio::use_future);
    stopped.get();
    // [doc:end]
    BOOST_TEST(events >= 0u);
}

BOOST_AUTO_TEST_SUITE_END()
