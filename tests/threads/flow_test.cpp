#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <numeric>
#include <optional>
#include <ranges>
#include <sluice/flow/flow.hpp>
#include <sluice/thread_pool.hpp>
#include <sluice/words.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

namespace asio = boost::asio;
namespace flow = sluice::flow;

namespace {

using counts = std::unordered_map<sluice::text, std::size_t>;

auto some_text() -> std::string {
    std::string text;
    for (int i = 0; i < 30'000; ++i) {
        text += "word" + std::to_string(i % 613) + (i % 40 == 0 ? "isnowlongerthanatextholdsinline" : "");
        text += i % 8 == 7 ? '\n' : ' ';
    }
    return text;
}

auto pass(sluice::inlet<int>& in, sluice::outlet<int>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        if (!co_await out.emit(std::move(*events))) co_return;
    }
}

auto draw(sluice::stream<int> drawn, int batches) -> asio::awaitable<std::size_t> {
    std::size_t count = 0;
    while (batches-- > 0) {
        auto events = co_await drawn.receive();
        if (!events) break;
        count += events->size();
    }
    co_return count;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(flow_threads)

BOOST_AUTO_TEST_CASE(words_are_counted_by_many_stages) {
    auto const text = some_text();
    sluice::thread_pool pool(4);
    for (int round = 0; round < 5; ++round) {
        std::istringstream in(text);
        auto const f = flow::from_lines(in) | flow::shuffle({.stages = 3}) | flow::flat_map(sluice::words) |
                       flow::partition({.stages = 4}) |
                       flow::reduce(counts(), [](counts& all, sluice::text const& word) { ++all[word]; });
        std::size_t words = 0;
        for (auto const& part : flow::collect(f, pool)) {
            for (auto const& each : part) words += each.second;
        }
        BOOST_TEST(words == 30'000u);
    }
}

BOOST_AUTO_TEST_CASE(many_layers_and_bodies_pass_everything_on) {
    sluice::thread_pool pool(4);
    auto const f = flow::from(std::views::iota(0, 50'000)) | flow::partition({.stages = 3, .max_demand = 20}) |
                   flow::stage<int>(pass) | flow::shuffle({.stages = 3}) | flow::map([](int i) { return i + 1; }) |
                   flow::partition({.stages = 2});
    auto const all = flow::collect(f, pool);
    BOOST_TEST(all.size() == 50'000u);
    BOOST_TEST(std::accumulate(all.begin(), all.end(), 0L) == 50'000L * 50'001 / 2);
}

BOOST_AUTO_TEST_CASE(streams_are_left_early) {
    sluice::thread_pool pool(4);
    auto const endless = flow::from([i = 0]() mutable { return std::optional(i++); }) | flow::shuffle({.stages = 3}) |
                         flow::partition({.stages = 2});
    for (int batches = 0; batches < 30; ++batches) {
        auto drawing = draw(flow::stream(endless, pool), batches);
        asio::co_spawn(pool.get_executor(), std::move(drawing), asio::use_future).get();
    }
}

BOOST_AUTO_TEST_CASE(the_first_failure_ends_all_stages) {
    sluice::thread_pool pool(4);
    for (int at = 1; at < 30'000; at += 1500) {
        auto const f = flow::from(std::views::iota(0)) | flow::shuffle({.stages = 3}) | flow::map([at](int i) {
                           if (i == at) throw std::runtime_error("this one");
                           return i;
                       }) |
                       flow::partition({.stages = 3}) | flow::reduce(0, [](int& n, int) { ++n; });
        BOOST_CHECK_THROW(flow::collect(f, pool), std::runtime_error);
    }
}

BOOST_AUTO_TEST_SUITE_END()
