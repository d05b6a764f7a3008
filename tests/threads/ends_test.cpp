#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "stages.hpp"

using namespace threads;

namespace {

auto check_feeders(inlet<int>& in, std::map<int, int>& next, int& wrong) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (int event : *events) {
            if (event % 100'000 != next[event / 100'000]++) ++wrong;
        }
    }
}

auto feed(sluice::intake<int>& into, int who, int count) -> asio::awaitable<void> {
    for (int i = 0; i < count; ++i) {
        const bool taken = co_await into.emit(who * 100'000 + i);
        if (!taken) throw std::runtime_error("it was refused");
    }
}

auto draw(sluice::stream<int>& from, std::atomic<std::uint64_t>& sum) -> asio::awaitable<void> {
    while (auto events = co_await from.receive()) {
        for (int event : *events) sum.fetch_add(static_cast<std::uint64_t>(event));
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(intake_and_stream)

BOOST_AUTO_TEST_CASE(threads_and_coroutines_feed_one_pipeline_each_in_its_order) {
    sluice::thread_pool pool(2);
    boost::asio::thread_pool clients(2);
    std::map<int, int> next;
    int wrong = 0;
    sluice::intake<int> lines{pool};
    sluice::consumer<int> checked{pool, sluice::from(lines, {.max_demand = 16}), check_feeders, std::ref(next),
                                  std::ref(wrong)};
    auto running = sluice::async_run(checked, boost::asio::use_future);

    std::vector<std::future<void>> coroutines;
    for (int who = 0; who < 3; ++who) {
        coroutines.push_back(boost::asio::co_spawn(clients, feed(lines, who, 1000), boost::asio::use_future));
    }
    std::vector<std::thread> foreign;
    std::atomic<int> refused = 0;
    for (int who = 3; who < 6; ++who) {
        foreign.emplace_back([&, who] {
            for (int i = 0; i < 300; ++i) {
                if (!lines.async_emit(who * 100'000 + i, boost::asio::use_future).get()) ++refused;
            }
        });
    }
    for (auto& each : coroutines) each.get();
    for (auto& each : foreign) each.join();
    lines.close();
    running.get();
    BOOST_TEST(wrong == 0);
    BOOST_TEST(refused == 0);
    for (int who = 0; who < 6; ++who) BOOST_TEST(next[who] == (who < 3 ? 1000 : 300));
    clients.join();
}

BOOST_AUTO_TEST_CASE(closing_while_threads_emit_answers_every_emit) {
    for (int round = 0; round < 20; ++round) {
        sluice::thread_pool pool(2);
        tally total;
        std::atomic<std::size_t> taken = 0;
        sluice::intake<int> lines{pool};
        std::size_t lost = 0;
        lines.on_discard([&](batch<int> events, sluice::discard_reason) { lost += events.size(); });
        sluice::consumer<int> added{pool, sluice::from(lines, {.max_demand = 4}), add_up, std::ref(total)};
        auto running = sluice::async_run(added, boost::asio::use_future);
        std::vector<std::thread> all;
        for (int i = 0; i < 3; ++i) {
            all.emplace_back([&] {
                for (int n = 0; n < 100; ++n) {
                    if (lines.async_emit(1, boost::asio::use_future).get()) ++taken;
                }
            });
        }
        lines.close();
        for (auto& each : all) each.join();
        running.get();
        pool.join();
        BOOST_TEST(total.count == taken);
        BOOST_TEST(taken + lost == 300u);
    }
}

BOOST_AUTO_TEST_CASE(coroutines_on_several_threads_share_a_stream) {
    sluice::thread_pool pool(2);
    boost::asio::thread_pool clients(3);
    constexpr int count = 10'000;
    std::atomic<std::uint64_t> sum = 0;
    sluice::producer<int> numbers{pool, counter, 0, count};
    sluice::stream<int> results{pool, sluice::from(numbers, {.max_demand = 20})};
    std::vector<std::future<void>> all;
    for (int i = 0; i < 3; ++i)
        all.push_back(boost::asio::co_spawn(clients, draw(results, sum), boost::asio::use_future));
    sluice::run(numbers);
    for (auto& each : all) each.get();
    BOOST_TEST(sum == std::uint64_t{count} * (count - 1) / 2);
    clients.join();
}

BOOST_AUTO_TEST_CASE(a_stream_closed_while_others_draw_ends_them_and_its_sources) {
    for (int round = 0; round < 30; ++round) {
        sluice::thread_pool pool(2);
        boost::asio::thread_pool clients(2);
        std::atomic<std::uint64_t> sum = 0;
        sluice::producer<int> numbers{pool, naturals};
        std::optional<sluice::stream<int>> results(std::in_place, pool, sluice::from(numbers, {.max_demand = 20}));
        auto running = sluice::async_run(numbers, boost::asio::use_future);
        auto one = boost::asio::co_spawn(clients, draw(*results, sum), boost::asio::use_future);
        auto two = boost::asio::co_spawn(clients, draw(*results, sum), boost::asio::use_future);
        results->close();
        BOOST_CHECK_NO_THROW(one.get());
        BOOST_CHECK_NO_THROW(two.get());
        results.reset();
        BOOST_CHECK_NO_THROW(running.get());
        clients.join();
    }
}

BOOST_AUTO_TEST_SUITE_END()
