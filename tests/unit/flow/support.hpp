#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <exception>
#include <sluice/flow/flow.hpp>
#include <sluice/thread_pool.hpp>
#include <string>
#include <utility>
#include <vector>

namespace flow_test {

namespace asio = boost::asio;
namespace flow = sluice::flow;

/// What comes out of a flow, on an io_context in this thread.
template <class F>
auto collect_here(F& f) {
    asio::io_context context;
    auto future = flow::async_collect(f, context, asio::use_future);
    context.run();
    return future.get();
}

/// Runs `test(collect)` with one thread, with two, and on an io_context.
template <class Test>
void everywhere(Test const& test) {
    {BOOST_TEST_CONTEXT("one thread"){sluice::thread_pool one(1);
    test([&](auto& f) { return flow::collect(f, one); });
}
}  // namespace flow_test
{
    BOOST_TEST_CONTEXT("two threads") {
        sluice::thread_pool two(2);
        test([&](auto& f) { return flow::collect(f, two); });
    }
}
BOOST_TEST_CONTEXT("io_context") {
    test([](auto& f) { return collect_here(f); });
}
}

template <class T>
auto sorted(std::vector<T> events) {
    std::sort(events.begin(), events.end());
    return events;
}

/// What a flow fails with, everywhere.
template <class F>
void fails_with(F& f, std::string const& what) {
    everywhere([&](auto const& collect) {
        try {
            collect(f);
            BOOST_ERROR("does not fail");
        } catch (std::exception const& error) {
            BOOST_TEST(error.what() == what);
        }
    });
}

}  // namespace flow_test
