#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <any>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <boost/throw_exception.hpp>
#include <exception>
#include <filesystem>
#include <memory>
#include <ranges>
#include <sluice/flow/flow.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_errors)

using namespace flow_test;

namespace {

auto upto(int n) { return flow::from(std::views::iota(0, n)); }

auto throws_at(int at) {
    return [at](int i) {
        if (i == at) throw std::runtime_error("bad");
        return i;
    };
}

template <class Run>
auto error_of(Run const& run) -> std::exception_ptr {
    try {
        run();
    } catch (...) {
        return std::current_exception();
    }
    return nullptr;
}

/// Where the flow fails, everywhere.
template <class F>
void fails_in(F const& f, std::string const& place) {
    everywhere([&](collector const& collect) {
        auto const where = flow::place_of(error_of([&] { collect(f); }));
        BOOST_TEST((where ? to_string(*where) : "nowhere") == place);
    });
}

/// What a flow gives for an exception that its only function throws.
template <class E>
auto thrown_through_a_flow(E const& error) -> std::exception_ptr {
    auto const f = upto(10) | flow::map([&](int i) -> int {
                       if (i == 3) throw error;
                       return i;
                   });
    return error_of([&] { collect_here(f); });
}

/// It arrives as what it was, by type and by word, and tells the place.
template <class E>
void stays_itself(E const& error) {
    auto const got = thrown_through_a_flow(error);
    try {
        std::rethrow_exception(got);
    } catch (E const& e) {
        BOOST_TEST(std::string(e.what()) == error.what());
        BOOST_CHECK_EXCEPTION(std::rethrow_if_nested(e), flow::step_error,
                              [](auto const& at) { return std::string(at.what()) == "in map, element 3"; });
    }
}

struct plain_error : std::runtime_error {
    using runtime_error::runtime_error;
};
struct told_error : std::runtime_error, std::nested_exception {
    using runtime_error::runtime_error;
    int code = 0;
};

/// The program's logger, for a while.
class default_journal {
public:
    default_journal() {
        auto const sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text);
        auto const logger = std::make_shared<spdlog::logger>("journal", sink);
        logger->set_pattern("%l %v");
        spdlog::set_default_logger(logger);
    }
    default_journal(default_journal const&) = delete;
    auto operator=(default_journal const&) -> default_journal& = delete;
    ~default_journal() { spdlog::set_default_logger(before_); }

    std::ostringstream text;

private:
    std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
};

}  // namespace

BOOST_AUTO_TEST_CASE(an_exception_tells_the_step_and_the_number_of_the_event) {
    fails_in(upto(10'000) | flow::map(throws_at(5000)), "map, element 5000");
    fails_in(upto(10'000) | flow::filter([](int i) { return i % 2 == 0; }) | flow::map(throws_at(5000)).named("parse"),
             "map(parse), element 5000");
    fails_in(upto(100) | flow::map(std::identity()) | flow::filter(throws_at(7)) | flow::map(throws_at(0)),
             "filter, element 7");
    fails_in(upto(10'000) | flow::shuffle({.stages = 1}) | flow::tap(throws_at(7777)).named("look"),
             "tap(look), element 7777");
    fails_in(flow::from([i = 0]() mutable { return std::optional(i++); }) |
                 flow::scan(0, [](int&, int i) { throws_at(3000)(i); }),
             "scan, element 3000");
    fails_in(upto(100) | flow::uniq_by(throws_at(50)), "uniq_by, element 50");
    fails_in(upto(3000) | flow::reduce(0, [](int& sum, int i) { sum += throws_at(2999)(i); }), "reduce, element 2999");
}

BOOST_AUTO_TEST_CASE(what_a_range_throws_is_of_the_event_that_made_the_range) {
    auto const inside = [](int i) {
        return std::views::iota(0, 2000) |
               std::views::transform([i](int j) { return throws_at(33'333)(i * 2000 + j); });
    };
    fails_in(upto(100) | flow::flat_map(inside) | flow::shuffle({.stages = 1}), "flat_map, element 16");
    fails_in(upto(100) | flow::flat_map([](int i) { return std::views::iota(i * 2000, i * 2000 + 2000); }) |
                 flow::map(throws_at(33'333)) | flow::shuffle({.stages = 1}),
             "map, element 16");
}

BOOST_AUTO_TEST_CASE(what_a_reduction_gives_at_the_end_has_no_number) {
    fails_in(upto(100) | flow::reduce(0, [](int& sum, int i) { sum += i; }) | flow::map(throws_at(4950)), "map");
}

BOOST_AUTO_TEST_CASE(of_a_batch_it_is_the_last_events_number) {
    auto const f = [](sluice::batch<int> events) {
        for (int& i : events) throws_at(1200)(i);
        return events;
    };
    fails_in(upto(10'000) | flow::map_batch(f), "map_batch, element 1499");
    fails_in(upto(10'000) | flow::shuffle({.stages = 1, .max_demand = 200}) | flow::map_batch(f),
             "map_batch, element 1299");
}

BOOST_AUTO_TEST_CASE(sources_exchanges_and_last_functions_are_named_too) {
    fails_in(flow::from(std::views::iota(0) | std::views::transform(throws_at(3000))) | flow::shuffle({.stages = 2}),
             "source, element 3000");
    fails_in(upto(10'000) | flow::partition({.stages = 2}, throws_at(7000)), "partition, element 7000");
    sluice::thread_pool pool(1);
    auto const f = upto(10'000) | flow::filter([](int i) { return i >= 10; });
    auto const error = error_of([&] { flow::for_each(f, pool, throws_at(5000)); });
    BOOST_TEST(to_string(flow::place_of(error).value()) == "for_each, element 4990");
}

BOOST_AUTO_TEST_CASE(a_step_that_awaits_tells_its_name_and_the_number_of_the_call) {
    auto const f = upto(100) | flow::map_async({.concurrency = 3}, [](int i) -> asio::awaitable<int> {
                                   co_return throws_at(40)(i);
                               }).named("ask");
    fails_in(f, "map_async(ask), element 40");
}

BOOST_AUTO_TEST_CASE(exceptions_of_the_standard_library_stay_what_they_are) {
    stays_itself(std::runtime_error("bad"));
    stays_itself(std::invalid_argument("bad"));
    stays_itself(std::out_of_range("bad"));
    stays_itself(std::logic_error("bad"));
    stays_itself(std::overflow_error("bad"));
    stays_itself(std::system_error(std::make_error_code(std::errc::broken_pipe), "bad"));
    stays_itself(boost::system::system_error(sluice::errc::end_of_stream, "bad"));
    stays_itself(std::filesystem::filesystem_error("bad", "here", std::make_error_code(std::errc::io_error)));
    stays_itself(std::bad_alloc());
    stays_itself(std::bad_any_cast());
    stays_itself(std::bad_optional_access());
    stays_itself(std::exception());
}

BOOST_AUTO_TEST_CASE(a_code_travels_with_its_exception) {
    auto const code = make_error_code(sluice::errc::end_of_stream);
    auto const error = thrown_through_a_flow(boost::system::system_error(code));
    BOOST_CHECK_EXCEPTION(std::rethrow_exception(error), boost::system::system_error,
                          [&](auto const& e) { return e.code() == code; });
}

BOOST_AUTO_TEST_CASE(what_asio_throws_stays_and_tells_its_place) {
    auto const f = upto(10) | flow::map([](int) -> int {
                       boost::throw_exception(boost::system::system_error(asio::error::connection_refused));
                   });
    auto const error = error_of([&] { collect_here(f); });
    BOOST_CHECK_THROW(std::rethrow_exception(error), boost::system::system_error);
    BOOST_TEST(to_string(flow::place_of(error).value()) == "map, element 0");
}

BOOST_AUTO_TEST_CASE(an_exception_of_ones_own_that_can_nest_gets_its_place) {
    told_error thrown("bad");
    thrown.code = 7;
    auto const error = thrown_through_a_flow(thrown);
    BOOST_CHECK_EXCEPTION(std::rethrow_exception(error), told_error, [](auto const& e) { return e.code == 7; });
    BOOST_TEST(to_string(flow::place_of(error).value()) == "map, element 3");
}

BOOST_AUTO_TEST_CASE(what_was_nested_before_is_nested_in_the_place) {
    auto const f = upto(10) | flow::map([](int i) {
                       try {
                           return throws_at(4)(i);
                       } catch (...) {
                           std::throw_with_nested(std::logic_error("outer"));
                       }
                   });
    std::vector<std::string> chain;
    auto error = error_of([&] { collect_here(f); });
    while (error) {
        auto const now = std::exchange(error, nullptr);
        try {
            std::rethrow_exception(now);
        } catch (std::exception const& e) {
            chain.emplace_back(e.what());
            error = error_of([&] { std::rethrow_if_nested(e); });
        }
    }
    BOOST_TEST(chain == (std::vector<std::string>{"outer", "in map, element 4", "bad"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(other_exceptions_stay_as_they_are_and_the_log_tells_their_place) {
    default_journal log;
    auto const plain = thrown_through_a_flow(plain_error("odd"));
    BOOST_CHECK_THROW(std::rethrow_exception(plain), plain_error);
    BOOST_TEST(!flow::place_of(plain));
    auto const number = thrown_through_a_flow(42);
    BOOST_CHECK_EXCEPTION(std::rethrow_exception(number), int, [](int i) { return i == 42; });
    BOOST_TEST(log.text.str() ==
               "error failed in map, element 3: odd\n"
               "error failed in map, element 3: an exception that is no std::exception\n");
}

BOOST_AUTO_TEST_CASE(an_exception_keeps_the_place_where_it_was_thrown_first) {
    auto const outer = upto(3) | flow::map([](int i) {
                           auto const inner = upto(10) | flow::map(throws_at(5)).named("inner");
                           return collect_here(inner)[static_cast<std::size_t>(i)];
                       });
    auto const error = error_of([&] { collect_here(outer); });
    BOOST_TEST(to_string(flow::place_of(error).value()) == "map(inner), element 5");
}

BOOST_AUTO_TEST_CASE(what_is_no_flows_exception_has_no_place) {
    BOOST_TEST(!flow::place_of(nullptr));
    BOOST_TEST(!flow::place_of(std::make_exception_ptr(42)));
    BOOST_TEST(!flow::place_of(std::make_exception_ptr(std::runtime_error("bad"))));
    BOOST_TEST(!flow::place_of(std::make_exception_ptr(told_error("bad"))));
}

BOOST_AUTO_TEST_SUITE_END()
