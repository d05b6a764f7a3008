#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <memory>
#include <sluice/consumer_supervisor.hpp>
#include <sluice/supervisor.hpp>
#include <sstream>
#include <stdexcept>
#include <string>

#include "../stages/support.hpp"

using namespace stages;
using sluice::restart_mode;

namespace {

/// A logger that a test can read.
struct journal {
    std::ostringstream text;
    std::shared_ptr<spdlog::logger> logger =
        std::make_shared<spdlog::logger>("journal", std::make_shared<spdlog::sinks::ostream_sink_st>(text));

    journal() { logger->set_pattern("%l %v"); }
};

auto fails_at_first(int, int& runs) -> asio::awaitable<void> {
    if (++runs == 1) throw std::runtime_error("oops");
    co_return;
}
auto source_that_fails_at_first(outlet<int>&, int& runs) -> asio::awaitable<void> {
    if (++runs == 1) throw std::runtime_error("oops");
    co_return;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(logging_of_supervision)

BOOST_AUTO_TEST_CASE(a_child_that_fails_is_told_with_its_number) {
    for (auto const again : {restart_mode::temporary, restart_mode::transient}) {
        in_many_orders(
            [&](simulation& home) {
                journal log;
                int runs = 0;
                sluice::producer<int> one{home, counter, 0, 1};
                sluice::consumer_supervisor<int> tested{
                    home, sluice::from(one), {.restart = again}, fails_at_first, std::ref(runs)};
                tested.set_name("workers");
                tested.set_logger(log.logger);
                expect_text(run_all(home, one, tested), "normal", "the run");
                expect_text(log.text.str(),
                            again == restart_mode::transient
                                ? "warning workers: child 1 failed: oops; it is run again\n"
                                : "warning workers: child 1 failed: oops\n",
                            "the log");
            },
            10);
    }
}

BOOST_AUTO_TEST_CASE(a_restart_is_told_and_children_log_by_the_supervisors_logger_under_their_own_names) {
    in_many_orders(
        [](simulation& home) {
            journal log;
            int runs = 0;
            sluice::supervisor tested{home};
            tested.add("moody", [&](sluice::supervised& here) {
                return sluice::producer<int>{here, source_that_fails_at_first, std::ref(runs)};
            });
            tested.set_name("pipeline");
            tested.set_logger(log.logger);
            expect_text(run_all(home, tested), "normal", "the run");
            expect_text(log.text.str(),
                        "error moody: ended because of failed: oops\n"
                        "warning pipeline: moody ended: failed: oops; it is restarted\n",
                        "the log");
        },
        10);
}

BOOST_AUTO_TEST_SUITE_END()
