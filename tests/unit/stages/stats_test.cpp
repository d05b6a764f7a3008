// stats(), buffered_count() and snapshot().
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <sluice/snapshot.hpp>
#include <string>
#include <thread>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(statistics)

using namespace stages;
using namespace std::chrono_literals;
using sluice::activity;
using sluice::from;
using sluice::on_last_cancel;

namespace {

/// Emits nothing by itself.
struct silent {
    auto handle_demand(std::size_t) -> sluice::emission<int> { return {}; }
};
auto emit_every(outlet<int>& out, simulation& home, int last, std::chrono::milliseconds pause)
    -> asio::awaitable<void> {
    for (int i = 0; i < last; ++i) {
        co_await home.async_wait(pause);
        const bool taken = co_await out.emit(i);
        if (!taken) co_return;
    }
}
/// Receives a batch, works on it for that long, and so on.
auto works(inlet<int>& in, simulation& home, std::chrono::milliseconds time) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) co_await home.async_wait(time);
}
void push(sluice::producer<int>& to, int events) {
    to.async_visit([events](outlet<int>& out) { out.push(batch_of(iota(0, events))); }, asio::detached);
}
/// Lets so much time pass, and what is due in it.
void pass(simulation& home, std::chrono::milliseconds time) {
    home.async_wait(time, [&home](auto&&...) { home.stop(); });
    home.run();
    home.run_ready();
}
auto const staying = sluice::outlet_options{.buffer_size = 10, .on_last_cancel = on_last_cancel::stay_open};

}  // namespace

BOOST_AUTO_TEST_CASE(events_in_and_out_are_counted_on_either_side) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<int> numbers{home, counter, 0, 100};
        sluice::producer_consumer<int, int> doubled{home, from(numbers, {.max_demand = 7}), doubler};
        sluice::consumer<int> all{home, from(doubled, {.max_demand = 5}), collector, std::ref(got)};
        numbers.set_name("numbers");
        invariant(numbers.stats().doing == activity::not_started, "before the run");
        expect_text(run_all(home, numbers, doubled, all), "normal", "the run");
        auto const first = numbers.stats(), middle = doubled.stats(), last = all.stats();
        expect_text(first.name, "numbers", "the name");
        expect_equal(first.events_out, 100u, "emitted");
        expect_equal(middle.events_in + middle.events_out, 200u, "through");
        expect_equal(last.events_in, 100u, "received");
        expect_equal(first.discarded + middle.discarded + last.discarded, 0u, "nothing lost");
        invariant(first.doing == activity::ended && last.doing == activity::ended, "all have ended");
        invariant(middle.most_queued <= 7 && last.most_queued <= 5 && last.most_queued > 0, "bounded by max_demand");
        expect_equal(last.queued + last.subscriptions.size(), 0u, "nothing is left");
    });
}

BOOST_AUTO_TEST_CASE(what_is_buffered_and_discarded_is_counted_and_informs_are_not) {
    in_many_orders([](simulation& home) {
        sluice::producer<int> numbers{home, staying, silent{}};
        outcome told;
        start(told, numbers);
        push(numbers, 4);
        numbers.async_inform([] {}, asio::detached);
        home.run();
        expect_equal(numbers.buffered_count(), 4u, "events, and nothing else");
        push(numbers, 9);
        home.run();
        auto const stats = numbers.stats();
        expect_equal(stats.buffered, 10u, "as much as there is room for");
        expect_equal(stats.most_buffered, 10u, "the most");
        expect_equal(stats.discarded, 3u, "the rest");
        expect_equal(stats.events_out, 13u, "pushed");
        std::vector<int> got;
        sluice::consumer<int> all{home, from(numbers), collector, std::ref(got)};
        outcome second;
        start(second, all);
        home.run();
        expect_equal(numbers.buffered_count(), 0u, "they have gone");
        expect_equal(numbers.stats().most_buffered, 10u, "the most there ever were");
        expect_equal(numbers.stats().consumers, 1u, "consumers");
        numbers.stop();
        home.run();
    });
}

BOOST_AUTO_TEST_CASE(events_in_a_dispatchers_queues_are_buffered_too) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<int> numbers{home, staying, silent{},
                                      sluice::partition_dispatcher<int>(sluice::partition_options{.partitions = 2},
                                                                        [](int i) -> std::size_t { return i % 2; })};
        sluice::consumer<int> even{home, from(numbers, {.partition = 0}), collector, std::ref(got)};
        outcome told;
        start(told, numbers, even);
        home.run();
        push(numbers, 8);
        home.run();
        expect_equal(got.size(), 4u, "the even ones");
        expect_equal(numbers.buffered_count(), 4u, "the odd ones wait for their consumer");
        numbers.stop();
        home.run();
        expect_equal(numbers.buffered_count(), 0u, "an ended stage holds nothing");
        expect_equal(numbers.stats().discarded, 4u, "they were discarded");
    });
}

BOOST_AUTO_TEST_CASE(demand_is_told_for_each_subscription) {
    in_many_orders(
        [](simulation& home) {
            sluice::producer<int> numbers{home, counter, 0, 12}, other{home, staying, silent{}};
            numbers.set_name("numbers");
            other.set_name("other");
            sluice::consumer<int> slow{
                home,
                {from(numbers, {.max_demand = 10, .min_demand = 4}), from(other, {.max_demand = 20})},
                works,
                std::ref(home),
                1000ms};
            outcome told;
            start(told, numbers, other, slow);
            pass(home, 200ms);
            auto const stats = slow.stats();
            expect_equal(stats.subscriptions.size(), 2u, "an end behind events has not come yet");
            auto const& quiet = stats.subscriptions.back();
            expect_text(quiet.producer, "other", "the producer");
            expect_equal(quiet.outstanding, 20u, "asked for");
            expect_equal(quiet.awaited, 20u, "and owed");
            expect_equal(quiet.in_hand(), 0u, "nothing in hand");
            expect_equal(other.stats().demand, 20u, "the producer says the same");
            pass(home, 5s);
            slow.stop();
            other.stop();
            home.run();
        },
        30, patient);
}

BOOST_AUTO_TEST_CASE(times_of_waiting_are_those_of_the_clock) {
    in_many_orders(
        [](simulation& home) {
            std::vector<int> got;
            sluice::producer<int> ticks{home, emit_every, std::ref(home), 10, 100ms};
            sluice::consumer<int> all{home, from(ticks), works, std::ref(home), 30ms};
            outcome told;
            start(told, ticks, all);
            pass(home, 250ms);
            auto const stats = all.stats();
            invariant(stats.doing == activity::waiting_for_events, "between two ticks");
            expect_equal(stats.doing_for, 20ms, "since the work on the second was done");
            expect_equal(stats.waited_for_events, 190ms, "in all");
            invariant(ticks.stats().doing == activity::busy, "a timer is none of its ends");
            home.run();
            expect_text(told.text(), "normal", "the run");
            expect_equal(all.stats().waited_for_events, 100ms + 9 * 70ms, "in the end");
        },
        30, patient);
}

BOOST_AUTO_TEST_CASE(waiting_for_demand_is_told_from_waiting_for_events) {
    in_many_orders(
        [](simulation& home) {
            sluice::producer<int> numbers{home, naturals};
            sluice::producer_consumer<int, int> doubled{home, from(numbers, {.max_demand = 4}), doubler};
            sluice::consumer<int> slow{home, from(doubled, {.max_demand = 2, .min_demand = 0}), works, std::ref(home),
                                       10s};
            outcome told;
            start(told, numbers, doubled, slow);
            pass(home, 5s);
            invariant(doubled.stats().doing == activity::waiting_for_demand, "the middle");
            expect_equal(doubled.stats().doing_for, 5s, "since the beginning");
            expect_equal(doubled.stats().waited_for_demand, 5s, "in all");
            invariant(numbers.stats().doing == activity::waiting_for_demand, "the producer");
            slow.stop();
            doubled.stop();
            home.run();
        },
        30, patient);
}

BOOST_AUTO_TEST_CASE(numbers_may_be_read_from_another_thread_while_stages_run) {
    boost::asio::io_context context;
    std::vector<int> got;
    sluice::producer<int> numbers{context, counter, 0, 200'000};
    sluice::producer_consumer<int, int> doubled{context, from(numbers), doubler};
    sluice::consumer<int> all{context, from(doubled), collector, std::ref(got)};
    outcome told;
    start(told, numbers, doubled, all);
    std::thread runner([&] { context.run(); });
    std::uint64_t seen = 0;
    bool grows = true;
    while (all.stats().doing != activity::ended) {
        auto const now = doubled.stats().events_in;
        grows &= now >= seen;
        seen = now;
        sluice::snapshot(all).text();
    }
    runner.join();
    BOOST_TEST(grows);
    BOOST_TEST(all.stats().events_in == 200'000u);
}

BOOST_AUTO_TEST_CASE(a_stage_whose_context_has_gone_still_tells_its_numbers) {
    auto context = std::make_unique<boost::asio::io_context>();
    std::vector<int> got;
    sluice::producer<int> numbers{*context, counter, 0, 100};
    sluice::consumer<int> all{*context, from(numbers), collector, std::ref(got)};
    sluice::producer<int> never{*context, counter, 0, 100};
    outcome told;
    start(told, numbers, all);
    context->run();
    context.reset();
    BOOST_TEST(numbers.stats().events_out == 100u);
    BOOST_TEST((never.stats().doing == activity::ended));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(snapshots)

using namespace statistics;

BOOST_AUTO_TEST_CASE(a_snapshot_finds_what_is_upstream_and_tells_who_waits_for_whom_and_what_is_stalled) {
    in_many_orders(
        [](simulation& home) {
            sluice::producer<int> numbers{home, naturals};
            sluice::producer_consumer<int, int> doubled{home, from(numbers, {.max_demand = 4}), doubler};
            sluice::consumer<int> writer{home, from(doubled, {.max_demand = 500, .min_demand = 0}), works,
                                         std::ref(home), 60s};
            numbers.set_name("numbers");
            doubled.set_name("doubled");
            writer.set_name("writer");
            outcome told;
            start(told, numbers, doubled, writer);
            pass(home, 12s);
            auto const graph = sluice::snapshot(writer);
            expect_equal(graph.nodes().size(), 3u, "stages");
            expect_equal(graph.edges().size(), 2u, "subscriptions");
            expect_equal(graph.edges()[0].to, 0u, "into the writer");
            expect_text(graph.nodes()[graph.edges()[0].from].title, "doubled", "from the middle");
            writer.stop();
            doubled.stop();
            home.run();
        },
        20, patient);
}

BOOST_AUTO_TEST_CASE(the_text_says_where_it_is_stuck_and_since_when) {
    in_many_orders(
        [](simulation& home) {
            sluice::producer<int> lines{home, naturals};
            sluice::consumer<int> writer{home, from(lines, {.max_demand = 500, .min_demand = 0}), works, std::ref(home),
                                         60s};
            lines.set_name("lines");
            writer.set_name("writer");
            outcome told;
            start(told, lines, writer);
            pass(home, 12s);
            auto const graph = sluice::snapshot(lines, writer);
            expect_text(graph.text(),
                        "1. lines: waits for demand for 12 s; out 500, 0 asked for, 0 buffered (most 0)\n"
                        "2. writer: busy for 12 s; in 500, 0 queued (most 500)\n"
                        "   from 1: 500 received, 500 outstanding, asked 12 s ago\n"
                        "`lines` has waited for demand from `writer` for 12 s\n"
                        "stalled: `writer` has 500 events outstanding and has not asked for 12 s\n",
                        "the text");
            expect_equal(graph.stalled(20s).size(), 0u, "for a more patient reader");
            writer.stop();
            home.run();
        },
        20, {.early_deadline_one_in = 0, .messages_per_turn = 64, .operations_per_turn = 64});
}

BOOST_AUTO_TEST_CASE(a_stage_that_waits_for_events_is_not_stalled) {
    in_many_orders(
        [](simulation& home) {
            std::vector<int> got;
            sluice::producer<int> numbers{home, staying, silent{}};
            sluice::stream<int> results{home, from(numbers)};
            sluice::testing::spawn(home, [](sluice::stream<int>& from) -> asio::awaitable<void> {
                while (auto events = co_await from.receive()) {}
            }(results));
            outcome told;
            start(told, numbers);
            pass(home, 3s);
            auto const graph = sluice::snapshot(results, numbers, results);
            expect_equal(graph.nodes().size(), 2u, "each once");
            expect_text(graph.nodes()[0].title, "stage 1", "without a name");
            expect_equal(graph.waits().size(), 1u, "one waits");
            invariant(graph.waits()[0].what == activity::waiting_for_events, "for events");
            expect_equal(graph.waits()[0].how_long, 3s, "since the beginning");
            expect_equal(graph.stalled().size(), 0u, "nobody is stuck");
            numbers.stop();
            home.run();
        },
        20, patient);
}

BOOST_AUTO_TEST_CASE(pictures_show_the_same_for_graphviz_and_mermaid) {
    sluice::graph_snapshot graph;
    sluice::stage_stats reader, writer;
    reader.doing = activity::waiting_for_demand;
    reader.doing_for = 12s;
    reader.events_out = 500;
    reader.consumers = 1;
    writer.doing = activity::busy;
    writer.events_in = 500;
    writer.discarded = 2;
    auto const from = graph.add({"a \"reader\" <1>", reader});
    auto const to = graph.add({"", writer});
    graph.connect({from, to, {"reader", 500, 500, 0, 1500ms}});
    BOOST_TEST(graph.dot() ==
               "digraph stages {\n"
               "    rankdir=LR;\n"
               "    node [shape=box];\n"
               "    n0 [label=\"a \\\"reader\\\" <1>\\nwaits for demand for 12 s\\nout 500\\n0 asked for\\n"
               "0 buffered (most 0)\"];\n"
               "    n1 [label=\"stage 2\\nbusy\\nin 500\\n0 queued (most 0)\\n2 discarded\", color=red];\n"
               "    n0 -> n1 [label=\"500 received, 500 outstanding\"];\n"
               "}\n");
    BOOST_TEST(
        graph.mermaid() ==
        "flowchart LR\n"
        "    n0[\"a #quot;reader#quot; #lt;1#gt;<br><i>waits for demand for 12 s</i><br>out 500<br>0 asked for<br>"
        "0 buffered (most 0)\"]\n"
        "    n1[\"stage 2<br><i>busy</i><br>in 500<br>0 queued (most 0)<br>2 discarded\"]\n"
        "    style n1 stroke:red\n"
        "    n0 -->|\"500 received, 500 outstanding\"| n1\n");
    BOOST_TEST(graph.text().find("stalled: `stage 2` has 500 events outstanding and has not asked for 1.5 s") !=
               std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
