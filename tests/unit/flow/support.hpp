#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
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
    std::exception_ptr failed;
    std::vector<typename F::event_type> all;
    flow::async_collect(f, context, [&](std::exception_ptr error, std::vector<typename F::event_type> events) {
        failed = error;
        all.swap(events);
    });
    context.run();
    if (failed) std::rethrow_exception(failed);
    return all;
}

/// Runs flows somewhere. One type for every place, so that a test is compiled once.
class collector {
public:
    collector() = default;
    explicit collector(sluice::thread_pool& pool) : pool_(&pool) {}

    template <class F>
    auto operator()(F& f) const {
        return pool_ ? flow::collect(f, *pool_) : collect_here(f);
    }

private:
    sluice::thread_pool* pool_ = nullptr;  // null: on an io_context
};

/// Calls a function with one thread, with two, and with an io_context.
void everywhere(void (*call)(void const* test, collector const& collect), void const* test);

/// Runs `test(collect)` with one thread, with two, and on an io_context.
template <class Test>
void everywhere(Test const& test) {
    everywhere([](void const* t, collector const& collect) { (*static_cast<Test const*>(t))(collect); }, &test);
}

template <class T>
auto sorted(std::vector<T> events) {
    std::sort(events.begin(), events.end());
    return events;
}

void check_failure(std::string const& expected, std::exception const* error);

/// What a flow fails with, everywhere.
template <class F>
void fails_with(F& f, std::string const& what) {
    everywhere([&](collector const& collect) {
        try {
            collect(f);
            check_failure(what, nullptr);
        } catch (std::exception const& error) {
            check_failure(what, &error);
        }
    });
}

}  // namespace flow_test
