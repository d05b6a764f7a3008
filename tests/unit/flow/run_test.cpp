#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <future>
#include <memory>
#include <numeric>
#include <ranges>
#include <sluice/consumer.hpp>
#include <sluice/producer_consumer.hpp>
#include <sluice/run.hpp>
#include <string>
#include <vector>

#include "bodies.hpp"
#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_run)

using namespace flow_test;

namespace {

auto negater(sluice::inlet<int>& in, sluice::outlet<int>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (int& event : *events) event = -event;
        co_await out.emit(std::move(*events));
    }
}

auto measurer(sluice::inlet<int>& in, std::size_t& largest) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) largest = std::max(largest, events->size());
}

auto upto(int n) { return flow::from(std::views::iota(0, n)); }

auto is_aborted(boost::system::system_error const& error) -> bool {
    return error.code() == asio::error::operation_aborted;
}

auto all_operations(asio::any_io_executor executor, std::vector<int>& log) -> asio::awaitable<void> {
    auto const numbers = upto(1000) | flow::map([](int i) { return i + 1; });
    auto const all = co_await flow::async_collect(numbers, executor);
    log.push_back(static_cast<int>(all.size()));
    auto sum = 0;
    auto const add = [&sum](int i) { sum += i; };
    co_await flow::async_for_each(numbers, executor, add);
    log.push_back(sum);
    co_await flow::async_run(numbers, executor);
    long total = 0;
    sluice::consumer<int> summed{executor, {}, adder, std::ref(total)};
    co_await flow::async_into(numbers, executor, summed);
    log.push_back(static_cast<int>(total));
}

}  // namespace

BOOST_AUTO_TEST_CASE(nothing_runs_before_a_terminal_operation) {
    int calls = 0;
    auto const f = upto(10) | flow::map([&](int i) {
                       ++calls;
                       return i;
                   });
    asio::io_context context;
    context.run();
    context.restart();
    BOOST_TEST(calls == 0);
    auto future = flow::async_collect(f, context, asio::use_future);
    BOOST_TEST(calls == 0);  // nor inside the initiating call
    context.run();
    BOOST_TEST(calls == 10);
    BOOST_TEST(future.get().size() == 10u);
}

BOOST_AUTO_TEST_CASE(terminal_operations_can_be_awaited) {
    asio::io_context context;
    std::vector<int> log;
    asio::co_spawn(context, all_operations(context.get_executor(), log), asio::detached);
    context.run();
    BOOST_TEST(log == (std::vector{1000, 500'500, 500'500}));
}

BOOST_AUTO_TEST_CASE(they_have_blocking_twins) {
    sluice::thread_pool pool(2);
    auto const f = upto(100);
    BOOST_TEST(flow::collect(f, pool).size() == 100u);
    int sum = 0;
    flow::for_each(f, pool, [&](int i) { sum += i; });
    BOOST_TEST(sum == 4950);
    int seen = 0;
    flow::run(f | flow::map([&](int i) { return seen += i; }), pool);
    BOOST_TEST(seen == 4950);
    long total = 0;
    sluice::consumer<int> summed{pool, {}, adder, std::ref(total)};
    flow::into(f, pool, summed);
    BOOST_TEST(total == 4950);
}

BOOST_AUTO_TEST_CASE(any_executor_will_do) {
    auto const f = upto(3000) | flow::shuffle({.stages = 2});
    asio::thread_pool threads(2);
    BOOST_TEST(flow::collect(f, threads).size() == 3000u);
    BOOST_TEST(flow::collect(f, asio::any_io_executor(threads.get_executor())).size() == 3000u);
    BOOST_TEST(flow::collect(f, asio::make_strand(threads)).size() == 3000u);
}

BOOST_AUTO_TEST_CASE(the_handler_runs_on_its_own_executor) {
    sluice::thread_pool pool(1);
    asio::io_context home;
    bool was_here = false;
    auto const f = upto(10);
    auto handler = [&](std::exception_ptr error, std::vector<int> all) {
        was_here = home.get_executor().running_in_this_thread() && !error && all.size() == 10;
    };
    flow::async_collect(f, pool, asio::bind_executor(home, handler));
    home.run();
    BOOST_TEST(was_here);
}

BOOST_AUTO_TEST_CASE(the_named_flow_need_not_outlive_the_call) {
    asio::io_context context;
    std::future<std::vector<std::string>> future;
    {
        auto f = flow::from(std::vector<std::string>{"a", "b"}) |
                 flow::map([s = std::string("!")](std::string const& e) { return e + s; });
        future = flow::async_collect(f, context, asio::use_future);
    }
    context.run();
    BOOST_TEST(future.get() == (std::vector<std::string>{"a!", "b!"}));
}

BOOST_AUTO_TEST_CASE(for_each_calls_its_function_in_one_stage_whatever_the_layers) {
    sluice::thread_pool pool(2);
    auto const f = upto(20'000) | flow::shuffle({.stages = 4});
    int inside = 0;
    long sum = 0;
    flow::for_each(f, pool, [&](int i) {
        BOOST_REQUIRE(++inside == 1);
        sum += i;
        --inside;
    });
    BOOST_TEST(sum == 199'990'000);
}

BOOST_AUTO_TEST_CASE(into_gives_each_event_to_one_of_the_stages) {
    sluice::thread_pool pool(2);
    long a = 0;
    long b = 0;
    sluice::consumer<int> first{pool, {}, adder, std::ref(a)};
    sluice::consumer<int> second{pool, {}, adder, std::ref(b)};
    auto const f = upto(10'000) | flow::partition({.stages = 2});
    flow::into(f, pool, first, second);
    BOOST_TEST(a + b == 49'995'000);
}

BOOST_AUTO_TEST_CASE(into_subscribes_on_the_terms_that_are_given) {
    sluice::thread_pool pool(2);
    std::size_t largest = 0;
    sluice::consumer<int> measured{pool, {}, measurer, std::ref(largest)};
    auto const f = upto(1000);
    BOOST_CHECK_EXCEPTION(flow::into(f, pool, {.max_demand = 0}, measured), boost::system::system_error,
                          [](auto const& e) { return e.code() == sluice::errc::invalid_option; });
    flow::into(f, pool, {.max_demand = 4}, measured);
    BOOST_TEST(largest == 2u);  // half of it at a time
    sluice::consumer<int> once_more{pool, {}, measurer, std::ref(largest)};
    flow::async_into(f, pool, {.max_demand = 6, .min_demand = 0}, once_more, asio::use_future).get();
    BOOST_TEST(largest == 6u);
}

BOOST_AUTO_TEST_CASE(into_takes_a_producer_consumer_whose_consumer_runs_elsewhere) {
    sluice::thread_pool pool(2);
    long sum = 0;
    sluice::producer_consumer<int, int> negated{pool, {}, negater};
    sluice::consumer<int> summed{pool, sluice::from(negated), adder, std::ref(sum)};
    auto rest = sluice::async_run(summed, asio::use_future);
    auto const f = upto(1000);
    flow::into(f, pool, negated);
    rest.get();
    BOOST_TEST(sum == -499'500);
}

BOOST_AUTO_TEST_CASE(a_stage_of_a_flow_may_end_before_the_stages_behind_it_have_begun) {
    auto const nothing = upto(0) | flow::shuffle({.stages = 3});
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        sluice::testing::random_chooser chooser(seed);
        sluice::testing::simulation simulation(chooser);
        long sum = 0;
        sluice::consumer<int> summed{simulation.get_executor(), {}, adder, std::ref(sum)};
        std::exception_ptr failed = std::make_exception_ptr(0);
        flow::async_into(nothing, simulation.get_executor(), summed, [&](std::exception_ptr error) { failed = error; });
        BOOST_REQUIRE(simulation.run().complete());
        BOOST_REQUIRE(!failed);
    }
}

BOOST_AUTO_TEST_CASE(into_a_stage_that_was_run_before_fails) {
    sluice::thread_pool pool(1);
    long sum = 0;
    sluice::consumer<int> summed{pool, {}, adder, std::ref(sum)};
    auto const f = upto(10);
    flow::into(f, pool, summed);
    BOOST_CHECK_EXCEPTION(flow::into(f, pool, summed), boost::system::system_error,
                          [](auto const& e) { return e.code() == sluice::errc::already_run; });
}

BOOST_AUTO_TEST_CASE(a_cancelled_run_ends_with_operation_aborted_and_leaves_nothing) {
    auto const f = flow::from(std::views::iota(0)) | flow::shuffle({.stages = 2}) |
                   flow::filter([](int i) { return i < 0; }) | flow::partition({.stages = 2}) |
                   flow::reduce(0, [](int& n, int) { ++n; });
    for (int steps = 0; steps < 60; ++steps) {
        asio::io_context context;
        asio::cancellation_signal stop;
        std::exception_ptr ended;
        flow::async_collect(f, context,
                            asio::bind_cancellation_slot(
                                stop.slot(), [&](std::exception_ptr error, std::vector<int>) { ended = error; }));
        for (int i = 0; i < steps; ++i) context.poll_one();
        stop.emit(asio::cancellation_type::terminal);
        context.run();  // returns: nothing is left
        BOOST_REQUIRE(ended);
        BOOST_CHECK_EXCEPTION(std::rethrow_exception(ended), boost::system::system_error, is_aborted);
    }
}

BOOST_AUTO_TEST_CASE(the_context_may_go_under_a_running_flow) {
    auto const alive = std::make_shared<int>(1);
    for (int steps = 0; steps < 60; ++steps) {
        auto const f = flow::from(std::views::iota(0)) | flow::shuffle({.stages = 2}) | flow::flat_map([alive](int i) {
                           return std::vector<std::string>(3, std::string(30, static_cast<char>('a' + i % 20)));
                       }) |
                       flow::partition({.stages = 2}) | flow::reduce(0, [alive](int& n, std::string const&) { ++n; });
        asio::io_context context;
        flow::async_collect(f, context, [](std::exception_ptr, std::vector<int>) {});
        for (int i = 0; i < steps; ++i) context.poll_one();
    }
    BOOST_TEST(alive.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(an_operation_that_is_never_started_leaves_nothing) {
    auto const alive = std::make_shared<int>(1);
    asio::io_context context;
    {
        auto const f = upto(10) | flow::shuffle() | flow::map([alive](int i) { return i; });
        auto never = flow::async_collect(f, context, asio::deferred);
    }
    context.run();
    BOOST_TEST(alive.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_flow_without_end_runs_in_bounded_memory) {
    // A million events pass; were they kept, it would show in the number of live ones.
    struct counted {
        explicit counted(long* l) : live(l) { ++*live; }
        counted(counted&& other) noexcept : live(other.live) { ++*live; }
        auto operator=(counted&&) noexcept -> counted& { return *this; }
        ~counted() { --*live; }
        long* live;
    };
    asio::io_context context;
    long live = 0;
    long most = 0;
    long count = 0;
    auto const f = upto(1'000'000) | flow::map([&](int) { return counted(&live); }) | flow::shuffle({.stages = 1}) |
                   flow::map([](counted c) { return c; });
    auto done = flow::async_for_each(
        f, context,
        [&](counted const&) {
            ++count;
            most = std::max(most, live);
        },
        asio::use_future);
    context.run();
    done.get();
    BOOST_TEST(count == 1'000'000);
    BOOST_TEST(most < 20'000);  // 4000 under way, and what was moved from them until its batch is given back
    BOOST_TEST(live == 0);
}

BOOST_AUTO_TEST_SUITE_END()
