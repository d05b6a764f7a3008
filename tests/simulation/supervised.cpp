#include "supervised.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <sluice/sluice.hpp>
#include <sluice/testing/testing.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace supervised_scenarios {
namespace {

namespace asio = boost::asio;
using sluice::inlet;
using sluice::outlet;
using sluice::restart_strategy;
using sluice::supervised;
using sluice::testing::chooser;
using sluice::testing::invariant;
using sluice::testing::simulation;
using event = sluice::testing::counted<int>;

constexpr int events = 40;
constexpr std::size_t sink_number = 9;

/// Decides when the weak one fails. There is one: of two neighbours that fail together, the one does not know any more
/// what it has sent to the other.
struct fate {
    simulation* home;
    chooser* decider;
    std::size_t weak;
    int failures_left;
    int failures = 0;
    int next = 0;  // the source's place, which it finds again
    std::vector<int> got = {};

    void tempt(std::size_t who) {
        if (who != weak || failures_left == 0 || decider->choose(8) != 0) return;
        --failures_left;
        ++failures;
        throw std::runtime_error("fate");
    }
};

auto source(outlet<event>& out, fate& of) -> asio::awaitable<void> {
    while (auto wanted = co_await out.demand()) {
        of.tempt(0);
        auto made = out.make_batch();
        for (; made.size() < *wanted && of.next < events; ++of.next) made.push_back(event{of.home->events(), of.next});
        const bool taken = co_await out.emit(std::move(made));
        if (!taken || of.next == events) co_return;
    }
}
auto middle(inlet<event>& in, outlet<event>& out, fate& of, std::size_t who) -> asio::awaitable<void> {
    while (auto batch = co_await in.receive()) {
        of.tempt(who);
        const bool taken = co_await out.emit(std::move(*batch));
        if (!taken) co_return;
    }
}
auto sink(inlet<event>& in, fate& of) -> asio::awaitable<void> {
    while (auto batch = co_await in.receive()) {
        of.tempt(sink_number);
        for (event const& each : *batch) of.got.push_back(each.value());
    }
}

void run_to_its_end(simulation& home, sluice::supervisor& pipeline) {
    int ends = 0;
    std::exception_ptr error;
    sluice::async_run(pipeline, [&](std::exception_ptr e) {
        ++ends;
        error = e;
    });
    home.run();
    invariant(ends == 1, "the run has ended");
    invariant(!error, "normally, and not because it " + sluice::end_reason(error).describe());
}
auto terms(chooser& decider) -> sluice::subscribe_options {
    auto const most = 1 + decider.choose(7);
    return {.max_demand = most, .min_demand = decider.choose(most), .redeliver = true};
}

void add_middles(sluice::supervisor& pipeline, sluice::child_of<sluice::producer<event>> const& from, fate& of,
                 std::size_t middles) {
    using stage = sluice::producer_consumer<event, event>;
    auto& decider = *of.decider;
    auto last = pipeline.add("middle", [&of, from, on = terms(decider)](supervised& here) {
        return stage{here, here.from(from, on), middle, std::ref(of), std::size_t{1}};
    });
    for (std::size_t who = 2; who <= middles; ++who) {
        last = pipeline.add("middle", [&of, last, who, on = terms(decider)](supervised& here) {
            return stage{here, here.from(last, on), middle, std::ref(of), who};
        });
    }
    pipeline.add("sink", [&of, last, on = terms(decider)](supervised& here) {
        return sluice::consumer<event>{here, here.from(last, on), sink, std::ref(of)};
    });
}

void chain(simulation& home, chooser& decider) {
    auto const middles = 1 + decider.choose(3);
    auto const weak = decider.choose(middles + 2);
    fate of{&home, &decider, weak > middles ? sink_number : weak, static_cast<int>(decider.choose(6))};
    sluice::supervisor pipeline{home, {.max_restarts = 100}};
    auto const numbers = pipeline.add("source", [&of](supervised& here) {
        return sluice::producer<event>{here, source, std::ref(of)};
    });
    add_middles(pipeline, numbers, of, middles);
    run_to_its_end(home, pipeline);
    std::ranges::sort(of.got);
    invariant(std::ranges::adjacent_find(of.got) == of.got.end(), "no event has arrived twice");
    invariant(of.got.size() == events, "of " + std::to_string(events) + " events arrived " +
                                           std::to_string(of.got.size()) + ", after " + std::to_string(of.failures) +
                                           " failures");
}

// --- A fan -----------------------------------------------------------------------------------------------------------

enum class dispatching { demand, broadcast, partition, round_robin };

/// What became of each event of a fan, by its number.
struct fan_fate {
    simulation* home;
    chooser* decider;
    bool redeliver = false;
    bool source_may_fail = false;
    int failures_left = 0;
    int next = 0;  // the source's place, which it finds again
    dispatching how = dispatching::demand;
    std::size_t sinks = 1;
    std::vector<std::vector<int>> got = {};  // by sink
    std::vector<int> in_hand = {};           // of a body that failed
    std::vector<int> discarded = {};

    auto fails() -> bool {
        if (failures_left == 0 || decider->choose(8) != 0) return false;
        --failures_left;
        return true;
    }
    auto partition_of(int id) const -> std::size_t { return static_cast<std::size_t>(id) % sinks; }
};

auto fan_source(outlet<event>& out, fan_fate& of) -> asio::awaitable<void> {
    while (auto wanted = co_await out.demand()) {
        if (of.source_may_fail && of.fails()) throw std::runtime_error("fate");
        auto made = out.make_batch();
        for (; made.size() < *wanted && of.next < events; ++of.next) made.push_back(event{of.home->events(), of.next});
        const bool taken = co_await out.emit(std::move(made));
        if (!taken || of.next == events) co_return;
    }
}
auto fan_sink(inlet<event>& in, fan_fate& of, std::size_t number) -> asio::awaitable<void> {
    while (auto batch = co_await in.receive()) {
        bool const fails = of.fails();
        auto& into = fails ? of.in_hand : of.got[number];
        for (event const& each : *batch) into.push_back(each.value());
        if (fails) throw std::runtime_error("fate");
    }
}

template <class Stage>
auto watched(Stage made, fan_fate& of) -> Stage {
    made.on_discard([&of](sluice::batch<event> lost, sluice::discard_reason) {
        for (auto const& each : lost) of.discarded.push_back(each.value());
    });
    return made;
}
auto make_source(supervised& here, fan_fate& of) -> sluice::producer<event> {
    using stage = sluice::producer<event>;
    switch (of.how) {
        case dispatching::broadcast:
            return watched(stage{here, sluice::broadcast_dispatcher<event>(), fan_source, std::ref(of)}, of);
        case dispatching::round_robin:
            return watched(stage{here, sluice::round_robin_dispatcher<event>(), fan_source, std::ref(of)}, of);
        case dispatching::partition: {
            auto hash = [&of](event const& e) { return of.partition_of(e.value()); };
            return watched(stage{here, sluice::partition_dispatcher<event>(of.sinks, hash), fan_source, std::ref(of)},
                           of);
        }
        default: return watched(stage{here, fan_source, std::ref(of)}, of);
    }
}

void check(fan_fate const& of) {
    bool const sure = of.redeliver && !of.source_may_fail;
    for (int id = 0; id < of.next; ++id) {
        auto const in = [id](std::vector<int> const& all) { return std::ranges::count(all, id); };
        std::ptrdiff_t arrived = 0;
        for (std::size_t i = 0; i < of.got.size(); ++i) {
            auto const times = in(of.got[i]);
            bool const right = of.how != dispatching::partition || of.partition_of(id) == i;
            invariant(times == 0 || right, "an event came to the wrong partition");
            invariant(times <= 1, "an event has arrived twice");
            arrived += times;
        }
        auto const name = "event " + std::to_string(id);
        invariant(arrived <= 1 || of.how == dispatching::broadcast, name + " has arrived at two sinks");
        invariant(arrived + in(of.in_hand) + in(of.discarded) > 0, name + " was lost, and nobody was told");
        invariant(!sure || arrived == 1, name + " was not sent again");
    }
}

void fan(simulation& home, chooser& decider) {
    constexpr dispatching kinds[] = {dispatching::demand, dispatching::broadcast, dispatching::partition,
                                     dispatching::round_robin};
    constexpr restart_strategy strategies[] = {restart_strategy::one_for_one, restart_strategy::rest_for_one,
                                               restart_strategy::one_for_all};
    fan_fate of{&home, &decider};
    of.how = decider.pick(kinds);
    auto const strategy = decider.pick(strategies);
    of.sinks = 1 + decider.choose(3);
    of.got.resize(of.sinks);
    of.failures_left = static_cast<int>(decider.choose(6));
    of.redeliver = of.how != dispatching::broadcast && decider.coin();
    of.source_may_fail = decider.coin() || strategy == restart_strategy::one_for_all;

    sluice::supervisor pipeline{home, {.strategy = strategy, .max_restarts = 100}};
    auto const numbers = pipeline.add("source", [&of](supervised& here) { return make_source(here, of); });
    for (std::size_t i = 0; i < of.sinks; ++i) {
        auto on = terms(decider);
        on.redeliver = of.redeliver;
        if (of.how == dispatching::partition) on.partition = i;
        pipeline.add("sink", [&of, numbers, on, i](supervised& here) {
            return watched(sluice::consumer<event>{here, here.from(numbers, on), fan_sink, std::ref(of), i}, of);
        });
    }
    run_to_its_end(home, pipeline);
    invariant(of.next == events, "the source has come to its end");
    check(of);
}

}  // namespace

void run_chain(simulation& home) { chain(home, home.get_chooser()); }
void run_fan(simulation& home) { fan(home, home.get_chooser()); }

}  // namespace supervised_scenarios
