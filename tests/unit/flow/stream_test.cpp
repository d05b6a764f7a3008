#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <ranges>
#include <string>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_stream)

using namespace flow_test;

namespace {

auto draw_all(sluice::stream<int> drawn) -> asio::awaitable<std::vector<int>> {
    std::vector<int> all;
    while (auto events = co_await drawn.receive()) all.insert(all.end(), events->begin(), events->end());
    co_return all;
}

auto draw_batches(sluice::stream<int> drawn, int batches) -> asio::awaitable<std::size_t> {
    std::size_t count = 0;
    while (batches-- > 0) {
        auto events = co_await drawn.receive();
        if (!events) break;
        count += events->size();
    }
    co_return count;
}

/// A body that waits for what never comes.
auto sleeper(sluice::inlet<int>& in, sluice::outlet<int>& out) -> asio::awaitable<void> {
    auto events = co_await in.receive();
    co_await out.emit(std::move(*events));
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_stream_gives_all_events_and_then_the_end) {
    for (std::size_t threads : {1, 2}) {
        sluice::thread_pool pool(threads);
        auto const f = flow::from(std::views::iota(0, 10'000)) | flow::map([](int i) { return i * 2; });
        auto const all = asio::co_spawn(pool.get_executor(), draw_all(flow::stream(f, pool)), asio::use_future).get();
        BOOST_REQUIRE(all.size() == 10'000u);
        BOOST_TEST(all.back() == 19'998);
    }
}

BOOST_AUTO_TEST_CASE(a_stream_that_goes_stops_an_endless_source) {
    auto const alive = std::make_shared<int>(0);
    {
        auto const endless = flow::from([alive, i = 0]() mutable { return std::optional(i++); }) |
                             flow::shuffle({.stages = 2}) | flow::map([](int i) { return i; });
        asio::io_context context;
        auto drawn = asio::co_spawn(context, draw_batches(flow::stream(endless, context), 3), asio::use_future);
        context.run();  // returns, so the source has stopped
        BOOST_TEST(drawn.get() > 0u);
    }
    BOOST_TEST(alive.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_stream_that_goes_stops_a_flow_that_never_emits) {
    auto const nothing = flow::from(std::views::iota(0)) | flow::filter([](int i) { return i < 0; });
    asio::io_context context;
    {
        auto drawn = flow::stream(nothing, context);
        for (int i = 0; i < 20; ++i) context.poll_one();
    }
    context.run();
    BOOST_TEST(context.stopped());  // for lack of work
}

BOOST_AUTO_TEST_CASE(a_stream_that_goes_stops_a_body_that_waits) {
    auto const f = flow::from(std::views::iota(0)) | flow::stage<int>(sleeper);
    asio::io_context context;
    auto drawn = asio::co_spawn(context, draw_batches(flow::stream(f, context), 1), asio::use_future);
    context.run();
    BOOST_TEST(drawn.get() > 0u);
}

BOOST_AUTO_TEST_CASE(a_failure_anywhere_in_the_flow_is_thrown_to_whoever_draws) {
    for (int round = 0; round < 20; ++round) {
        sluice::thread_pool pool(2);
        auto const f = flow::from(std::views::iota(0)) | flow::map([](int i) {
                           if (i == 30'000) throw std::runtime_error("enough");
                           return i;
                       }) |
                       flow::shuffle({.stages = 2}) | flow::partition({.stages = 2});
        auto drawn = asio::co_spawn(pool.get_executor(), draw_all(flow::stream(f, pool)), asio::use_future);
        BOOST_CHECK_EXCEPTION(drawn.get(), std::runtime_error,
                              [](auto const& e) { return std::string(e.what()) == "enough"; });
    }
}

BOOST_AUTO_TEST_CASE(a_source_runs_ahead_of_its_stream_by_its_demands_alone) {
    auto const made = std::make_shared<std::atomic<int>>(0);
    auto const f = flow::from([made]() { return std::optional(++*made); }) | flow::map([](int i) { return i; });
    asio::io_context context;
    auto drawn = flow::stream(f, context);
    context.poll();
    int const before = *made;
    BOOST_TEST(before > 0);
    BOOST_TEST(before <= 5000);
    context.restart();
    context.poll();
    BOOST_TEST(*made == before);
}

BOOST_AUTO_TEST_CASE(the_context_may_go_under_a_stream) {
    auto const alive = std::make_shared<int>(0);
    for (int steps = 0; steps < 40; ++steps) {
        auto const f =
            flow::from([alive, i = 0]() mutable { return std::optional(i++); }) | flow::shuffle({.stages = 2});
        std::optional<sluice::stream<int>> drawn;
        {
            asio::io_context context;
            drawn.emplace(flow::stream(f, context));
            for (int i = 0; i < steps; ++i) context.poll_one();
        }
    }
    BOOST_TEST(alive.use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
