#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <exception>
#include <optional>
#include <sluice/flow/flow.hpp>
#include <sluice/testing/choosers.hpp>
#include <sluice/testing/simulation.hpp>
#include <sluice/thread_pool.hpp>
#include <string>
#include <utility>
#include <vector>

namespace flow_test {

namespace asio = boost::asio;
namespace flow = sluice::flow;

/// What comes out of a flow, on an executor that `drive` runs in this thread.
template <class F, class Drive>
auto collect_on(F& f, asio::any_io_executor const& executor, Drive const& drive) {
    std::exception_ptr failed;
    std::vector<typename F::event_type> all;
    flow::async_collect(f, executor, [&](std::exception_ptr error, std::vector<typename F::event_type> events) {
        failed = error;
        all.swap(events);
    });
    drive();
    if (failed) std::rethrow_exception(failed);
    return all;
}

/// The same on an io_context.
template <class F>
auto collect_here(F& f) {
    asio::io_context context;
    return collect_on(f, context.get_executor(), [&] { context.run(); });
}

/// Runs flows somewhere. One type for every place, so that a test is compiled once.
class collector {
public:
    collector() = default;
    explicit collector(sluice::thread_pool& pool) : pool_(&pool) {}
    explicit collector(std::uint64_t seed) : seed_(seed) {}

    template <class F>
    auto operator()(F& f) const {
        if (pool_) return flow::collect(f, *pool_);
        return seed_ ? collect_simulated(f) : collect_here(f);
    }

private:
    template <class F>
    auto collect_simulated(F& f) const {
        sluice::testing::random_chooser chooser(*seed_);
        sluice::testing::simulation simulation(chooser);
        return collect_on(f, simulation.get_executor(), [&] { check_complete(simulation); });
    }
    /// Runs it; nothing may be left.
    static void check_complete(sluice::testing::simulation& simulation);

    sluice::thread_pool* pool_ = nullptr;
    std::optional<std::uint64_t> seed_;
};

/// What comes out of a flow on two threads.
template <class F>
auto ran(F const& f) {
    sluice::thread_pool pool(2);
    return flow::collect(f, pool);
}

/// Calls a function with one thread, with two, and with an io_context.
void everywhere(void (*call)(void const* test, collector const& collect), void const* test);

/// Runs `test(collect)` with one thread, with two, and on an io_context.
template <class Test>
void everywhere(Test const& test) {
    everywhere([](void const* t, collector const& collect) { (*static_cast<Test const*>(t))(collect); }, &test);
}

/// Calls a function with simulations, in each of which things happen in another order.
void in_many_orders(void (*call)(void const* test, collector const& collect), void const* test);

/// Runs `test(collect)` everywhere and on simulations.
template <class Test>
void everywhere_in_many_orders(Test const& test) {
    auto const call = [](void const* t, collector const& collect) { (*static_cast<Test const*>(t))(collect); };
    everywhere(call, &test);
    in_many_orders(call, &test);
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
