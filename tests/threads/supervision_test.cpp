#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <future>
#include <stdexcept>
#include <vector>

#include "stages.hpp"

using namespace threads;

namespace {

struct children {
    std::atomic<int> running = 0;
    std::atomic<int> most = 0;
    std::atomic<std::uint64_t> sum = 0;
    std::atomic<int> failures = 0;
};

/// Fails now and then.
auto work(int event, children& all) -> asio::awaitable<void> {
    int const now = ++all.running;
    for (int seen = all.most; seen < now && !all.most.compare_exchange_weak(seen, now);) {}
    co_await asio::post(asio::use_awaitable);
    --all.running;
    if (event % 50 == 7 && all.failures.fetch_add(1) % 2 == 0) throw std::runtime_error("now and then");
    all.sum += static_cast<std::uint64_t>(event);
}

/// Passes on, and fails after so many batches.
auto fragile(inlet<int>& in, outlet<int>& out) -> asio::awaitable<void> {
    for (int batches = 0; auto events = co_await in.receive(); ++batches) {
        if (batches == 40) throw std::runtime_error("worn out");
        const bool taken = co_await out.emit(std::move(*events));
        if (!taken) co_return;
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(supervision)

BOOST_AUTO_TEST_CASE(children_on_many_threads_are_never_more_than_max_demand_and_lose_no_event) {
    sluice::thread_pool pool(3);
    children all;
    sluice::producer<int> numbers{pool, counter, 0, 5'000};
    sluice::consumer_supervisor<int> worked{pool,
                                            sluice::from(numbers, {.max_demand = 16}),
                                            {.restart = sluice::restart_mode::transient, .max_restarts = 100'000},
                                            work,
                                            std::ref(all)};
    sluice::run(numbers, worked);
    BOOST_TEST(all.sum.load() == 4'999u * 5'000u / 2);
    BOOST_TEST(all.most.load() <= 16);
    BOOST_TEST(all.running.load() == 0);
}

BOOST_AUTO_TEST_CASE(a_pipeline_on_many_threads_survives_a_middle_that_fails_again_and_again) {
    sluice::thread_pool pool(3);
    tally total;
    sluice::supervisor pipeline{pool, {.max_restarts = 100'000}};
    auto numbers = pipeline.add("numbers", [](sluice::supervised& here) {
        return sluice::producer<int>{here, counter, 0, 20'000};
    });
    auto passed = pipeline.add("passed", [numbers](sluice::supervised& here) {
        return sluice::producer_consumer<int, int>{here, here.from(numbers, {.max_demand = 20, .redeliver = true}),
                                                   fragile};
    });
    pipeline.add("added up", [passed, &total](sluice::supervised& here) {
        return sluice::consumer<int>{here, here.from(passed, {.max_demand = 50}), add_up, std::ref(total)};
    });
    sluice::run(pipeline);
    BOOST_TEST(total.count == 20'000u);
    BOOST_TEST(total.sum == 19'999u * 20'000u / 2);
}

BOOST_AUTO_TEST_CASE(a_group_takes_stages_from_many_threads_and_ends_in_order) {
    sluice::thread_pool pool(3);
    sluice::stage_group group{pool};
    std::vector<tally> totals(6);
    std::vector<std::future<void>> adding;
    for (auto& total : totals) {
        adding.push_back(std::async(std::launch::async, [&] {
            sluice::producer<int> numbers{pool, naturals};
            sluice::consumer<int> added{pool, sluice::from(numbers, {.max_demand = 100}), add_up, std::ref(total)};
            group.add(added, numbers);
        }));
    }
    for (auto& each : adding) each.get();
    group.async_stop(asio::use_future).get();
    group.async_join(asio::use_future).get();
    BOOST_TEST(alone::clashes.load() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
