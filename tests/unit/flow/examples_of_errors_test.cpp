#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <ranges>
#include <sluice/flow/flow.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "support.hpp"

// The examples in the headers of what handles errors: see examples_of_steps_test.cpp.

BOOST_AUTO_TEST_SUITE(flow_examples_of_errors)

using namespace flow_test;
using namespace std::chrono_literals;

namespace {

using words = std::vector<std::string>;

auto to_number(std::string const& word) { return std::stoi(word); }

}  // namespace

BOOST_AUTO_TEST_CASE(on_error) {
    sluice::thread_pool pool(1);
    words bad;
    // [doc:on_error]
    auto const put_aside = [&bad](flow::dead_letter<std::string> letter) {
        bad.push_back(*letter.event + ": " + letter.reason());
    };
    auto const numbers = flow::from(words{"1", "two", "3"}) | flow::on_error(flow::to(put_aside)) |
                         flow::map(to_number) |        // throws for "two"
                         flow::on_error(flow::skip) |  // from here on they are dropped, counted and logged
                         flow::map([](int i) { return 10 / i; });
    auto const all = flow::collect(numbers, pool);  // 10, 3
    // [doc:end]
    BOOST_TEST((all == std::vector<int>{10, 3}));
    BOOST_TEST((bad == words{"two: stoi"}));
}

BOOST_AUTO_TEST_CASE(retry) {
    auto const failures = std::make_shared<int>(2);
    auto const ask = [failures](int i) -> asio::awaitable<int> {
        if ((*failures)-- > 0) throw std::runtime_error("busy");
        co_return 2 * i;
    };
    sluice::thread_pool pool(1);
    // [doc:retry]
    auto const answers =
        flow::from(std::views::iota(1, 2)) | flow::retry({.attempts = 3, .backoff = 10ms}) |
        flow::map_async(ask);  // asked again 10 and then 20 ms after a failure, before it ends the flow
    // [doc:end]
    BOOST_TEST((flow::collect(answers, pool) == std::vector<int>{2}));
}

BOOST_AUTO_TEST_CASE(the_place_of_an_exception) {
    sluice::thread_pool pool(1);
    std::string where;
    // [doc:place_of]
    auto const numbers = flow::from(words{"1", "two", "3"}) | flow::map(to_number).named("parse");
    try {
        flow::run(numbers, pool);
    } catch (std::invalid_argument const&) {  // as std::stoi has thrown it
        auto const place = flow::place_of(std::current_exception());
        where = place ? flow::to_string(*place) : "nowhere";  // "map(parse), element 1"
    }
    // [doc:end]
    BOOST_TEST(where == "map(parse), element 1");
}

BOOST_AUTO_TEST_CASE(a_place_in_words) {
    // [doc:to_string]
    auto const shown = flow::to_string({"map(parse)", 17});  // "map(parse), element 17"
    // [doc:end]
    BOOST_TEST(shown == "map(parse), element 17");
}

BOOST_AUTO_TEST_SUITE_END()
