// Cases of D.1 in which stages, callers and the end of a subscription may meet: on threads, after the simulator.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <ranges>
#include <string>
#include <thread>

#include "helpers.hpp"

using namespace conformance;
using sluice::subscription;

namespace {

constexpr int rounds = 20;
constexpr sluice::subscribe_options ten{.max_demand = 10, .min_demand = 0};
constexpr sluice::subscribe_options twenty{.max_demand = 20, .min_demand = 0};
constexpr sluice::subscribe_options again{.max_demand = 20, .min_demand = 0, .cancel = sluice::cancel_mode::temporary};
constexpr sluice::outlet_options accumulating{.demand = sluice::demand_flow::accumulate};

/// Boost.Test's own checks are for one thread; what a scenario found is told here.
template <class Scenario>
void on_threads(Scenario&& scenario) {
    for (int round = 0; round < rounds; ++round) {
        try {
            sluice::thread_pool pool{3};
            scenario(pool);
        } catch (std::exception const& error) {
            BOOST_TEST_ERROR("round " << round << ": " << error.what());
            return;
        }
    }
}

/// As a text: an exception that went to another thread would be a race to ThreadSanitizer, which does not see how
/// libstdc++ counts who holds it.
template <class... Stages>
auto how_it_ends(Stages&... stages) -> std::future<std::string> {
    std::promise<std::string> told;
    auto end = told.get_future();
    sluice::async_run(stages...,
                      [told = std::move(told)](std::exception_ptr error) mutable { told.set_value(describe(error)); });
    return end;
}

auto draw_ten(sluice::stream<int> results, std::vector<int>& into) -> asio::awaitable<void> {
    while (into.size() < 10) {
        auto events = co_await results.receive();
        if (!events) break;
        into.insert(into.end(), events->begin(), events->end());
    }
    into.resize(10);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gen_stage_on_threads)

BOOST_AUTO_TEST_CASE(a_broadcast_has_one_common_demand_on_threads) {  // D.1 6, 18
    on_threads([](sluice::thread_pool& pool) {
        batches one, two;
        sluice::producer<int> numbers{pool, accumulating, sluice::broadcast_dispatcher<int>{},
                                      counter{.enough = 1100, .ends = true}};
        sluice::consumer<int> first{pool, from(numbers, ten), forwarder{&one}};
        sluice::consumer<int> second{pool, from(numbers, twenty), forwarder{&two}};
        auto ended = sluice::async_run(numbers, first, second, asio::use_future);
        // Both have asked when a visit of each has run: what was sent before it has arrived, then.
        first.async_visit([] {}, asio::use_future).get();
        second.async_visit([] {}, asio::use_future).get();
        numbers.async_visit([] {}, asio::use_future).get();
        numbers.set_demand(sluice::demand_flow::forward);
        ended.get();
        expect_equal(one, two, "the same batches");
        expect_batches(one, {{0, 10}, {10, 20}});
        invariant(has_batch(one, iota(1000, 1010)), "of ten");
    });
}

BOOST_AUTO_TEST_CASE(a_middle_with_broadcast_gives_all_the_same_on_threads) {  // D.1 15
    on_threads([](sluice::thread_pool& pool) {
        batches one, two;
        sluice::producer numbers{pool, accumulating, counter{.enough = 300, .ends = true}};
        sluice::producer_consumer<int, int> twofold{pool, from(numbers, {.max_demand = 10}),
                                                    sluice::broadcast_dispatcher<int>{}, doubler{}};
        sluice::consumer<int> first{pool, from(twofold, ten), forwarder{&one}};
        sluice::consumer<int> second{pool, from(twofold, twenty), forwarder{&two}};
        auto ended = sluice::async_run(first, second, twofold, numbers, asio::use_future);
        twofold.async_visit([] {}, asio::use_future).get();
        numbers.set_demand(sluice::demand_flow::forward);
        ended.get();
        expect_equal(joined(one), twice(0, static_cast<int>(joined(one).size()) / 2), "each twice, in order");
        expect_equal(joined(one), joined(two), "the same");
    });
}

BOOST_AUTO_TEST_CASE(calls_and_informs_reach_a_running_pipeline_from_other_threads) {  // D.1 33, 63, 65
    on_threads([](sluice::thread_pool& pool) {
        batches got;
        sluice::producer source{pool, silent{}};
        sluice::producer_consumer<int, int> twofold{pool, from(source, twenty), doubler{}};
        sluice::consumer<int> all{pool, from(twofold), forwarder{&got}};
        auto ended = how_it_ends(source, twofold, all);
        std::vector<std::thread> callers;
        for (int caller = 0; caller < 3; ++caller) {
            callers.emplace_back([&, caller] {
                for (int i = 0; i < 10; ++i) {
                    auto push = [event = 10 * caller + i](outlet<int>& out) {
                        out.push(event);
                        return event;
                    };
                    source.async_visit(push, asio::use_future).get();
                    twofold.async_inform([] {}, asio::use_future).get();
                }
            });
        }
        for (auto& each : callers) each.join();
        // Behind all that was pushed: when this has run, everything was sent on; then again, a stage further.
        source.async_inform([] {}, asio::use_future).get();
        twofold.async_inform([] {}, asio::use_future).get();
        all.async_inform([] {}, asio::use_future).get();
        auto sorted = all.async_visit([&got] { return joined(got); }, asio::use_future).get();
        std::ranges::sort(sorted);
        expect_equal(sorted, twice(0, 30), "each twice");
        source.stop();
        expect_text(ended.get(), "operation_aborted", "the run");
    });
}

BOOST_AUTO_TEST_CASE(subscriptions_are_given_up_and_made_anew_on_threads) {  // D.1 51, 61
    on_threads([](sluice::thread_pool& pool) {
        batches got;
        auto numbers = sluice::from_range(pool, std::views::iota(0, 5000));
        sluice::consumer<int> all{pool, {}, sluice::inlet_options{.stay_open = true}, forwarder{&got}};
        auto source = sluice::async_run(numbers, asio::use_future);
        auto ended = how_it_ends(all);
        auto over = all.async_subscribe(numbers, again, asio::use_future).get();
        for (int i = 0; i < 10; ++i) {
            over = all.async_resubscribe(over, {}, from(numbers, again), asio::use_future).get();
        }
        source.get();
        all.async_inform([] {}, asio::use_future).get();
        auto const received = all.async_visit([&got] { return joined(got); }, asio::use_future).get();
        all.stop();
        expect_text(ended.get(), "operation_aborted", "the run");
        auto sorted = received;
        std::ranges::sort(sorted);
        expect_equal(sorted, iota(0, 5000), "each event once");
    });
}

BOOST_AUTO_TEST_CASE(a_stream_that_has_enough_cancels_on_threads) {  // D.1 113
    on_threads([](sluice::thread_pool& pool) {
        std::vector<int> got;
        auto numbers = sluice::from_range(pool, std::views::iota(0));
        auto ended = sluice::async_run(numbers, asio::use_future);
        asio::co_spawn(pool.get_executor(), draw_ten(sluice::stream<int>(pool, from(numbers)), got), asio::use_future)
            .get();
        ended.get();
        expect_equal(got, iota(0, 10), "the first ten");
    });
}

BOOST_AUTO_TEST_SUITE_END()
