// Each dispatcher on a pool, with consumers that come and go and statistics that are read meanwhile.
#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <deque>
#include <functional>
#include <future>
#include <sluice/core/on_exit.hpp>
#include <sluice/sluice.hpp>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;
using sluice::from;

constexpr int events = 20'000;
constexpr std::size_t takers = 3;

/// The second half waits until all consumers have subscribed: who comes to a producer that has ended fails.
auto count_up(sluice::outlet<int>& out, std::atomic<bool> const& all_came, bool singly) -> asio::awaitable<void> {
    for (int next = 0; next < events;) {
        while (next >= events / 2 && !all_came) co_await asio::post(asio::use_awaitable);
        if (singly) {
            const bool taken = co_await out.emit(next++);
            if (!taken) co_return;
            continue;
        }
        auto some = out.make_batch();
        for (int n = 0; n < 7 && next < events; ++n) some.push_back(next++);
        const bool taken = co_await out.emit(std::move(some));
        if (!taken) co_return;
    }
}
auto collect(sluice::inlet<int>& in, std::vector<int>& got) -> asio::awaitable<void> {
    while (auto some = co_await in.receive()) got.insert(got.end(), some->begin(), some->end());
}
auto leave_soon(sluice::inlet<int>& in, std::vector<int>& got) -> asio::awaitable<void> {
    auto some = co_await in.receive();
    if (some) got.insert(got.end(), some->begin(), some->end());
}

/// What each of three whole consumers, and then each of those that leave again, was given; and what had come to those
/// and was discarded there.
struct outcome {
    std::deque<std::vector<int>> got;
    std::deque<std::vector<int>> lost;
};

/// Runs a producer with that dispatcher.
template <class Dispatcher>
auto run_with(Dispatcher dispatcher, bool singly, std::size_t partitions = 0) -> outcome {
    sluice::thread_pool pool{4};
    outcome all{std::deque<std::vector<int>>(takers), {}};
    auto& got = all.got;
    std::deque<sluice::consumer<int>> stages;
    std::atomic<bool> all_came = false;
    sluice::producer<int> numbers{pool,
                                  sluice::outlet_options{.demand = sluice::demand_flow::accumulate},
                                  std::move(dispatcher),
                                  count_up,
                                  std::cref(all_came),
                                  singly};
    auto const terms = [&](std::size_t i) {
        sluice::subscribe_options options{.max_demand = 10 + 30 * i, .weight = i + 1};
        if (partitions > 0) options.partition = i % partitions;
        return options;
    };
    std::vector<std::future<void>> runs;
    for (std::size_t i = 0; i < takers; ++i) {
        stages.emplace_back(pool, from(numbers, terms(i)), collect, std::ref(got[i]));
        runs.push_back(sluice::async_run(stages.back(), asio::use_future));
    }
    auto whole = sluice::async_run(numbers, asio::use_future);
    std::atomic<bool> over = false;
    std::thread reader([&] {
        while (!over) {
            (void)numbers.stats();
            (void)numbers.buffered_count();
        }
    });
    auto const stop_reader = sluice::core::on_exit([&] {
        over = true;
        reader.join();
    });
    numbers.set_demand(sluice::demand_flow::forward);
    for (std::size_t i = takers; i < 2 * takers; ++i) {
        stages.emplace_back(pool, from(numbers, terms(i)), leave_soon, std::ref(got.emplace_back()));
        stages.back().on_discard([&lost = all.lost.emplace_back()](sluice::batch<int> some, sluice::discard_reason) {
            lost.insert(lost.end(), some.begin(), some.end());
        });
        runs.push_back(sluice::async_run(stages.back(), asio::use_future));
    }
    all_came = true;
    whole.get();
    for (auto& each : runs) each.get();
    return all;
}

void check_each_once(outcome const& of) {
    std::vector<int> all;
    for (auto const& each : of.got) {
        BOOST_TEST(std::ranges::is_sorted(each));
        all.insert(all.end(), each.begin(), each.end());
    }
    for (auto const& each : of.lost) all.insert(all.end(), each.begin(), each.end());
    std::ranges::sort(all);
    BOOST_TEST(all.size() == static_cast<std::size_t>(events));
    BOOST_TEST((std::ranges::adjacent_find(all) == all.end()));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dispatchers_on_threads)

BOOST_AUTO_TEST_CASE(what_is_shared_out_goes_to_one_consumer_each) {
    for (bool const singly : {false, true}) {
        check_each_once(run_with(sluice::demand_dispatcher<int>{}, singly));
        check_each_once(run_with(sluice::weighted_dispatcher<int>{}, singly));
        check_each_once(run_with(sluice::round_robin_dispatcher<int>{}, singly));
    }
}

BOOST_AUTO_TEST_CASE(partitions_with_several_consumers_each_get_their_events) {
    auto const third = [](int i) { return static_cast<std::size_t>(i % 3); };
    for (bool const singly : {false, true}) {
        auto const all = run_with(sluice::partition_dispatcher<int>(3, third), singly, 3);
        check_each_once(all);
        auto const& got = all.got;
        for (std::size_t i = 0; i < got.size(); ++i)
            BOOST_TEST(
                std::ranges::all_of(got[i], [i](int event) { return static_cast<std::size_t>(event) % 3 == i % 3; }));
    }
}

BOOST_AUTO_TEST_CASE(a_broadcast_reaches_all_whoever_comes_and_goes) {
    for (bool const singly : {false, true}) {
        auto const got = run_with(sluice::broadcast_dispatcher<int>{}, singly).got;
        for (std::size_t i = 0; i < takers; ++i) {
            BOOST_TEST(got[i].size() == static_cast<std::size_t>(events));
            BOOST_TEST(std::ranges::is_sorted(got[i]));
        }
        for (auto const& each : got)
            BOOST_TEST((std::ranges::adjacent_find(each, std::greater_equal<>()) == each.end()));
    }
}

BOOST_AUTO_TEST_SUITE_END()
