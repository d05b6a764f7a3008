// How the stages of a flow are called.
#include <boost/test/unit_test.hpp>
#include <exception>
#include <ranges>
#include <sluice/flow/flow.hpp>
#include <sluice/flow/launch.hpp>
#include <sluice/flow/stream.hpp>
#include <sluice/snapshot.hpp>
#include <sluice/testing/testing.hpp>
#include <sluice/thread_pool.hpp>
#include <string>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_names)

using namespace flow_test;
using sluice::testing::simulation;
using titles = std::vector<std::string>;

namespace {

auto doubler(sluice::inlet<int>& in, sluice::outlet<int>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) co_await out.emit(std::move(*events));
}
auto dropper(sluice::inlet<int>& in) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {}
}
auto naturals(sluice::outlet<int>& out) -> asio::awaitable<void> {
    for (int i = 0;; ++i) {
        const bool taken = co_await out.emit(i);
        if (!taken) co_return;
    }
}
auto same(int i) -> int { return i; }

auto titles_of(sluice::graph_snapshot const& graph) -> titles {
    titles all;
    for (auto const& each : graph.nodes()) all.push_back(each.title);
    return all;
}

void expect_titles(sluice::graph_snapshot const& graph, titles const& expected) {
    auto const got = titles_of(graph);
    BOOST_TEST(got == expected, boost::test_tools::per_element());
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_stage_of_a_flow_is_called_what_it_does_and_numbered_among_several) {
    sluice::testing::fifo_chooser chooser;
    simulation home(chooser);
    auto const f = flow::from(std::views::iota(0)) | flow::map(same).named("read") |
                   flow::filter([](int) { return true; }) | flow::shuffle({.stages = 2}) | flow::map(same) |
                   flow::tap([](int const&) {});
    auto running = flow::launch(f, home);
    expect_titles(running.snapshot(), {"from(range) | map(read) | filter", "map | tap 1", "map | tap 2"});
    BOOST_TEST(running.stats().back().name == "map | tap 2");
    auto const graph = running.snapshot();
    BOOST_TEST(graph.edges().front().stats.producer == "from(range) | map(read) | filter");
    running.async_stop(flow::stopping::now, [](std::exception_ptr) {});
    home.run();
}

BOOST_AUTO_TEST_CASE(a_layer_behind_an_exchange_with_a_name_is_called_by_that) {
    sluice::testing::fifo_chooser chooser;
    simulation home(chooser);
    auto const f = flow::from(std::views::iota(0)) | flow::shuffle({.stages = 1}).named("workers") | flow::map(same);
    auto running = flow::launch(f, home);
    expect_titles(running.snapshot(), {"from(range)", "workers"});
    bool resized = false;
    running.async_resize("workers", 2, [&](std::exception_ptr error) { resized = !error; });
    while (!resized && home.step()) {}
    expect_titles(running.snapshot(), {"from(range)", "workers", "workers 2"});
    running.async_stop(flow::stopping::now, [](std::exception_ptr) {});
    home.run();
}

BOOST_AUTO_TEST_CASE(bodies_are_called_as_the_picture_of_the_flow_shows_them) {
    sluice::testing::fifo_chooser chooser;
    simulation home(chooser);
    auto const f = flow::source<int>(naturals) | flow::shuffle({.stages = 2}) | flow::map(same) |
                   flow::stage<int>(doubler).named("double") | flow::sink(dropper).named("drop");
    auto running = flow::launch(f, home);
    expect_titles(running.snapshot(), {"source", "map 1", "map 2", "stage(double) 1", "stage(double) 2", "sink(drop)"});
    running.async_stop(flow::stopping::now, [](std::exception_ptr) {});
    home.run();
}

BOOST_AUTO_TEST_CASE(a_stream_shows_the_flow_that_it_draws_from) {
    sluice::testing::fifo_chooser chooser;
    simulation home(chooser);
    auto const f = flow::from(std::views::iota(0)) | flow::map(same);
    auto drawn = flow::stream(f, home);
    drawn.set_name("mine");
    home.run_ready(10);
    expect_titles(sluice::snapshot(drawn), {"mine", "stream", "from(range) | map"});
    drawn.close();
    home.run();
}

BOOST_AUTO_TEST_SUITE_END()
