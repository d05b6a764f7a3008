#include <boost/test/unit_test.hpp>
#include <ranges>
#include <sluice/words.hpp>
#include <string>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_describe)

using namespace flow_test;

namespace {

auto counter(sluice::outlet<int>&, int) -> asio::awaitable<void> { co_return; }
auto doubler(sluice::inlet<int>&, sluice::outlet<int>&) -> asio::awaitable<void> { co_return; }
auto dropper(sluice::inlet<int>&) -> asio::awaitable<void> { co_return; }

auto word_count() {
    return flow::from_lines(std::vector<std::string>{"a", "b", "c"}) | flow::flat_map(sluice::words) |
           flow::partition() | flow::reduce(0, [](int& count, sluice::text const&) { ++count; });
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_text_tells_layers_stages_and_who_feeds_whom) {
    BOOST_TEST(flow::describe(word_count()).text() ==
               "1. from_lines(3 files) | flat_map  1 stage a thread\n"
               "2. reduce                          1 stage a thread, each fed by all of 1 (partition)\n");
}

BOOST_AUTO_TEST_CASE(with_an_executor_the_numbers_are_those_that_would_run) {
    sluice::thread_pool pool(2);
    BOOST_TEST(flow::describe(word_count(), pool).text() ==
               "1. from_lines(3 files) | flat_map  2 stages\n"
               "2. reduce                          2 stages, each fed by all of 1 (partition)\n");
    sluice::thread_pool many(5);
    auto const g = flow::describe(word_count(), many);
    BOOST_TEST(*g.nodes()[0].stages == 3u);  // no more than files
    BOOST_TEST(*g.nodes()[1].stages == 5u);
}

BOOST_AUTO_TEST_CASE(mermaid_and_dot_draw_the_same) {
    sluice::thread_pool pool(2);
    auto const g = flow::describe(word_count(), pool);
    BOOST_TEST(g.mermaid() ==
               "flowchart LR\n"
               "    n0[\"from_lines(3 files)<br>flat_map<br><i>2 stages</i>\"]\n"
               "    n1[\"reduce<br><i>2 stages</i>\"]\n"
               "    n0 -->|\"partition\"| n1\n");
    BOOST_TEST(g.dot() ==
               "digraph flow {\n"
               "    rankdir=LR;\n"
               "    node [shape=box];\n"
               "    n0 [label=\"from_lines(3 files)\\nflat_map\\n2 stages\"];\n"
               "    n1 [label=\"reduce\\n2 stages\"];\n"
               "    n0 -> n1 [label=\"partition\"];\n"
               "}\n");
}

BOOST_AUTO_TEST_CASE(bodies_are_nodes_of_their_own) {
    auto const f = flow::source<int>(counter, 1) | flow::shuffle({.stages = 3}) | flow::stage<int>(doubler) |
                   flow::map([](int i) { return i; }) | flow::sink(dropper);
    auto const g = flow::describe(f);
    BOOST_TEST(g.text() ==
               "1. source   1 stage\n"
               "2. pass on  3 stages, fed by 1 (shuffle)\n"
               "3. stage    3 stages, fed by 2\n"
               "4. map      3 stages, fed by 3\n"
               "5. sink     1 stage, fed by all of 4\n");
}

BOOST_AUTO_TEST_CASE(a_step_can_have_a_name_of_its_own) {
    auto const clean = flow::map([](int i) { return i; }).named("lower \"case\" <b>") |
                       flow::partition({.stages = 2}).named("by customer");
    auto const f = flow::from(std::views::iota(0, 3)) | clean;
    BOOST_TEST(flow::describe(f).text() ==
               "1. from(range) | map(lower \"case\" <b>)  1 stage\n"
               "2. pass on                              2 stages, fed by 1 (partition: by customer)\n");
    BOOST_TEST(flow::describe(f).mermaid().find("map(lower #quot;case#quot; #lt;b#gt;)") != std::string::npos);
    BOOST_TEST(flow::describe(f).dot().find("map(lower \\\"case\\\" <b>)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(describing_runs_nothing) {
    int calls = 0;
    auto const f = flow::from(std::views::iota(0, 3)) | flow::map([&](int i) { return ++calls, i; });
    flow::describe(f);
    BOOST_TEST(calls == 0);
}

BOOST_AUTO_TEST_SUITE_END()
