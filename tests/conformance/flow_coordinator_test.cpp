// Flow's flow_test.exs, "coordinator": running flows that others subscribe to. A flow that others draw from at run time
// ends in a producer_consumer here: it is led into that, and they subscribe to it.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <sluice/consumer.hpp>
#include <sluice/end_reason.hpp>
#include <sluice/flow/flow.hpp>
#include <sluice/producer.hpp>
#include <sluice/producer_consumer.hpp>
#include <sluice/run.hpp>
#include <sluice/testing/testing.hpp>
#include <stdexcept>
#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(flow_coordinator_conformance)

namespace asio = boost::asio;
namespace flow = sluice::flow;
using sluice::testing::invariant;
using sluice::testing::simulation;

namespace {

using batches = std::vector<std::vector<int>>;

auto twice(int i) { return i * 2; }
bool is_odd(int i) { return i % 2 != 0; }

struct ending {
    std::string said = "not ended";
    auto note() {
        return [this](std::exception_ptr error) { said = sluice::end_reason(error).describe(); };
    }
    auto tells_of(char const* what) const -> bool { return said.find(what) != std::string::npos; }
};

template <class Scenario>
void in_many_orders(Scenario const& scenario) {
    auto const& name = boost::unit_test::framework::current_test_case().p_name.get();
    auto const report = sluice::testing::explore({.name = name.c_str(), .seeds = 60}, scenario);
    BOOST_TEST(report.passed());
}

/// Counter(0), up to a number.
auto counter(sluice::outlet<int>& out, int last) -> asio::awaitable<void> {
    int next = 0;
    while (next < last) {
        auto const wanted = co_await out.demand();
        if (!wanted) co_return;
        auto events = out.make_batch();
        while (events.size() < *wanted && next < last) events.push_back(next++);
        bool const taken = co_await out.emit(std::move(events));
        if (!taken) co_return;
    }
}
auto relay(sluice::inlet<int>& in, sluice::outlet<int>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) co_await out.emit(std::move(*events));
}
auto forwarder(sluice::inlet<int>& in, batches& consumed) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) consumed.emplace_back(events->begin(), events->end());
}
/// Sleeper: reports, and waits for what never comes; or throws when it is told to.
auto sleeper(sluice::inlet<int>& in, batches& consumed, simulation& home, bool const& wakes) -> asio::awaitable<void> {
    auto const events = co_await in.receive();
    consumed.emplace_back(events->begin(), events->end());
    while (!wakes) co_await home.async_wait(std::chrono::milliseconds(1));
    throw std::runtime_error("oops");
}
template <class Stage>
auto one_by_one(Stage const& stage) {
    return sluice::from(stage, {.max_demand = 1, .min_demand = 0});
}
/// A producer that is killed, once it has emitted.
auto killed(sluice::outlet<int>& out) -> asio::awaitable<void> {
    co_await out.emit(0);
    throw std::runtime_error("oops");
}

}  // namespace

BOOST_AUTO_TEST_CASE(d7_127_subscribes_to_a_flow_that_runs) {
    in_many_orders([](simulation& home) {
        batches consumed;
        auto const f = flow::source<int>(counter, 4) | flow::map(twice);
        sluice::producer_consumer<int, int> coordinator{home, {}, relay};
        ending ended;
        flow::async_into(f, home, coordinator, ended.note());
        home.run();
        invariant(ended.said == "not ended", "it waits for whoever subscribes");
        sluice::consumer<int> forwarding{home, one_by_one(coordinator), forwarder, std::ref(consumed)};
        sluice::async_run(forwarding, asio::detached);
        home.run();
        invariant(ended.said == "normal", "the flow ends: " + ended.said);
        invariant(consumed == batches{{0}, {2}, {4}, {6}}, "each by itself");
    });
}

BOOST_AUTO_TEST_CASE(d7_128_subscribes_beside_a_consumer_that_sleeps) {
    in_many_orders([](simulation& home) {
        batches slept;
        batches consumed;
        bool wakes = false;
        auto const f = flow::source<int>(counter, 4) | flow::map(twice);
        sluice::producer_consumer<int, int> coordinator{home, {}, relay};
        sluice::consumer<int> sleeping{home,           one_by_one(coordinator), sleeper, std::ref(slept),
                                       std::ref(home), std::ref(wakes)};
        ending ended;
        ending of_sleeper;
        flow::async_into(f, home, coordinator, ended.note());
        sluice::async_run(sleeping, of_sleeper.note());
        while (slept.empty()) home.step();
        sluice::consumer<int> forwarding{home, one_by_one(coordinator), forwarder, std::ref(consumed)};
        sluice::async_run(forwarding, asio::detached);
        for (int i = 0; i < 10'000 && (ended.said == "not ended" || consumed.size() < 3); ++i) home.step();
        invariant(slept == batches{{0}} && consumed == batches{{2}, {4}, {6}}, "one by one, past the one who sleeps");
        invariant(ended.said == "normal", "the flow ends: " + ended.said);
        wakes = true;
        home.run();
        invariant(of_sleeper.tells_of("oops"), "who sleeps is not part of the flow: " + of_sleeper.said);
    });
}

BOOST_AUTO_TEST_CASE(d7_129_a_producer_that_fails_ends_the_flow) {
    in_many_orders([](simulation& home) {
        batches consumed;
        sluice::producer<int> failing{home, killed};
        auto const f = flow::from(failing) | flow::map(twice);
        sluice::consumer<int> forwarding{home, {}, forwarder, std::ref(consumed)};
        ending ended;
        flow::async_into(f, home, forwarding, ended.note());
        sluice::async_run(failing, asio::detached);
        home.run();
        invariant(ended.tells_of("oops"), "with what the producer has failed with: " + ended.said);
    });
}

BOOST_AUTO_TEST_CASE(d7_130_a_consumer_that_fails_or_is_stopped_ends_the_flow) {
    in_many_orders([](simulation& home) {
        batches slept;
        bool const wakes = true;
        auto const f = flow::source<int>(counter, 1'000'000) | flow::map(twice);
        sluice::consumer<int> failing{home, {}, sleeper, std::ref(slept), std::ref(home), std::ref(wakes)};
        ending of_failing;
        flow::async_into(f, home, failing, of_failing.note());
        home.run();
        invariant(of_failing.tells_of("oops"), "with what the consumer has failed with: " + of_failing.said);

        bool const sleeps_on = false;
        sluice::consumer<int> stopped{home, {}, sleeper, std::ref(slept), std::ref(home), std::ref(sleeps_on)};
        ending of_stopped;
        flow::async_into(f, home, stopped, of_stopped.note());
        while (slept.size() < 2) home.step();
        stopped.stop();
        home.run();
        invariant(of_stopped.tells_of("Operation canceled"), "or as stopped: " + of_stopped.said);
    });
}

namespace {

auto take_five(sluice::stream<int> drawn, std::vector<int>& into) -> asio::awaitable<void> {
    while (into.size() < 5) {
        auto const events = co_await drawn.receive();
        for (int const event : *events) into.push_back(event);
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(d7_132_can_be_consumed_as_a_stream) {
    in_many_orders([](simulation& home) {
        std::vector<int> taken;
        auto const f = flow::source<int>(counter, 1'000'000) | flow::shuffle({.stages = 1, .max_demand = 1}) |
                       flow::filter(is_odd);
        ending ended;
        asio::co_spawn(home, take_five(flow::stream(f, home), taken), ended.note());
        invariant(home.run().complete(), "the flow ends with its stream");
        taken.resize(5);
        invariant(taken == std::vector<int>{1, 3, 5, 7, 9}, "the first five");
    });
}

BOOST_AUTO_TEST_CASE(d7_133_demand_waits_until_it_is_forwarded) {
    in_many_orders([](simulation& home) {
        batches consumed;
        sluice::producer<int> waiting{home, {.demand = sluice::demand_flow::accumulate}, counter, 2};
        auto const f = flow::from(waiting) | flow::map(twice);
        sluice::consumer<int> forwarding{home, {}, forwarder, std::ref(consumed)};
        ending ended;
        flow::async_into(f, home, forwarding, ended.note());
        sluice::async_run(waiting, asio::detached);
        home.run();
        invariant(consumed.empty() && ended.said == "not ended", "nothing moves");
        waiting.set_demand(sluice::demand_flow::forward);
        home.run();
        invariant(!consumed.empty() && ended.said == "normal", "it goes on: " + ended.said);
    });
}

BOOST_AUTO_TEST_SUITE_END()
