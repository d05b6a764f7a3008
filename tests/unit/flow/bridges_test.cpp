// Flows and stages of somebody else's: through, as_producer, into.
#include <algorithm>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <numeric>
#include <ranges>
#include <sluice/consumer.hpp>
#include <sluice/dispatcher/broadcast_dispatcher.hpp>
#include <sluice/producer_consumer.hpp>
#include <sluice/run.hpp>
#include <sluice/testing/testing.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_bridges)

using namespace flow_test;
using sluice::testing::explore;
using sluice::testing::invariant;
using sluice::testing::simulation;

namespace {

auto doubler(sluice::inlet<int>& in, sluice::outlet<int>& out, std::size_t* seen) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        *seen += events->size();
        for (int& event : *events) event *= 2;
        bool const taken = co_await out.emit(std::move(*events));
        if (!taken) co_return;
    }
}
auto breaks(sluice::inlet<int>& in, sluice::outlet<int>& out) -> asio::awaitable<void> {
    auto const events = co_await in.receive();
    co_await out.emit(events->front());
    throw std::runtime_error("the middle failed");
}
auto gather(sluice::inlet<int>& in, std::vector<int>* all) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) all->insert(all->end(), events->begin(), events->end());
}
auto first_of(sluice::inlet<int>& in, int* first) -> asio::awaitable<void> {
    auto const events = co_await in.receive();
    *first = events->front();
}

struct ending {
    std::string said = "not ended";
    auto note() {
        return [this](std::exception_ptr error) { said = sluice::end_reason(error).describe(); };
    }
};

template <class Scenario>
void in_many_orders(Scenario const& scenario) {
    auto const& name = boost::unit_test::framework::current_test_case().p_name.get();
    sluice::testing::simulation_options const patient{.step_budget = 100'000, .early_deadline_one_in = 0};
    auto const report = explore({.name = name.c_str(), .seeds = 60, .simulation = patient}, scenario);
    BOOST_TEST(report.passed());
}

template <class F>
auto collected(F& f, simulation& home, std::vector<typename F::event_type>& all) {
    return flow::async_collect(f, home.get_executor(), [&all](std::exception_ptr error, auto events) {
        invariant(!error, "the flow ends normally");
        all = std::move(events);
    });
}

auto up_to(int n) {
    std::vector<int> all(static_cast<std::size_t>(n));
    std::iota(all.begin(), all.end(), 0);
    return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_flow_goes_through_running_stages_and_on) {
    in_many_orders([](simulation& home) {
        std::size_t one_saw = 0, other_saw = 0;
        sluice::producer_consumer<int, int> one(home, {}, doubler, &one_saw);
        sluice::producer_consumer<int, int> other(home, {}, doubler, &other_saw);
        ending ended;
        bool const run_first = home.get_chooser().choose(2) == 0;
        if (run_first) sluice::async_run(one, other, ended.note());
        auto const f = flow::from(std::views::iota(0, 5000)) | flow::shuffle({.stages = 3}) |
                       flow::through(one, other) | flow::map([](int i) { return i / 2; });
        std::vector<int> all;
        collected(f, home, all);
        if (!run_first) sluice::async_run(one, other, ended.note());
        home.run();
        invariant(sorted(all) == up_to(5000), "every event, once");
        invariant(one_saw + other_saw == 5000, "each went through one of the stages");
        invariant(ended.said == "normal", "they end with the flow: " + ended.said);
    });
}

BOOST_AUTO_TEST_CASE(order_is_kept_through_one_stage) {
    in_many_orders([](simulation& home) {
        std::size_t seen = 0;
        sluice::producer_consumer<int, int> middle(home, {}, doubler, &seen);
        ending ended;
        auto const f = flow::from(std::views::iota(0, 3000)) | flow::through(middle);
        std::vector<int> all;
        collected(f, home, all);
        sluice::async_run(middle, ended.note());
        home.run();
        invariant(all.size() == 3000 && std::ranges::is_sorted(all) && all.back() == 5998, "in order");
    });
}

BOOST_AUTO_TEST_CASE(a_flow_through_stages_that_is_stopped_early_stops_its_source_and_ends_them) {
    in_many_orders([](simulation& home) {
        std::size_t seen = 0;
        sluice::producer_consumer<int, int> middle(home, {}, doubler, &seen);
        ending ended;
        auto const f = flow::from(std::views::iota(0)) | flow::through(middle) | flow::take(10);
        std::vector<int> all;
        collected(f, home, all);
        sluice::async_run(middle, ended.note());
        home.run();
        invariant(all == std::vector{0, 2, 4, 6, 8, 10, 12, 14, 16, 18}, "the first ten");
        invariant(ended.said == "normal", "the stage has nobody left: " + ended.said);
    });
}

BOOST_AUTO_TEST_CASE(a_stage_that_fails_fails_the_flow_that_goes_through_it) {
    in_many_orders([](simulation& home) {
        sluice::producer_consumer<int, int> middle(home, {}, breaks);
        ending ended, flow_ended;
        auto const f = flow::from(std::views::iota(0)) | flow::through(middle) | flow::map([](int i) { return i; });
        flow::async_run(f, home.get_executor(), flow_ended.note());
        sluice::async_run(middle, ended.note());
        home.run();
        invariant(flow_ended.said.find("the middle failed") != std::string::npos, flow_ended.said);
        invariant(ended.said.find("the middle failed") != std::string::npos, ended.said);
    });
}

BOOST_AUTO_TEST_CASE(a_flow_that_fails_ends_the_stages_it_goes_through) {
    in_many_orders([](simulation& home) {
        std::size_t seen = 0;
        sluice::producer_consumer<int, int> middle(home, {}, doubler, &seen);
        ending ended, flow_ended;
        auto const fail = [](int i) {
            if (i == 700) throw std::runtime_error("the step failed");
            return i;
        };
        auto const f = flow::from(std::views::iota(0)) | flow::map(fail) | flow::through(middle);
        flow::async_run(f, home.get_executor(), flow_ended.note());
        sluice::async_run(middle, ended.note());
        home.run();
        invariant(flow_ended.said.find("the step failed") != std::string::npos, flow_ended.said);
        // Either it hears of the failure first, or that nobody wants more of it.
        invariant(ended.said == "normal" || ended.said.find("the step failed") != std::string::npos, ended.said);
    });
}

BOOST_AUTO_TEST_CASE(stages_in_a_flow_are_named_in_its_picture) {
    asio::io_context context;
    std::size_t seen = 0;
    sluice::producer_consumer<int, int> one(context, {}, doubler, &seen);
    sluice::producer_consumer<int, int> other(context, {}, doubler, &seen);
    one.set_name("doubled");
    auto const f = flow::from(std::views::iota(0, 1)) | flow::through(one, other) | flow::map([](int i) { return i; });
    BOOST_TEST(flow::describe(f).text() ==
               "1. from(range)              1 stage\n"
               "2. through(doubled, stage)  2 stages, fed by 1\n"
               "3. map                      2 stages, fed by 2\n");
}

BOOST_AUTO_TEST_CASE(a_flow_is_a_producer_for_other_stages) {
    in_many_orders([](simulation& home) {
        auto const f = flow::from(std::views::iota(0, 5000)) | flow::map([](int i) { return i; });
        auto numbers = flow::as_producer(f, home.get_executor());
        static_assert(std::same_as<decltype(numbers), sluice::producer<int>>);
        std::vector<int> all;
        sluice::consumer<int> gathered(home, sluice::from(numbers, {.max_demand = 10}), gather, &all);
        ending ended;
        sluice::async_run(numbers, gathered, ended.note());
        home.run();
        invariant(all == up_to(5000), "all of it, in order");
        invariant(ended.said == "normal", ended.said);
    });
}

BOOST_AUTO_TEST_CASE(a_flow_may_be_a_producer_with_any_dispatcher) {
    in_many_orders([](simulation& home) {
        auto const f = flow::from(std::views::iota(0, 1000));
        auto numbers = flow::as_producer(f, home.get_executor(), sluice::broadcast_dispatcher<int>());
        std::vector<int> one, other;
        sluice::consumer<int> first(home, sluice::from(numbers), gather, &one);
        sluice::consumer<int> second(home, sluice::from(numbers), gather, &other);
        ending ended;
        sluice::async_run(numbers, first, second, ended.note());
        home.run();
        invariant(one == up_to(1000) && other == one, "both have all");
    });
}

BOOST_AUTO_TEST_CASE(a_producer_of_a_flow_that_nobody_wants_any_more_stops_it) {
    in_many_orders([](simulation& home) {
        auto const f = flow::merge(flow::interval(std::chrono::hours(1)) | flow::map([](std::uint64_t) { return -1; }),
                                   flow::from(std::views::single(7)));
        auto numbers = flow::as_producer(f, home.get_executor());
        int first = 0;
        sluice::consumer<int> one(home, sluice::from(numbers), first_of, &first);
        ending ended;
        sluice::async_run(numbers, one, ended.note());
        home.run();
        invariant(first == 7, "the first event");
        invariant(ended.said == "normal", ended.said);
        invariant(home.elapsed() < std::chrono::hours(1), "the next was not waited for");
    });
}

BOOST_AUTO_TEST_CASE(a_producer_of_a_flow_fails_with_the_flow_and_is_stopped_with_it) {
    in_many_orders([](simulation& home) {
        auto const fail = [](int i) {
            if (i == 700) throw std::runtime_error("the step failed");
            return i;
        };
        auto const f = flow::from(std::views::iota(0)) | flow::map(fail) | flow::shuffle({.stages = 2});
        auto numbers = flow::as_producer(f, home.get_executor());
        std::vector<int> all;
        sluice::consumer<int> gathered(home, sluice::from(numbers), gather, &all);
        ending ended;
        sluice::async_run(numbers, gathered, ended.note());
        home.run();
        invariant(ended.said.find("the step failed") != std::string::npos, ended.said);

        auto const endless = flow::from(std::views::iota(0));
        auto others = flow::as_producer(endless, home.get_executor());
        sluice::consumer<int> waiting(home, sluice::from(others, {.max_demand = 1}), gather, &all);
        ending stopped;
        sluice::async_run(others, waiting, stopped.note());
        for (int i = 0; i < 200; ++i) home.step();
        others.stop();
        home.run();
        invariant(stopped.said != "normal" && stopped.said != "not ended", stopped.said);
    });
}

BOOST_AUTO_TEST_SUITE_END()
