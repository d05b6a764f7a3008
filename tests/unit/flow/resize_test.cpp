#include <algorithm>
#include <atomic>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <ranges>
#include <sluice/errc.hpp>
#include <sluice/flow/launch.hpp>
#include <sluice/flow/map_async.hpp>
#include <sluice/flow/reduce.hpp>
#include <sluice/flow/stateful_steps.hpp>
#include <sluice/flow/through.hpp>
#include <sluice/testing/testing.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_resize)

using namespace flow_test;
using namespace std::chrono_literals;
using flow::stopping;
using sluice::testing::explore;
using sluice::testing::invariant;
using sluice::testing::simulation;

namespace {

/// What has become of each of so many events.
struct ledger {
    explicit ledger(int n) : times(static_cast<std::size_t>(n)) {}

    void note(int event) { ++times.at(static_cast<std::size_t>(event)); }
    /// The first so many have come once, and no others.
    void check(std::size_t made) const {
        for (std::size_t i = 0; i < times.size(); ++i) {
            if (times[i] == (i < made ? 1 : 0)) continue;
            invariant(false, std::to_string(i) + " came " + std::to_string(times[i]) + " times");
        }
    }

    std::vector<int> times;
};

/// What an operation ends with.
struct ending {
    std::string said = "not ended";
    auto note() {
        return [this](std::exception_ptr error) { said = sluice::end_reason(error).describe(); };
    }
    auto is_good() const -> bool { return said == "normal"; }
    auto is_late() const -> bool { return said.find("the flow has ended, or is being stopped") != std::string::npos; }
};

struct numbers {
    std::shared_ptr<int> made;
    int end;
    auto operator()() const -> std::optional<int> {
        if (*made == end) return std::nullopt;
        return (*made)++;
    }
};
/// A sink that takes its time.
auto note_slowly(sluice::inlet<int>& in, simulation& home, ledger& into) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (int const event : *events) into.note(event);
        co_await home.async_wait(1ms);
    }
}
struct later {
    simulation* home;
    auto operator()(int i) const -> asio::awaitable<int> {
        co_await home->async_wait(std::chrono::milliseconds(home->get_chooser().choose(3)));
        co_return i;
    }
};

constexpr flow::exchange_options two{.stages = 2, .max_demand = 16};
auto same(int i) -> int { return i; }
auto workers() { return flow::shuffle(two).named("workers") | flow::map(same); }

void in_many_orders(std::size_t seeds, void (*scenario)(simulation&)) {
    auto const& name = boost::unit_test::framework::current_test_case().p_name.get();
    sluice::testing::simulation_options const patient{.step_budget = 200'000, .early_deadline_one_in = 0};
    auto const report = explore({.name = name.c_str(), .seeds = seeds, .simulation = patient}, scenario);
    BOOST_TEST(report.passed());
}

/// Runs it to its end, and meanwhile resizes the layer to and fro.
template <class F>
void resize_while_it_runs(simulation& home, F const& f, ledger const& seen) {
    auto running = flow::launch(f, home);
    ending joined;
    running.async_join(joined.note());
    std::vector<std::unique_ptr<ending>> resized;
    for (int i = 0; i < 6; ++i) {
        home.run_ready(home.get_chooser().choose(150));
        resized.push_back(std::make_unique<ending>());
        running.async_resize("workers", 1 + home.get_chooser().choose(5), resized.back()->note());
    }
    home.run();
    invariant(joined.is_good(), "it ends: " + joined.said);
    seen.check(seen.times.size());
    for (auto const& each : resized) invariant(each->is_good() || each->is_late(), each->said);
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_event_comes_once_while_a_layer_grows_and_shrinks) {
    in_many_orders(150, [](simulation& home) {
        ledger seen(600);
        auto const f = flow::from(numbers{std::make_shared<int>(), 600}) | workers() |
                       flow::sink(note_slowly, std::ref(home), std::ref(seen));
        resize_while_it_runs(home, f, seen);
    });
}

BOOST_AUTO_TEST_CASE(so_it_is_between_several_sources_and_a_partition) {
    in_many_orders(100, [](simulation& home) {
        ledger seen(500);
        auto const note = [&seen](int i) { seen.note(i); };
        auto const f = flow::from(std::views::iota(0, 500)) | flow::shuffle({.stages = 3, .max_demand = 10}) |
                       flow::map(same) | workers() | flow::partition({.stages = 3, .max_demand = 12}) | flow::tap(note);
        resize_while_it_runs(home, f, seen);
    });
}

BOOST_AUTO_TEST_CASE(bodies_behind_a_layer_come_and_go_with_it) {
    in_many_orders(60, [](simulation& home) {
        ledger seen(120);
        auto const note = [&seen](int i) { seen.note(i); };
        auto const f = flow::from(std::views::iota(0, 120)) | workers() |
                       flow::map_async({.concurrency = 3, .ordered = false}, later{&home}) | flow::map(same) |
                       flow::partition({.stages = 2}) | flow::tap(note);
        resize_while_it_runs(home, f, seen);
    });
}

BOOST_AUTO_TEST_CASE(statistics_and_pictures_show_the_stages_that_there_are) {
    in_many_orders(40, [](simulation& home) {
        ledger seen(1'000'000);
        auto const made = std::make_shared<int>();
        auto const f =
            flow::from(numbers{made, 1'000'000}) | workers() | flow::sink(note_slowly, std::ref(home), std::ref(seen));
        auto running = flow::launch(f, home);
        auto const pass = [&home] {
            home.async_wait(20ms, [&home](auto&&...) { home.stop(); });
            home.run();
        };
        for (std::size_t const stages : {4, 1, 3}) {
            ending resized;
            running.async_resize("workers", stages, resized.note());
            for (int i = 0; i < 100 && resized.said == "not ended"; ++i) pass();
            invariant(resized.is_good(), resized.said);
            // The sink still sees the ends of those that have gone, in order.
            auto const edges = [&] { return running.snapshot().edges().size(); };
            for (int i = 0; i < 100 && edges() != 2 * stages; ++i) pass();
            invariant(edges() == 2 * stages, "each between those two");
            auto const stats = running.stats();
            invariant(stats.size() == stages + 2, "the source, so many workers, the sink");
            auto const worker = std::ranges::subrange(stats.begin() + 1, stats.end() - 1);
            invariant(std::ranges::all_of(worker, [](auto const& each) { return each.events_in > 0; }), "all work");
        }
        ending stopped;
        running.async_stop(stopping::drain, stopped.note());
        home.run();
        invariant(stopped.is_good(), stopped.said);
        seen.check(static_cast<std::size_t>(*made));
    });
}

BOOST_AUTO_TEST_CASE(a_flow_is_drained_in_the_middle_of_a_resize) {
    in_many_orders(150, [](simulation& home) {
        ledger seen(100'000);
        auto const made = std::make_shared<int>();
        auto const f =
            flow::from(numbers{made, 100'000}) | workers() | flow::sink(note_slowly, std::ref(home), std::ref(seen));
        auto running = flow::launch(f, home);
        home.run_ready(home.get_chooser().choose(100));
        ending larger, smaller, stopped;
        running.async_resize("workers", 4, larger.note());
        running.async_resize("workers", 1, smaller.note());
        home.run_ready(home.get_chooser().choose(60));
        running.async_stop(stopping::drain, stopped.note());
        home.run();
        invariant(stopped.is_good(), stopped.said);
        seen.check(static_cast<std::size_t>(*made));
        invariant(larger.is_good() || larger.is_late(), larger.said);
        invariant(smaller.is_good() || smaller.is_late(), smaller.said);
    });
}

BOOST_AUTO_TEST_CASE(a_stop_and_a_failure_end_a_resize_too) {
    in_many_orders(100, [](simulation& home) {
        auto const fails = [](int i) { return i < 3000 ? i : throw std::runtime_error("bad event"); };
        auto const f = flow::from(std::views::iota(0)) | flow::shuffle(two).named("workers") | flow::map(fails) |
                       flow::shuffle({.stages = 2}) | flow::tap([](int) {});
        std::optional<flow::running_flow> running(flow::launch(f, home));
        home.run_ready(home.get_chooser().choose(200));
        ending larger, smaller, joined;
        running->async_resize("workers", 5, larger.note());
        running->async_resize("workers", 1, smaller.note());
        running->async_join(joined.note());
        if (home.get_chooser().choose(2) == 0) running->async_stop(stopping::now, [](auto&&...) {});
        if (home.get_chooser().choose(2) == 0) running.reset();
        home.run();
        invariant(joined.said == "failed: bad event" || joined.said.find("canceled") != std::string::npos, joined.said);
        invariant(larger.is_good() || larger.is_late(), larger.said);
        invariant(smaller.is_good() || smaller.is_late(), smaller.said);
    });
}

BOOST_AUTO_TEST_CASE(a_layer_that_has_ended_is_not_resized) {
    in_many_orders(20, [](simulation& home) {
        auto const f = flow::from(std::views::iota(0, 10)) | workers();
        auto running = flow::launch(f, home);
        home.run();
        ending resized;
        running.async_resize("workers", 3, resized.note());
        home.run();
        invariant(resized.is_late(), resized.said);
    });
}

BOOST_AUTO_TEST_CASE(a_layer_that_cannot_be_resized_says_why) {
    asio::io_context context;
    auto const refusal = [&](auto const& f, std::string const& layer, std::size_t stages) {
        auto running = flow::launch(f, context);
        try {
            running.async_resize(layer, stages, [](std::exception_ptr) {});
        } catch (boost::system::system_error const& error) {
            std::string const said = error.what();
            auto const end = said.find(" [");
            return end == std::string::npos ? said : said.substr(0, end);
        }
        return std::string("nothing");
    };
    auto const begin = flow::from(std::views::iota(0, 10));
    auto const sum = flow::reduce(0, [](int& all, int i) { all += i; });
    auto const even = flow::shuffle({.stages = 2}).named("even");
    auto const by_key = begin | flow::partition({.stages = 2}).named("by key") | flow::map(same);
    std::string const fixed = "the number of stages of this layer cannot change while it runs";
    auto const is_fixed = [&fixed](std::string const& name, std::string const& why) {
        return "flow::async_resize: '" + name + "': " + why + ": " + fixed;
    };
    BOOST_TEST(refusal(by_key, "by key", 3) == is_fixed("by key", "its events are dealt out by key"));
    auto const reduced = begin | even | flow::map(same) | sum;
    auto const remembers = "its steps remember something from one event to the next";
    BOOST_TEST(refusal(reduced, "even", 3) == is_fixed("even", remembers));
    auto const taken = begin | even | flow::take(3);
    BOOST_TEST(refusal(taken, "even", 3) == is_fixed("even", remembers));
    auto const slow = flow::map_async([](int i) -> asio::awaitable<int> { co_return i; });
    auto const behind = begin | even | slow | sum;
    BOOST_TEST(refusal(behind, "even", 3) == is_fixed("even", "behind it, " + std::string(remembers)));
    sluice::producer_consumer<int, int> outside(
        context, {}, [](sluice::inlet<int>&, sluice::outlet<int>&) -> asio::awaitable<void> { co_return; });
    auto const led = begin | even | slow | flow::through(outside);
    BOOST_TEST(refusal(led, "even", 3) == is_fixed("even", "behind it, stages that somebody else runs get its events"));
    auto const good = begin | even | slow | flow::map(same) | flow::partition({.stages = 2}) | sum;
    BOOST_TEST(refusal(good, "even", 3) == "nothing");
    BOOST_TEST(refusal(good, "odd", 3)
                   .starts_with("flow::async_resize: no layer of this flow is named 'odd'; a name is given by "
                                "flow::shuffle(...).named(...)"));
    BOOST_TEST(refusal(good, "", 3).starts_with("flow::async_resize: no layer of this flow is named ''"));
    BOOST_TEST(
        refusal(good, "even", 0).starts_with("flow::async_resize: the number of stages must be 1 to 4096 (got 0)"));
    BOOST_TEST(refusal(good, "even", 5000)
                   .starts_with("flow::async_resize: the number of stages must be 1 to 4096 (got 5000)"));
    auto const twice = begin | even | flow::map(same) | even;
    BOOST_TEST(refusal(twice, "even", 2).starts_with("flow::async_resize: several layers of this flow are named"));
    context.run();
}

BOOST_AUTO_TEST_CASE(a_context_may_go_in_the_middle_of_a_resize) {
    for (int steps = 0; steps < 300; steps += 7) {
        auto context = std::make_unique<asio::io_context>();
        auto const f = flow::from(std::views::iota(0)) | workers() | flow::shuffle({.stages = 2}) | flow::map(same);
        auto running = flow::launch(f, *context);
        for (int i = 0; i < 5; ++i) context->poll_one();
        running.async_resize("workers", 4, [](std::exception_ptr) {});
        running.async_resize("workers", 1, [](std::exception_ptr) {});
        for (int i = 0; i < steps; ++i) context->poll_one();
        context = nullptr;
    }
}

BOOST_AUTO_TEST_CASE(threads_lose_nothing_while_a_layer_is_resized) {
    sluice::thread_pool pool(2);
    std::atomic<int> resized = 0;
    std::atomic<std::uint64_t> events = 0;
    std::atomic<std::uint64_t> sum = 0;
    auto const note = [&](int i) {
        ++events;
        sum += static_cast<std::uint64_t>(i);
    };
    auto const f = flow::from(std::views::iota(0)) | flow::take_while([&](int) { return resized < 20; }) |
                   flow::shuffle({.stages = 2, .max_demand = 64}).named("workers") | flow::map(same) |
                   flow::shuffle({.stages = 2}) | flow::tap(note);
    auto running = flow::launch(f, pool);
    for (std::size_t stages = 1; resized < 20; stages = stages % 5 + 1, ++resized)
        running.async_resize("workers", stages, asio::use_future).get();
    running.async_join(asio::use_future).get();
    BOOST_TEST(events > 0u);
    BOOST_TEST(sum == events * (events - 1) / 2);  // each of those that left the source, once
}

BOOST_AUTO_TEST_SUITE_END()
