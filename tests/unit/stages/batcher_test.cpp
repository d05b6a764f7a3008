// batcher: groups bounded by weight. What else there is of it, ready_stages_test.cpp has.
#include <boost/asio/io_context.hpp>
#include <sluice/batcher.hpp>
#include <sluice/from_range.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(batchers)

using namespace stages;
using sluice::from;
using sluice::from_range;

namespace {

auto gather(inlet<std::vector<int>>& in, std::vector<std::vector<int>>& got) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (auto& event : *events) got.push_back(std::move(event));
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_group_is_no_heavier_than_it_may_be_and_one_event_that_is_goes_alone) {
    in_many_orders([](simulation& home) {
        std::vector<std::vector<int>> got;
        auto numbers = from_range(home, std::vector{3, 4, 4, 3, 11, 2, 8, 10, 1, 2, 3, 25});
        auto const weight = [](int event) { return static_cast<std::size_t>(event); };
        auto groups = sluice::batcher(home, from(numbers, {.max_demand = 5}), {.size = 3, .max_weight = 10}, weight);
        sluice::consumer<std::vector<int>> all{home, from(groups), gather, std::ref(got)};
        expect_text(run_all(home, numbers, groups, all), "normal", "the end");
        expect_equal(got, std::vector<std::vector<int>>{{3, 4}, {4, 3}, {11}, {2, 8}, {10}, {1, 2, 3}, {25}}, "groups");
    });
}

BOOST_AUTO_TEST_CASE(a_weight_that_cannot_be_found_ends_the_batcher) {
    in_many_orders([](simulation& home) {
        std::vector<std::vector<int>> got;
        sluice::producer<int> numbers{home, counter, 0, 10};
        auto const weight = [](int event) -> std::size_t {
            if (event == 4) throw std::runtime_error("no weight");
            return 1;
        };
        auto groups = sluice::batcher<int>(home, {from(numbers)}, {.max_weight = 3}, weight);
        sluice::consumer<std::vector<int>> all{home, from(groups), gather, std::ref(got)};
        expect_text(run_all(home, numbers, groups, all), "no weight", "the end");
    });
}

BOOST_AUTO_TEST_CASE(a_bound_by_weight_needs_a_weight) {
    boost::asio::io_context home;
    auto numbers = from_range(home, std::vector{1, 2});
    auto const lacks_weight = [](boost::system::system_error const& e) {
        return std::string(e.what()).find("batcher_options::max_weight needs a weight") != std::string::npos;
    };
    BOOST_CHECK_EXCEPTION(sluice::batcher(home, from(numbers), {.max_weight = 5}), boost::system::system_error,
                          lacks_weight);
}

BOOST_AUTO_TEST_SUITE_END()
