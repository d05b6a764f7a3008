#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <sluice/testing/counted.hpp>
#include <sluice/testing/explore.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "scenarios.hpp"

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using namespace sluice::testing;
using namespace testing_scenarios;

/// What is said of a scenario's one schedule.
template <typename Scenario>
auto text_of(Scenario run, simulation_options simulation = {}) -> std::string {
    auto options = quietly(1);
    options.simulation = simulation;
    auto const report = explore(options, run);
    return report.first_failure ? report.first_failure->text : "passed";
}

/// Submits itself for ever.
struct endless {
    simulation* home;
    void operator()() const { asio::post(*home, *this); }
};

/// Submits a handler when it goes.
class submits_late {
public:
    explicit submits_late(simulation& home) : executor_{home.get_executor()} {}
    submits_late(submits_late const&) = delete;
    auto operator=(submits_late const&) -> submits_late& = delete;
    ~submits_late() {
        asio::post(executor_, [] {});
    }

private:
    simulation::executor_type executor_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(testing_schedule)

BOOST_AUTO_TEST_CASE(a_scenario_that_throws_fails) {
    BOOST_TEST(text_of([](simulation&) {}) == "passed");
    BOOST_TEST(text_of([](simulation&) { throw std::runtime_error("thrown"); }) == "thrown");
    BOOST_TEST(contains(text_of([](simulation&) { throw 42; }), "not derived from std::exception"));
}

BOOST_AUTO_TEST_CASE(what_escapes_a_handler_fails_the_schedule) {
    BOOST_TEST(text_of([](simulation& home) {
                   asio::post(home, [] { throw std::runtime_error("escaped"); });
                   home.run();
               }) == "escaped");
    BOOST_TEST(text_of([](simulation& home) { home.fail("said so"); }) == "said so");
}

BOOST_AUTO_TEST_CASE(a_violation_counts_even_if_somebody_catches_it) {
    auto const text = text_of([](simulation& home) {
        asio::post(home, [] {
            try {
                invariant(false, "swallowed");
            } catch (violation const&) {
                return;
            }
        });
        home.run();
    });
    BOOST_TEST(contains(text, "swallowed"));
}

BOOST_AUTO_TEST_CASE(what_is_submitted_on_the_way_out_is_run_and_is_no_fault) {
    BOOST_TEST(text_of([](simulation& home) { submits_late const local{home}; }) == "passed");
    BOOST_TEST(text_of([](simulation& home) { asio::post(home, [] { throw std::runtime_error("at last"); }); }) ==
               "at last");
}

BOOST_AUTO_TEST_CASE(what_does_not_end_fails_the_schedule) {
    auto const text = text_of(
        [](simulation& home) {
            asio::post(home, endless{&home});
            home.run();
        },
        {.step_budget = 50});
    BOOST_TEST(contains(text, "the step budget ran out"));
    BOOST_TEST(contains(text, "1 queued handler(s) left behind"));
}

BOOST_AUTO_TEST_CASE(timers_work_and_expectations_left_behind_fail_the_schedule) {
    BOOST_TEST(contains(text_of([](simulation& home) { home.async_wait(1s, [](boost::system::error_code) {}); }),
                        "1 pending timer(s) left behind"));
    BOOST_TEST(text_of([](simulation& home) { home.expect_none("thing(s)", [] { return std::size_t{2}; }); }) ==
               "2 thing(s) left behind");
    asio::any_io_executor work;
    auto const text = text_of([&work](simulation& home) {
        work = asio::prefer(asio::any_io_executor{home.get_executor()}, asio::execution::outstanding_work.tracked);
        home.expect_none("executor(s)", [&work] {
            work = asio::any_io_executor{};  // must not outlive its context
            return std::size_t{0};
        });
    });
    BOOST_TEST(contains(text, "1 outstanding work"));
}

BOOST_AUTO_TEST_CASE(events_left_alive_fail_the_schedule_and_may_go_later) {
    std::vector<counted<int>> leaked;
    BOOST_TEST(text_of([&](simulation& home) { leaked.emplace_back(home.events(), 1); }) == "1 event(s) left alive");
    leaked.clear();
    std::vector<counted<int>> empty;
    auto const text = text_of([&](simulation& home) {
        empty.emplace_back(home.events(), 1);
        auto const taken = std::move(empty.back());
    });
    BOOST_TEST(text == "1 moved-from event(s) left alive");
}

BOOST_AUTO_TEST_CASE(a_submission_to_a_destroyed_context_fails_the_schedule) {
    auto const text = text_of([](simulation& home) {
        submits_late const local{home};
        home.destroy_context();
    });
    BOOST_TEST(contains(text, "1 handler(s) were submitted to a context that was destroyed"));
}

BOOST_AUTO_TEST_SUITE_END()
