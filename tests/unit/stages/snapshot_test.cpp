// snapshot(), as a value, as text and as pictures.
#include <boost/asio/detached.hpp>
#include <functional>
#include <memory>
#include <sluice/snapshot.hpp>
#include <sluice/testing/choosers.hpp>
#include <string>
#include <vector>

#include "stats_support.hpp"

BOOST_AUTO_TEST_SUITE(snapshots)

using namespace stages;
using namespace std::chrono_literals;
using sluice::activity;
using sluice::from;

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
                        "   from 1: 500 received, 500 outstanding of at most 500, asked 12 s ago\n"
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
            expect_text(graph.nodes()[0].title, "consumer 1", "without a name");
            expect_text(graph.nodes()[1].title, "producer 2", "without a name");
            expect_text(graph.edges()[0].stats.producer, "producer 2", "the same at the subscription");
            expect_text(graph.nodes()[0].stats.subscriptions.at(0).producer, "producer 2", "and in the consumer");
            expect_equal(graph.waits().size(), 1u, "one waits");
            invariant(graph.waits()[0].what == activity::waiting_for_events, "for events");
            expect_equal(graph.waits()[0].how_long, 3s, "since the beginning");
            expect_equal(graph.stalled().size(), 0u, "nobody is stuck");
            numbers.stop();
            home.run();
        },
        20, patient);
}

BOOST_AUTO_TEST_CASE(a_snapshot_of_a_range_is_that_of_the_stages_in_it_or_that_it_points_to) {
    sluice::testing::fifo_chooser chooser;
    simulation home(chooser);
    std::vector<int> got;
    std::vector<sluice::producer<int>> sources;
    for (int i = 0; i < 2; ++i) {
        sources.emplace_back(home, staying, silent{});
        sources.back().set_name("source " + std::to_string(i));
    }
    auto const both = sluice::snapshot(sources);
    BOOST_TEST(both.nodes().size() == 2u);
    BOOST_TEST(both.nodes()[1].title == "source 1");
    BOOST_TEST(sluice::snapshot(std::vector<sluice::producer<int>>()).nodes().empty());

    auto const sink = std::make_unique<sluice::consumer<int>>(home, from(sources[0]), collector, std::ref(got));
    sink->set_name("sink");
    home.run_ready(10);
    std::vector<sluice::stage const*> const pointers{sink.get(), &sources[1]};
    BOOST_TEST(sluice::snapshot(pointers).nodes().size() == 3u);
    BOOST_TEST(sluice::snapshot(pointers).edges().size() == 1u);
    std::vector<std::reference_wrapper<sluice::stage const>> const references{*sink};
    BOOST_TEST(sluice::snapshot(references).nodes().size() == 2u);

    sluice::intake<int> into{home};
    std::vector<std::reference_wrapper<sluice::intake<int> const>> const intakes{into};
    BOOST_TEST(sluice::snapshot(intakes).nodes().size() == 1u);

    std::vector<sluice::stage> handles;
    handles.push_back(std::move(sources[1]));
    BOOST_TEST(sluice::snapshot(handles).nodes().front().title == "source 1");
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
               "    n0 -> n1 [label=\"500 received, 500 outstanding\\nasked 1.5 s ago\\nwaits for demand for 12 s\"];\n"
               "}\n");
    BOOST_TEST(
        graph.mermaid() ==
        "flowchart LR\n"
        "    n0[\"a #quot;reader#quot; #lt;1#gt;<br><i>waits for demand for 12 s</i><br>out 500<br>0 asked for<br>"
        "0 buffered (most 0)\"]\n"
        "    n1[\"stage 2<br><i>busy</i><br>in 500<br>0 queued (most 0)<br>2 discarded\"]\n"
        "    style n1 stroke:red\n"
        "    n0 -->|\"500 received, 500 outstanding<br>asked 1.5 s ago<br>waits for demand for 12 s\"| n1\n");
    BOOST_TEST(graph.text().find("stalled: `stage 2` has 500 events outstanding and has not asked for 1.5 s") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_snapshot_shows_the_stages_inside_a_supervisor) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::supervisor pipeline{home};
        auto const numbers = pipeline.add("numbers", [](sluice::supervised& here) {
            return sluice::producer<int>{here, counter, 0, 10};
        });
        pipeline.add("all", [numbers, &got](sluice::supervised& here) {
            return sluice::consumer<int>{here, here.from(numbers), collector, std::ref(got)};
        });
        pipeline.set_name("pipeline");
        outcome told;
        start(told, pipeline);
        home.run_ready(home.get_chooser().choose(40));
        auto const during = sluice::snapshot(pipeline);
        invariant(during.nodes().front().title == "pipeline", "itself");
        invariant(during.nodes().size() == 1 || during.nodes().size() == 3, "and its children, once they are there");
        home.run();
        expect_text(told.text(), "normal", "the end");
        auto const after = sluice::snapshot(pipeline);
        expect_equal(after.nodes().size(), 3u, "the pipeline and two stages");
        expect_text(after.nodes()[1].title, "numbers", "by their names");
    });
}

BOOST_AUTO_TEST_SUITE_END()
