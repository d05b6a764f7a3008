// Flow's flow_test.exs: how flows are started, watched, fed into stages and drawn through them, and how they end. What
// a flow gives is in flow_steps_test.cpp. A coordinator is the handle that flow::launch gives, or the operation that
// runs the flow.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <numeric>
#include <optional>
#include <ranges>
#include <sluice/consumer.hpp>
#include <sluice/end_reason.hpp>
#include <sluice/flow/flow.hpp>
#include <sluice/producer_consumer.hpp>
#include <sluice/run.hpp>
#include <sluice/testing/testing.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "phash2.hpp"

BOOST_AUTO_TEST_SUITE(flow_running_conformance)

namespace asio = boost::asio;
namespace flow = sluice::flow;
using sluice::testing::invariant;
using sluice::testing::simulation;

namespace {

using numbers = std::vector<int>;
using batches = std::vector<numbers>;

auto lists() { return flow::merge(flow::from(numbers{1, 2, 3}), flow::from(numbers{4, 5, 6})); }
auto spread() { return lists() | flow::shuffle({.stages = 4}); }
auto partitioned() {
    return flow::merge(flow::from(numbers{1, 2, 3}), flow::from(numbers{4, 5, 6}), flow::from(numbers{7, 8, 9, 10})) |
           flow::partition({.stages = 4}, std::identity(), conformance::phash<4>());
}

bool is_even(int i) { return i % 2 == 0; }
auto twice(int i) { return i * 2; }
void add(int& sum, int i) { sum += i; }

/// What an operation ends with.
struct ending {
    std::string said = "not ended";
    auto note() {
        return [this](std::exception_ptr error) { said = sluice::end_reason(error).describe(); };
    }
    auto is_normal() const -> bool { return said == "normal"; }
    auto tells_of(char const* what) const -> bool { return said.find(what) != std::string::npos; }
};

template <class Scenario>
void in_many_orders(Scenario const& scenario) {
    auto const& name = boost::unit_test::framework::current_test_case().p_name.get();
    auto const report = sluice::testing::explore({.name = name.c_str(), .seeds = 60}, scenario);
    BOOST_TEST(report.passed());
}

auto sorted(numbers all) {
    std::ranges::sort(all);
    return all;
}

/// Forwarder.
auto forwarder(sluice::inlet<int>& in, batches& consumed) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) consumed.emplace_back(events->begin(), events->end());
}
/// Copier: reports, and passes on.
auto copier(sluice::inlet<int>& in, sluice::outlet<int>& out, batches& consumed) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        consumed.emplace_back(events->begin(), events->end());
        co_await out.emit(std::move(*events));
    }
}
/// All events, and none of them before one that came ahead of it in its list.
void has_all(batches const& consumed, numbers const& expected, std::vector<numbers> const& in_order) {
    numbers all;
    for (auto const& each : consumed) all.insert(all.end(), each.begin(), each.end());
    invariant(sorted(all) == sorted(expected), "all of them, once");
    for (auto const& list : in_order) {
        auto const left = [&](int event) { return std::ranges::find(all, event); };
        invariant(std::ranges::is_sorted(list, {}, left), "what one stage emits keeps its order");
    }
}

// "start_link", "into_stages", "through_stages", "into_specs" and so on, for a flow whose even events are expected.

template <class F>
void launched(F const& f, numbers const& expected) {
    in_many_orders([&](simulation& home) {
        numbers seen;
        auto const reporting =
            f | flow::filter(is_even) | flow::shuffle({.stages = 1}) | flow::tap([&seen](int i) { seen.push_back(i); });
        auto running = flow::launch(reporting, home);
        ending ended;
        running.async_join(ended.note());
        home.run();
        invariant(ended.is_normal(), "the flow ends: " + ended.said);
        invariant(sorted(seen) == expected, "it reports the even ones, and no other");
    });
}

template <class F>
void led_into_a_stage(F const& f, numbers const& expected, std::vector<numbers> const& in_order) {
    in_many_orders([&](simulation& home) {
        batches consumed;
        sluice::consumer<int> receiving{home, {}, forwarder, std::ref(consumed)};
        auto const even = f | flow::filter(is_even);
        ending ended;
        flow::async_into(even, home, receiving, ended.note());
        home.run();
        invariant(ended.is_normal(), "the flow ends: " + ended.said);
        has_all(consumed, expected, in_order);
    });
}

/// Through stages of one's own, which run beside the flow.
template <class F>
void drawn_through_stages(F const& f, numbers const& all, numbers const& expected,
                          std::vector<numbers> const& in_order) {
    in_many_orders([&](simulation& home) {
        batches first;
        batches second;
        batches consumed;
        sluice::producer_consumer<int, int> copying{home, {}, copier, std::ref(first)};
        sluice::producer_consumer<int, int> again{home, {}, copier, std::ref(second)};
        sluice::consumer<int> receiving{home, {}, forwarder, std::ref(consumed)};
        auto const through = f | flow::through(copying) | flow::filter(is_even) | flow::through(again);
        ending ended;
        ending theirs;
        sluice::async_run(copying, again, theirs.note());
        flow::async_into(through, home, receiving, ended.note());
        home.run();
        invariant(ended.is_normal() && theirs.is_normal(), "all end: " + ended.said + ", " + theirs.said);
        has_all(first, all, {});
        has_all(second, expected, in_order);
        has_all(consumed, expected, in_order);
    });
}

/// With stages that the flow makes itself.
template <class F>
void drawn_through_bodies(F const& f, numbers const& all, numbers const& expected,
                          std::vector<numbers> const& in_order) {
    in_many_orders([&](simulation& home) {
        batches first;
        batches second;
        batches consumed;
        auto const through = f | flow::stage<int>(copier, std::ref(first)) | flow::filter(is_even) |
                             flow::stage<int>(copier, std::ref(second)) | flow::sink(forwarder, std::ref(consumed));
        ending ended;
        flow::async_run(through, home, ended.note());
        home.run();
        invariant(ended.is_normal(), "the flow ends: " + ended.said);
        has_all(first, all, {});
        has_all(second, expected, in_order);
        has_all(consumed, expected, in_order);
    });
}

}  // namespace

BOOST_AUTO_TEST_CASE(d7_002_a_flow_runs_under_a_handle) { launched(lists(), {2, 4, 6}); }

namespace {

/// An enumerable that raises on its second element.
struct raising {
    auto operator()() -> std::optional<int> {
        if (++made == 2) throw std::runtime_error("oops");
        return made;
    }
    int made = 0;
};
auto raises() { return flow::from(raising()) | flow::shuffle({.stages = 1, .max_demand = 1}) | flow::map(twice); }

auto draw(sluice::stream<int> drawn, numbers& into, std::size_t most) -> asio::awaitable<void> {
    while (into.size() < most) {
        auto const events = co_await drawn.receive();
        if (!events) co_return;
        for (int const event : *events) {
            if (into.size() < most) into.push_back(event);
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(d7_008_an_error_in_a_source_ends_the_run) {
    in_many_orders([](simulation& home) {
        auto const f = raises();
        ending ended;
        flow::async_run(f, home, ended.note());
        home.run();
        invariant(ended.tells_of("oops"), "with what the source has thrown: " + ended.said);
    });
}
BOOST_AUTO_TEST_CASE(d7_009_an_error_in_a_source_ends_the_stream) {
    in_many_orders([](simulation& home) {
        auto const f = raises();
        numbers drawn;
        ending ended;
        asio::co_spawn(home, draw(flow::stream(f, home), drawn, 10), ended.note());
        home.run();
        invariant(ended.tells_of("oops"), "with what the source has thrown: " + ended.said);
    });
}
BOOST_AUTO_TEST_CASE(d7_010_a_handle_tells_how_its_flow_has_ended) {
    in_many_orders([](simulation& home) {
        auto const empty = flow::from(numbers());
        auto const failing = raises();
        ending of_empty;
        ending of_failing;
        auto first = flow::launch(empty, home);
        auto second = flow::launch(failing, home);
        first.async_join(of_empty.note());
        second.async_join(of_failing.note());
        home.run();
        invariant(of_empty.is_normal(), "the empty one ends: " + of_empty.said);
        invariant(of_failing.tells_of("oops"), "the other fails: " + of_failing.said);
    });
}

BOOST_AUTO_TEST_CASE(d7_011_nothing_of_a_run_is_left_behind) {
    in_many_orders([](simulation& home) {
        auto const f = flow::from(std::views::iota(1, 101)) | flow::shuffle({.stages = 4, .max_demand = 10}) |
                       flow::reduce(0, add);
        numbers sums;
        flow::async_collect(f, home, [&](std::exception_ptr, numbers all) { sums = std::move(all); });
        invariant(home.run().complete(), "no handler, timer or work is left");
        invariant(std::accumulate(sums.begin(), sums.end(), 0) == 5050 && sums.size() == 4, "a sum of each stage");
    });
}
BOOST_AUTO_TEST_CASE(d7_012_a_flow_ends_with_its_handle) {
    in_many_orders([](simulation& home) {
        std::size_t made = 0;
        auto const alive = std::make_shared<int>();
        auto const endless = flow::from([&made, alive, i = 0]() mutable {
                                 ++made;
                                 return std::optional(i = i % 100 + 1);
                             }) |
                             flow::shuffle({.stages = 4}) | flow::map(twice);
        auto const copies = alive.use_count();
        {
            auto const running = flow::launch(endless, home);
            while (made < 2000) home.step();
        }
        invariant(home.run().complete(), "its stages end");
        invariant(alive.use_count() == copies, "and are gone");
    });
}

BOOST_AUTO_TEST_CASE(d7_025_start_link) { launched(lists(), {2, 4, 6}); }
BOOST_AUTO_TEST_CASE(d7_028_into_stages) { led_into_a_stage(lists(), {2, 4, 6}, {{4, 6}}); }
BOOST_AUTO_TEST_CASE(d7_030_through_stages) {
    in_many_orders([](simulation& home) {
        batches first;
        batches second;
        sluice::producer_consumer<int, int> copying{home, {}, copier, std::ref(first)};
        sluice::producer_consumer<int, int> again{home, {}, copier, std::ref(second)};
        auto const f = lists() | flow::through(copying) | flow::filter(is_even) | flow::through(again);
        ending ended;
        ending theirs;
        flow::async_run(f, home, ended.note());
        sluice::async_run(copying, again, theirs.note());
        home.run();
        invariant(ended.is_normal() && theirs.is_normal(), "all end: " + ended.said + ", " + theirs.said);
        has_all(first, {1, 2, 3, 4, 5, 6}, {{1, 2, 3}, {4, 5, 6}});
        has_all(second, {2, 4, 6}, {{4, 6}});
    });
}
BOOST_AUTO_TEST_CASE(d7_031_through_stages_and_into_stages) {
    drawn_through_stages(lists(), {1, 2, 3, 4, 5, 6}, {2, 4, 6}, {{4, 6}});
}
BOOST_AUTO_TEST_CASE(d7_032_into_specs) {
    in_many_orders([](simulation& home) {
        batches consumed;
        auto const f = lists() | flow::filter(is_even) | flow::sink(forwarder, std::ref(consumed));
        ending ended;
        flow::async_run(f, home, ended.note());
        home.run();
        invariant(ended.is_normal(), "the flow ends: " + ended.said);
        has_all(consumed, {2, 4, 6}, {{4, 6}});
    });
}
BOOST_AUTO_TEST_CASE(d7_034_through_specs) { drawn_through_bodies(lists(), {1, 2, 3, 4, 5, 6}, {2, 4, 6}, {{4, 6}}); }
BOOST_AUTO_TEST_CASE(d7_035_through_specs_and_into_specs) {
    drawn_through_bodies(lists(), {1, 2, 3, 4, 5, 6}, {2, 4, 6}, {{2}, {4, 6}});
}

BOOST_AUTO_TEST_CASE(d7_050_start_link) { launched(spread(), {2, 4, 6}); }
BOOST_AUTO_TEST_CASE(d7_052_into_stages) { led_into_a_stage(spread(), {2, 4, 6}, {}); }
BOOST_AUTO_TEST_CASE(d7_055_through_stages_and_into_stages) {
    drawn_through_stages(spread(), {1, 2, 3, 4, 5, 6}, {2, 4, 6}, {});
}
BOOST_AUTO_TEST_CASE(d7_059_through_specs_and_into_specs) {
    drawn_through_bodies(spread(), {1, 2, 3, 4, 5, 6}, {2, 4, 6}, {});
}

BOOST_AUTO_TEST_CASE(d7_071_start_link) { launched(partitioned(), {2, 4, 6, 8, 10}); }
BOOST_AUTO_TEST_CASE(d7_073_into_stages) { led_into_a_stage(partitioned(), {2, 4, 6, 8, 10}, {}); }
BOOST_AUTO_TEST_CASE(d7_076_through_stages_and_into_stages) {
    drawn_through_stages(partitioned(), {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, {2, 4, 6, 8, 10}, {});
}
BOOST_AUTO_TEST_CASE(d7_080_through_specs_and_into_specs) {
    drawn_through_bodies(partitioned(), {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, {2, 4, 6, 8, 10}, {});
}

BOOST_AUTO_TEST_CASE(d7_109_departition_with_start_link) {
    in_many_orders([](simulation& home) {
        numbers reported;
        auto const f = flow::from(std::views::iota(1, 11)) |
                       flow::partition({.stages = 4}, std::identity(), conformance::phash<4>()) | flow::reduce(0, add) |
                       flow::departition(
                           numbers(), [](numbers& all, int sum) { all.push_back(sum); },
                           [&](numbers const& all) { return reported = sorted(all); });
        auto running = flow::launch(f, home);
        ending ended;
        running.async_join(ended.note());
        home.run();
        invariant(ended.is_normal(), "the flow ends: " + ended.said);
        invariant(reported == numbers{7, 10, 16, 22}, "the last function has had the four sums");
    });
}
BOOST_AUTO_TEST_CASE(d7_134_an_accumulator_begins_once_for_each_stage) {
    in_many_orders([](simulation& home) {
        int begun = 0;
        auto const f = lists() | flow::shuffle({.stages = 2}) | flow::reduce([&begun] { return ++begun; }, add);
        numbers sums;
        flow::async_collect(f, home, [&](std::exception_ptr, numbers all) { sums = std::move(all); });
        home.run();
        invariant(begun == 2 && std::accumulate(sums.begin(), sums.end(), 0) == 21 + 1 + 2, "one for each of two");
    });
}

BOOST_AUTO_TEST_SUITE_END()
