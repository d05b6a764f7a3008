#include <boost/test/unit_test.hpp>
#include <memory>
#include <ranges>
#include <sluice/consumer.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_failure)

using namespace flow_test;

// An exception at each place where user code runs ends the flow with that exception.

namespace {

auto upto(int n) { return flow::from(std::views::iota(0, n)); }

auto throw_at(int at) {
    return [at](int i) {
        if (i == at) throw std::runtime_error("thrown");
        return i;
    };
}

/// Throws when the event that carries 1000 is moved.
struct fragile {
    explicit fragile(int n) : number(n) {}
    fragile(fragile&& other) : number(other.number) {
        if (number == 1000) throw std::runtime_error("moved");
    }
    auto operator=(fragile&& other) -> fragile& {
        number = other.number;
        return *this;
    }
    int number;
};

auto failing_source(sluice::outlet<int>& out) -> asio::awaitable<void> {
    co_await out.emit(1);
    throw std::runtime_error("source body");
}
auto failing_stage(sluice::inlet<int>& in, sluice::outlet<int>&) -> asio::awaitable<void> {
    co_await in.receive();
    throw std::runtime_error("stage body");
}
auto failing_sink(sluice::inlet<int>& in) -> asio::awaitable<void> {
    co_await in.receive();
    throw std::runtime_error("sink body");
}

template <class Run>
void throws(Run const& run, std::string const& what) {
    BOOST_CHECK_EXCEPTION(run(), std::runtime_error, [&](auto const& e) { return e.what() == what; });
}

}  // namespace

BOOST_AUTO_TEST_CASE(of_a_range) {
    auto const f =
        flow::from(std::views::iota(0) | std::views::transform(throw_at(3000))) | flow::shuffle({.stages = 2});
    fails_with(f, "thrown");
}

BOOST_AUTO_TEST_CASE(of_a_generator) {
    auto const f = flow::from([i = 0]() mutable -> std::optional<int> {
        if (++i == 2000) throw std::runtime_error("generator");
        return i;
    });
    fails_with(f, "generator");
}

BOOST_AUTO_TEST_CASE(of_functions_in_each_kind_of_step) {
    auto const mapped = upto(10'000) | flow::map(throw_at(5000)) | flow::shuffle({.stages = 2});
    fails_with(mapped, "thrown");
    auto const predicate = [](int i) { return throw_at(5000)(i) >= 0; };
    auto const filtered = upto(10'000) | flow::shuffle({.stages = 2}) | flow::filter(predicate);
    fails_with(filtered, "thrown");
    auto const expanded = upto(10'000) | flow::flat_map([](int i) { return std::vector<int>(2, throw_at(5000)(i)); });
    fails_with(expanded, "thrown");
    auto const inside =
        upto(100) | flow::flat_map([](int) { return std::views::iota(0, 100) | std::views::transform(throw_at(99)); });
    fails_with(inside, "thrown");
}

BOOST_AUTO_TEST_CASE(of_a_key_function_and_of_a_hash) {
    auto const key = upto(10'000) | flow::partition({.stages = 2}, throw_at(7000));
    fails_with(key, "thrown");
    auto const hash = upto(10'000) | flow::partition({.stages = 2}, std::identity(),
                                                     [](int i) { return static_cast<std::size_t>(throw_at(7000)(i)); });
    fails_with(hash, "thrown");
}

BOOST_AUTO_TEST_CASE(of_a_reduction_its_function_and_its_first_accumulator) {
    auto const reducing = upto(10'000) | flow::partition({.stages = 3}) |
                          flow::reduce(0, [](int& sum, int i) { sum += throw_at(9000)(i); });
    fails_with(reducing, "thrown");
    auto const beginning =
        upto(10) | flow::reduce([]() -> int { throw std::runtime_error("first"); }, [](int&, int) {});
    fails_with(beginning, "first");
    auto const behind = upto(10) | flow::reduce(0, [](int& sum, int i) { sum += i; }) | flow::map(throw_at(45));
    fails_with(behind, "thrown");
}

BOOST_AUTO_TEST_CASE(of_an_event_that_is_moved) {
    auto const f = upto(2000) | flow::map([](int i) { return fragile(i); }) |
                   flow::filter([](fragile const&) { return true; }) | flow::shuffle({.stages = 2});
    everywhere([&](auto const& collect) { throws([&] { collect(f); }, "moved"); });
}

BOOST_AUTO_TEST_CASE(of_bodies) {
    sluice::thread_pool pool(2);
    auto const source = flow::source<int>(failing_source) | flow::partition({.stages = 2});
    throws([&] { flow::run(source, pool); }, "source body");
    auto const middle = upto(10'000) | flow::shuffle({.stages = 3}) | flow::stage<int>(failing_stage);
    throws([&] { flow::run(middle, pool); }, "stage body");
    auto const sink = upto(10'000) | flow::sink(failing_sink);
    throws([&] { flow::run(sink, pool); }, "sink body");
}

BOOST_AUTO_TEST_CASE(of_the_function_of_for_each_and_of_a_stage_given_to_into) {
    sluice::thread_pool pool(2);
    auto const f = flow::from(std::views::iota(0)) | flow::shuffle({.stages = 2});
    throws([&] { flow::for_each(f, pool, [](int i) { throw_at(5000)(i); }); }, "thrown");
    sluice::consumer<int> broken{pool, {}, failing_sink};
    throws([&] { flow::into(f, pool, broken); }, "sink body");
}

BOOST_AUTO_TEST_CASE(stops_an_endless_source_and_leaves_nothing_behind) {
    auto const alive = std::make_shared<int>(0);
    {
        auto const f = flow::from([alive, i = 0]() mutable { return std::optional(i++); }) |
                       flow::shuffle({.stages = 2}) | flow::map(throw_at(20'000)) | flow::partition({.stages = 2}) |
                       flow::reduce(0, [alive](int& n, int) { ++n; });
        fails_with(f, "thrown");
    }
    BOOST_TEST(alive.use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
