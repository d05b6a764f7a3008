#include <algorithm>
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <optional>
#include <thread>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(executors)

using namespace stages;

namespace {

/// Three stages on one executor each; runs the context in this thread, if there is one to run.
template <class A, class B, class C>
void three_stages_on(A&& a, B&& b, C&& c, boost::asio::io_context* context) {
    std::vector<int> got;
    sluice::producer<int> numbers{a, counter, 0, 1000};
    sluice::producer_consumer<int, int> doubled{b, sluice::from(numbers, {.max_demand = 50}), doubler};
    sluice::consumer<int> collected{c, sluice::from(doubled, {.max_demand = 20}), collector, std::ref(got)};
    auto ended = sluice::async_run(numbers, doubled, collected, boost::asio::use_future);
    if (context) context->run();
    ended.get();
    BOOST_TEST(got.size() == 1000u);
    BOOST_TEST(got.back() == 1998);
}

auto where_am_i(outlet<int>&, std::thread::id& id) -> asio::awaitable<void> {
    id = std::this_thread::get_id();
    co_return;
}

auto note_thread(std::thread::id& id) -> asio::awaitable<void> {
    id = std::this_thread::get_id();
    co_return;
}

auto hop(outlet<int>& out, boost::asio::any_io_executor elsewhere, std::thread::id& there, std::thread::id& back)
    -> asio::awaitable<void> {
    co_await asio::co_spawn(elsewhere, note_thread(there), asio::use_awaitable);
    co_await out.demand();
    back = std::this_thread::get_id();
    co_await out.emit(1);
}

}  // namespace

BOOST_AUTO_TEST_CASE(stages_run_on_an_io_context) {
    boost::asio::io_context context;
    three_stages_on(context, context, context, &context);
}

BOOST_AUTO_TEST_CASE(stages_run_on_the_executor_of_an_io_context) {
    boost::asio::io_context context;
    three_stages_on(context.get_executor(), context.get_executor(), context.get_executor(), &context);
}

BOOST_AUTO_TEST_CASE(stages_run_on_any_io_executor) {
    boost::asio::io_context context;
    boost::asio::any_io_executor const any = context.get_executor();
    three_stages_on(any, any, any, &context);
}

BOOST_AUTO_TEST_CASE(stages_run_on_a_strand) {
    boost::asio::io_context context;
    auto const strand = boost::asio::make_strand(context);
    three_stages_on(strand, strand, strand, &context);
    context.restart();
    boost::asio::any_io_executor const any = boost::asio::make_strand(context);
    three_stages_on(any, strand, context, &context);
}

BOOST_AUTO_TEST_CASE(stages_run_on_an_asio_thread_pool) {
    boost::asio::thread_pool pool(2);
    three_stages_on(pool, pool.get_executor(), boost::asio::make_strand(pool), nullptr);
    pool.join();
}

BOOST_AUTO_TEST_CASE(stages_run_on_a_sluice_thread_pool) {
    sluice::thread_pool pool(2);
    three_stages_on(pool, pool.get_executor(), pool.context(), nullptr);
    BOOST_TEST(pool.size() == 2u);
}

BOOST_AUTO_TEST_CASE(stages_of_one_pipeline_may_run_on_different_contexts) {
    boost::asio::thread_pool one(1);
    sluice::thread_pool two(1), three(1);
    three_stages_on(one, two, three, nullptr);
    one.join();
}

BOOST_AUTO_TEST_CASE(run_blocks_until_all_have_ended_and_throws_what_they_failed_with) {
    sluice::thread_pool pool;
    std::vector<int> got;
    sluice::producer<int> numbers{pool, counter, 0, 1000};
    sluice::consumer<int> collected{pool, sluice::from(numbers), collector, std::ref(got)};
    sluice::run(numbers, collected);
    BOOST_TEST(got == iota(0, 1000));
    auto fails = [](outlet<int>&) -> asio::awaitable<void> {
        throw std::runtime_error("oops");
        co_return;
    };
    sluice::producer<int> bad{pool, fails};
    BOOST_CHECK_EXCEPTION(sluice::run(bad), std::runtime_error,
                          [](auto& error) { return error.what() == std::string("oops"); });
    sluice::run();
}

BOOST_AUTO_TEST_CASE(a_pool_has_a_thread_for_each_core_and_can_be_joined_or_stopped) {
    sluice::thread_pool pool;
    BOOST_TEST(pool.size() == std::max(1u, std::thread::hardware_concurrency()));
    std::atomic<int> calls = 0;
    for (int i = 0; i < 100; ++i) boost::asio::post(pool.get_executor(), [&] { ++calls; });
    pool.join();
    BOOST_TEST(calls == 100);
    pool.stop();

    sluice::thread_pool throwing(1);
    boost::asio::post(throwing.get_executor(), [] { throw std::runtime_error("left a handler"); });
    boost::asio::post(throwing.get_executor(), [&] { ++calls; });
    BOOST_CHECK_THROW(throwing.join(), std::runtime_error);
    BOOST_TEST(calls == 101);
}

BOOST_AUTO_TEST_CASE(a_pool_may_go_while_a_pipeline_runs_on_it) {
    auto const held = std::make_shared<int>(1);
    {
        sluice::thread_pool pool(2);
        auto body = [held](inlet<int>& in) -> asio::awaitable<void> {
            while (auto events = co_await in.receive()) {}
        };
        sluice::producer<int> numbers{pool, naturals};
        sluice::consumer<int> endless{pool, sluice::from(numbers), body};
        sluice::async_run(numbers, endless, [held](std::exception_ptr) {});
    }
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_body_that_awaits_something_elsewhere_comes_back_to_its_stage) {
    boost::asio::thread_pool one(1), two(1);
    std::thread::id first, there, back;
    std::vector<int> got;
    sluice::producer<int> asks{one, where_am_i, std::ref(first)};
    sluice::async_run(asks, boost::asio::use_future).get();
    sluice::producer<int> hops{one, hop, boost::asio::any_io_executor(two.get_executor()), std::ref(there),
                               std::ref(back)};
    sluice::consumer<int> collected{one, sluice::from(hops), collector, std::ref(got)};
    sluice::async_run(hops, collected, boost::asio::use_future).get();
    BOOST_TEST((there != first));
    BOOST_TEST((back == first));
    BOOST_TEST(got == std::vector{1});
    one.join();
    two.join();
}

BOOST_AUTO_TEST_CASE(a_handler_that_throws_leaves_the_contexts_run) {
    boost::asio::io_context context;
    auto returns = [](outlet<int>&) -> asio::awaitable<void> { co_return; };
    sluice::producer<int> one{context, returns};
    sluice::async_run(one, [](std::exception_ptr) { throw std::runtime_error("from a handler"); });
    BOOST_CHECK_THROW(context.run(), std::runtime_error);
    context.run();
}

BOOST_AUTO_TEST_SUITE_END()
