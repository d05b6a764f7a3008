#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <numeric>
#include <ranges>
#include <string>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_reduce)

using namespace flow_test;

BOOST_AUTO_TEST_CASE(each_stage_gives_its_accumulator_once_at_the_end) {
    auto const f = flow::from(std::views::iota(1, 101)) | flow::reduce(0, [](int& sum, int i) { sum += i; });
    everywhere([&](auto const& collect) { BOOST_TEST(collect(f) == (std::vector{5050})); });
}

BOOST_AUTO_TEST_CASE(a_stage_without_events_gives_the_first_accumulator) {
    auto const f = flow::from(std::vector<int>()) | flow::partition({.stages = 3}) |
                   flow::reduce(7, [](int& sum, int i) { sum += i; });
    everywhere([&](auto const& collect) { BOOST_TEST(collect(f) == (std::vector{7, 7, 7})); });
}

BOOST_AUTO_TEST_CASE(an_accumulator_that_cannot_be_copied_is_made_by_a_function) {
    auto const f =
        flow::from(std::views::iota(0, 1000)) | flow::partition({.stages = 2}) |
        flow::reduce([] { return std::make_unique<long>(0); }, [](std::unique_ptr<long>& sum, int i) { *sum += i; });
    everywhere([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_REQUIRE(all.size() == 2u);
        BOOST_TEST(*all[0] + *all[1] == 499'500);
    });
}

BOOST_AUTO_TEST_CASE(steps_behind_a_reduction_get_the_accumulator) {
    auto const f = flow::from(std::views::iota(0, 3000)) |
                   flow::reduce(std::vector<int>(), [](auto& all, int i) { all.push_back(i); }) |
                   flow::flat_map([](std::vector<int> all) { return all; }) |
                   flow::filter([](int i) { return i % 2 == 0; });
    everywhere([&](auto const& collect) {
        auto const all = collect(f);
        BOOST_REQUIRE(all.size() == 1500u);
        BOOST_TEST(std::ranges::is_sorted(all));
    });
}

BOOST_AUTO_TEST_CASE(each_run_begins_with_the_first_accumulator) {
    auto const f = flow::from(std::views::iota(0, 10)) |
                   flow::reduce(std::string("="), [](std::string& all, int i) { all += std::to_string(i); });
    everywhere([&](auto const& collect) { BOOST_TEST(collect(f).front() == "=0123456789"); });
}

BOOST_AUTO_TEST_CASE(a_reduction_walks_an_endless_expansion_and_can_still_be_stopped) {
    auto const f = flow::from(std::views::single(0)) | flow::flat_map([](int) { return std::views::iota(0L); }) |
                   flow::reduce(0L, [](long& last, long i) { last = i; });
    asio::io_context context;
    asio::cancellation_signal stop;
    std::exception_ptr ended;
    flow::async_collect(
        f, context,
        asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr error, std::vector<long>) { ended = error; }));
    for (int i = 0; i < 10; ++i) context.poll_one();
    stop.emit(asio::cancellation_type::terminal);
    context.run();
    BOOST_CHECK_EXCEPTION(std::rethrow_exception(ended), boost::system::system_error,
                          [](auto const& e) { return e.code() == asio::error::operation_aborted; });
}

BOOST_AUTO_TEST_SUITE_END()
