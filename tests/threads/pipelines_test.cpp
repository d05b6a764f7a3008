#include <array>
#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <random>
#include <thread>

#include "stages.hpp"

using namespace threads;

namespace {

constexpr int some = 20'000;
constexpr std::uint64_t sum_of_some = std::uint64_t{some} * (some - 1) / 2;

/// Lives as long as the thread that waits for it.
struct counted_handler {
    std::atomic<int>* ended;
    std::shared_ptr<int> token;
    void operator()(std::exception_ptr) const { ended->fetch_add(1); }
};

auto is_aborted(std::exception_ptr const& error) -> bool {
    try {
        if (error) std::rethrow_exception(error);
    } catch (boost::system::system_error const& e) {
        return e.code() == boost::asio::error::operation_aborted;
    } catch (...) {}
    return !error;
}

auto hold(inlet<int>& in, std::shared_ptr<int> token) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        if (events->empty()) token.reset();
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pipelines)

BOOST_AUTO_TEST_CASE(a_pipeline_on_many_threads_delivers_each_event_once) {
    for (std::size_t threads : {1u, 2u, 4u}) {
        sluice::thread_pool pool(threads);
        tally total;
        sluice::producer<int> numbers{pool, counter, 0, some};
        sluice::producer_consumer<int, int> one{pool, sluice::from(numbers, {.max_demand = 64}), pass_on};
        sluice::producer_consumer<int, int> two{pool, sluice::from(one, {.max_demand = 7}), pass_on};
        sluice::consumer<int> added{pool, sluice::from(two), add_up, std::ref(total)};
        sluice::run(numbers, one, two, added);
        BOOST_TEST(total.count == static_cast<std::size_t>(some));
        BOOST_TEST(total.sum == sum_of_some);
    }
    BOOST_TEST(alone::clashes == 0);
}

BOOST_AUTO_TEST_CASE(adaptive_demand_on_many_threads_delivers_each_event_once_and_may_be_looked_at) {
    sluice::thread_pool pool(4);
    tally total;
    sluice::subscribe_options const terms{.max_demand = 500,
                                          .adaptive = {.target_latency = std::chrono::microseconds(50)}};
    sluice::producer<int> numbers{pool, counter, 0, some};
    sluice::producer_consumer<int, int> one{pool, sluice::from(numbers, terms), pass_on};
    sluice::consumer<int> added{pool, sluice::from(one, terms), add_up, std::ref(total)};
    auto ended = sluice::async_run(numbers, one, added, boost::asio::use_future);
    bool within = true;
    while (ended.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
        for (auto const& each : added.stats().subscriptions) within &= each.max_demand >= 1 && each.max_demand <= 500;
    }
    ended.get();
    BOOST_TEST(within);
    BOOST_TEST(total.count == static_cast<std::size_t>(some));
    BOOST_TEST(total.sum == sum_of_some);
    BOOST_TEST(alone::clashes == 0);
}

BOOST_AUTO_TEST_CASE(many_producers_feed_many_consumers_and_nothing_is_lost) {
    sluice::thread_pool pool(4);
    std::array<tally, 3> totals;
    std::vector<sluice::producer<int>> producers;
    std::vector<sluice::source<int>> from;
    for (int i = 0; i < 4; ++i) producers.emplace_back(pool, counter, 0, some / 4);
    for (auto const& each : producers) from.push_back(sluice::from(each, {.max_demand = 10}));
    sluice::consumer<int> a{pool, from, add_up, std::ref(totals[0])};
    sluice::consumer<int> b{pool, from, add_up, std::ref(totals[1])};
    sluice::consumer<int> c{pool, from, add_up, std::ref(totals[2])};
    sluice::run(producers[0], producers[1], producers[2], producers[3], a, b, c);
    BOOST_TEST(totals[0].count + totals[1].count + totals[2].count == static_cast<std::size_t>(some));
    BOOST_TEST(alone::clashes == 0);
}

BOOST_AUTO_TEST_CASE(stages_on_strands_and_pools_of_different_kinds_work_together) {
    boost::asio::thread_pool one(2);
    sluice::thread_pool two(2);
    tally total;
    sluice::producer<int> numbers{one, counter, 0, some};
    sluice::producer_consumer<int, int> passed{boost::asio::make_strand(one), sluice::from(numbers, {.max_demand = 50}),
                                               pass_on};
    sluice::consumer<int> added{two, sluice::from(passed, {.max_demand = 20}), add_up, std::ref(total)};
    sluice::run(numbers, passed, added);
    BOOST_TEST(total.sum == sum_of_some);
    one.join();
}

BOOST_AUTO_TEST_CASE(subscriptions_come_and_go_while_events_flow) {
    sluice::thread_pool pool(4);
    sluice::producer<int> numbers{pool, sluice::outlet_options{.on_last_cancel = sluice::on_last_cancel::stay_open},
                                  naturals};
    tally total;
    sluice::consumer<int> open{pool, sluice::sources<int>{}, sluice::inlet_options{.stay_open = true}, add_up,
                               std::ref(total)};
    auto running = sluice::async_run(numbers, open, boost::asio::use_future);
    for (int i = 0; i < 300; ++i) {
        auto const over = open.async_subscribe(numbers, {.max_demand = 5}, boost::asio::use_future).get();
        if (i % 2 == 0) {
            over.cancel();
            over.cancel();
        }
        over.async_cancel(sluice::end_reason(), boost::asio::use_future).get();
    }
    numbers.stop();
    open.stop();
    BOOST_CHECK_THROW(running.get(), boost::system::system_error);
    BOOST_TEST(alone::clashes == 0);
}

BOOST_AUTO_TEST_CASE(cancelling_and_asking_from_many_threads_is_safe) {
    struct keeps {
        std::promise<sluice::subscription>* kept;
        std::atomic<int>* got;
        void handle_subscribe(sluice::subscription const& from) { kept->set_value(from); }
        void handle_events(batch<int> events) { got->fetch_add(static_cast<int>(events.size())); }
    };
    for (int round = 0; round < 20; ++round) {
        sluice::thread_pool pool(2);
        std::promise<sluice::subscription> kept;
        std::atomic<int> got = 0;
        sluice::producer<int> numbers{pool, naturals};
        sluice::consumer<int> manual{pool, sluice::from(numbers, {.demand_mode = sluice::demand_mode::manual}),
                                     keeps{&kept, &got}};
        auto running = sluice::async_run(numbers, manual, boost::asio::use_future);
        auto const over = kept.get_future().get();
        std::vector<std::thread> all;
        for (int i = 0; i < 4; ++i) {
            all.emplace_back([over] {
                for (int n = 0; n < 250; ++n) {
                    if (over.ask(1)) std::terminate();
                }
                for (int n = 0; n < 250; ++n) over.cancel();
            });
        }
        for (auto& each : all) each.join();
        running.get();
        BOOST_TEST(got <= 1000);
    }
}

BOOST_AUTO_TEST_CASE(stopping_from_eight_threads_ends_a_run_once) {
    for (int round = 0; round < 30; ++round) {
        sluice::thread_pool pool(2);
        tally total;
        sluice::producer<int> numbers{pool, naturals};
        sluice::producer_consumer<int, int> passed{pool, sluice::from(numbers, {.max_demand = 10}), pass_on};
        sluice::consumer<int> added{pool, sluice::from(passed), add_up, std::ref(total)};
        auto running = sluice::async_run(numbers, passed, added, boost::asio::use_future);
        std::vector<std::thread> all;
        for (int i = 0; i < 8; ++i) {
            all.emplace_back([&, i] { i % 3 == 0 ? numbers.stop() : i % 3 == 1 ? passed.stop() : added.stop(); });
        }
        for (auto& each : all) each.join();
        BOOST_CHECK_THROW(running.get(), boost::system::system_error);
    }
}

BOOST_AUTO_TEST_CASE(pipelines_stopped_at_a_random_moment_ten_thousand_times_leave_nothing_behind) {
    auto const token = std::make_shared<int>(1);
    std::atomic<int> ended = 0;
    int runs = 0;
    std::minstd_rand random(1);
    {
        sluice::thread_pool pool(2);
        for (; runs < 10'000; ++runs) {
            sluice::producer<int> numbers{pool, naturals};
            sluice::producer_consumer<int, int> passed{pool, sluice::from(numbers, {.max_demand = 4}), pass_on};
            sluice::consumer<int> held{pool, sluice::from(passed, {.max_demand = 3}), hold, token};
            sluice::async_run(numbers, passed, held, counted_handler{&ended, token});
            for (auto spin = random() % 200; spin > 0; --spin) std::atomic_signal_fence(std::memory_order_seq_cst);
            switch (random() % 3) {
                case 0: numbers.stop(); break;
                case 1: passed.stop(); break;
                default: held.stop(); break;
            }
            if (random() % 2 == 0) {  // else the last stop is the only one, and stops the others by its end
                numbers.stop();
                held.stop();
            }
            numbers.stop();
        }
        pool.join();
    }
    BOOST_TEST(ended == runs);
    BOOST_TEST(token.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_run_cancelled_at_a_random_moment_ends) {
    std::minstd_rand random(2);
    for (int round = 0; round < 500; ++round) {
        boost::asio::io_context context;
        tally total;
        std::exception_ptr told;
        sluice::producer<int> numbers{context, naturals};
        sluice::producer_consumer<int, int> passed{context, sluice::from(numbers, {.max_demand = 4}), pass_on};
        sluice::consumer<int> added{context, sluice::from(passed, {.max_demand = 3}), add_up, std::ref(total)};
        boost::asio::cancellation_signal signal;
        bool called = false;
        sluice::async_run(numbers, passed, added,
                          boost::asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error) {
                              called = true;
                              told = error;
                          }));
        // The signal is emitted in the thread of its slot; the stages hear of it in theirs.
        auto const steps = random() % 20;
        for (unsigned i = 0; i < steps; ++i) context.poll_one();
        signal.emit(boost::asio::cancellation_type::terminal);
        std::thread other([&] { context.run(); });
        context.run();
        other.join();
        BOOST_TEST(called);
        BOOST_TEST(is_aborted(told));
    }
}

BOOST_AUTO_TEST_CASE(pools_that_go_while_pipelines_run_leave_nothing_behind) {
    auto const token = std::make_shared<int>(1);
    std::atomic<int> ended = 0;
    for (int round = 0; round < 200; ++round) {
        std::optional<sluice::thread_pool> pool(2);
        sluice::producer<int> numbers{*pool, naturals};
        sluice::producer_consumer<int, int> passed{*pool, sluice::from(numbers, {.max_demand = 4}), pass_on};
        sluice::consumer<int> held{*pool, sluice::from(passed, {.max_demand = 3}), hold, token};
        sluice::async_run(numbers, passed, held, counted_handler{&ended, token});
        pool.reset();
    }
    BOOST_TEST(token.use_count() == 1);
    BOOST_TEST(ended == 0);
}

BOOST_AUTO_TEST_SUITE_END()
