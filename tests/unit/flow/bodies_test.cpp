#include <boost/asio/awaitable.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <numeric>
#include <ranges>
#include <string>
#include <vector>

#include "bodies.hpp"
#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_bodies)

using namespace flow_test;

namespace {

auto printer(sluice::inlet<std::string>& in, std::string& all) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (auto const& event : *events) all += event + " ";
    }
}

/// Says at the end how many events it had.
auto teller(sluice::inlet<int>& in, sluice::outlet<std::size_t>& out) -> asio::awaitable<void> {
    std::size_t count = 0;
    while (auto events = co_await in.receive()) count += events->size();
    co_await out.emit(count);
}

auto first_only(sluice::inlet<int>& in, int& first) -> asio::awaitable<void> {
    if (auto events = co_await in.receive()) first = events->front();
}

struct ticker {
    int next = 0;
    auto handle_demand(std::size_t wanted) -> sluice::emission<int> {
        std::vector<int> events;
        while (events.size() < wanted && next < 2500) events.push_back(next++);
        return next == 2500 ? sluice::emission<int>::last(std::move(events)) : sluice::emission<int>(std::move(events));
    }
};

struct negater {
    auto handle_events(sluice::batch<int> events) -> sluice::emission<int> {
        for (int& event : events) event = -event;
        return events;
    }
};

struct summer {
    long* sum;
    void handle_events(sluice::batch<int> events) {
        for (int event : events) *sum += event;
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(bodies_and_functions_are_piped_alike) {
    auto const to_text = [](int i) { return std::to_string(i); };
    sluice::thread_pool pool(2);
    std::string all;
    auto const f = flow::source<int>(counter, 0, 5) | flow::stage<int>(doubler) | flow::map(to_text) |
                   flow::sink(printer, std::ref(all));
    flow::run(f, pool);
    BOOST_TEST(all == "0 2 4 6 8 ");
    flow::run(f, pool);  // a value: it can be run again
    BOOST_TEST(all == "0 2 4 6 8 0 2 4 6 8 ");
}

BOOST_AUTO_TEST_CASE(a_source_alone_is_a_flow) {
    auto const f = flow::source<int>(counter, 0, 5000);
    everywhere([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_TEST(all.size() == 5000u);
        BOOST_TEST(std::ranges::is_sorted(all));
    });
}

BOOST_AUTO_TEST_CASE(a_body_behind_a_partition_runs_once_for_each_stage) {
    auto const f =
        flow::from(std::views::iota(0, 9000)) | flow::partition({.stages = 3}) | flow::stage<std::size_t>(teller);
    everywhere([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_TEST(all.size() == 3u);
        BOOST_TEST(std::accumulate(all.begin(), all.end(), std::size_t{0}) == 9000u);
    });
}

BOOST_AUTO_TEST_CASE(bodies_can_be_partitioned_and_shuffled) {
    auto const f = flow::source<int>(counter, 0, 10'000) | flow::shuffle({.stages = 3}) | flow::stage<int>(doubler) |
                   flow::partition({.stages = 2}) | flow::reduce(0L, [](long& sum, int i) { sum += i; });
    everywhere([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_TEST(all.size() == 2u);
        BOOST_TEST(all[0] + all[1] == 99'990'000);
    });
}

BOOST_AUTO_TEST_CASE(a_sink_is_one_stage_that_gets_everything) {
    sluice::thread_pool pool(2);
    long sum = 0;
    auto const f =
        flow::from(std::views::iota(0, 10'000)) | flow::partition({.stages = 4}) | flow::sink(adder, std::ref(sum));
    flow::run(f, pool);
    BOOST_TEST(sum == 49'995'000);
}

BOOST_AUTO_TEST_CASE(handler_objects_are_bodies_too) {
    sluice::thread_pool pool(2);
    long sum = 0;
    auto const f = flow::source<int>(ticker{}) | flow::stage<int>(negater{}) | flow::sink(summer{&sum});
    flow::run(f, pool);
    BOOST_TEST(sum == -2499L * 2500 / 2);
}

BOOST_AUTO_TEST_CASE(a_sink_that_has_enough_ends_the_flow_normally) {
    sluice::thread_pool pool(2);
    int first = -1;
    auto const f =
        flow::from(std::views::iota(5)) | flow::map([](int i) { return i; }) | flow::sink(first_only, std::ref(first));
    flow::run(f, pool);
    BOOST_TEST(first == 5);
}

BOOST_AUTO_TEST_CASE(a_sink_can_be_composed_without_a_source) {
    long sum = 0;
    auto const end = flow::map([](int i) { return i + 1; }) | flow::sink(adder, std::ref(sum));
    auto const f = flow::from(std::views::iota(0, 10)) | end;
    sluice::thread_pool pool(1);
    flow::run(f, pool);
    BOOST_TEST(sum == 55);
}

BOOST_AUTO_TEST_SUITE_END()
