// Pipelines whose stages fail at random moments and are made anew: with redelivery each event arrives once.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <sluice/sluice.hpp>
#include <sluice/testing/testing.hpp>
#include <stdexcept>
#include <string>
#include <vector>

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

void supervised_pipeline(simulation& home, chooser& decider) {
    auto const middles = 1 + decider.choose(3);
    auto const weak = decider.choose(middles + 2);
    fate of{&home, &decider, weak > middles ? sink_number : weak, static_cast<int>(decider.choose(6))};
    sluice::supervisor pipeline{home, {.max_restarts = 100}};
    auto const numbers = pipeline.add("source", [&of](supervised& here) {
        return sluice::producer<event>{here, source, std::ref(of)};
    });
    add_middles(pipeline, numbers, of, middles);
    int ends = 0;
    std::exception_ptr error;
    sluice::async_run(pipeline, [&](std::exception_ptr e) {
        ++ends;
        error = e;
    });
    home.run();
    invariant(ends == 1, "the run has ended");
    invariant(!error, "normally, and not because it " + sluice::end_reason(error).describe());
    std::ranges::sort(of.got);
    invariant(std::ranges::adjacent_find(of.got) == of.got.end(), "no event has arrived twice");
    invariant(of.got.size() == events, "of " + std::to_string(events) + " events arrived " +
                                           std::to_string(of.got.size()) + ", after " + std::to_string(of.failures) +
                                           " failures");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(supervised_pipelines)

BOOST_AUTO_TEST_CASE(with_redelivery_each_event_arrives_once_whoever_fails_whenever) {
    auto const report = sluice::testing::explore({.name = "supervised", .seeds = 3'000}, supervised_pipeline);
    BOOST_TEST(report.passed());
}

BOOST_AUTO_TEST_SUITE_END()
