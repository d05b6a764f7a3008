#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <memory>
#include <sstream>
#include <string>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(logging)

using namespace stages;

namespace {

/// A logger that a test can read.
struct journal {
    std::ostringstream text;
    std::shared_ptr<spdlog::logger> logger =
        std::make_shared<spdlog::logger>("journal", std::make_shared<spdlog::sinks::ostream_sink_st>(text));

    journal() { logger->set_pattern("%l %v"); }
};

struct floods {
    bool done = false;
    auto handle_demand(std::size_t) -> sluice::emission<int> {
        if (std::exchange(done, true)) return {};
        return sluice::emission<int>::last(iota(0, 10));
    }
};

class throwing_sink final : public spdlog::sinks::sink {
public:
    void log(spdlog::details::log_msg const&) override { throw std::runtime_error("the sink throws"); }
    void flush() override {}
    void set_pattern(std::string const&) override {}
    void set_formatter(std::unique_ptr<spdlog::formatter>) override {}
};

auto leave_at_once(inlet<int>& in) -> asio::awaitable<void> { co_await in.receive(); }
auto fails(outlet<int>& out) -> asio::awaitable<void> {
    co_await out.demand();
    throw std::runtime_error("oops");
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_a_full_buffer_drops_is_told_with_the_stages_name) {
    in_many_orders(
        [](simulation& home) {
            journal log;
            std::vector<int> got;
            sluice::producer<int> numbers{home, sluice::outlet_options{.buffer_size = 3}, floods{}};
            numbers.set_name("numbers");
            numbers.set_logger(log.logger);
            expect_text(numbers.name(), "numbers", "the name");
            sluice::consumer<int> collected{home, sluice::from(numbers, {.max_demand = 2, .min_demand = 0}), collector,
                                            std::ref(got)};
            expect_text(run_all(home, numbers, collected), "normal", "the run");
            expect_text(log.text.str(), "warning numbers: discarded 5 events: the buffer is full\n", "the log");
        },
        20);
}

BOOST_AUTO_TEST_CASE(what_is_left_when_a_consumer_leaves_is_counted_told_and_given_to_the_hook) {
    in_many_orders(
        [](simulation& home) {
            journal log;
            std::size_t hooked = 0;
            sluice::producer<int> numbers{home, counter, 0, 100};
            sluice::consumer<int> early{home, sluice::from(numbers, {.max_demand = 10, .min_demand = 9}),
                                        leave_at_once};
            early.set_name("early");
            early.set_logger(log.logger);
            early.on_discard([&](batch<int> events, sluice::discard_reason why) {
                invariant(why == sluice::discard_reason::stage_ended, "the reason");
                hooked += events.size();
            });
            expect_text(run_all(home, numbers, early), "normal", "the run");
            expect_equal(hooked, early.stats().discarded, "counted and hooked");
            invariant(hooked > 0, "some were left");
            invariant(log.text.str().find("warning early: discarded ") == 0, "the log: " + log.text.str());
        },
        20);
}

BOOST_AUTO_TEST_CASE(an_end_that_is_not_normal_is_told) {
    in_many_orders(
        [](simulation& home) {
            journal log;
            sluice::producer<int> bad{home, fails};
            bad.set_name("bad");
            bad.set_logger(log.logger);
            sluice::consumer<int> reads{home, sluice::from(bad), leave_at_once};
            expect_text(run_all(home, bad, reads), "oops", "the run");
            expect_text(log.text.str(), "error bad: ended because of failed: oops\n", "the log");

            journal second;
            sluice::producer<int> stopped{home, fails};
            stopped.set_logger(second.logger);
            stopped.set_name("stopped");
            outcome told;
            start(told, stopped);
            home.run();
            stopped.stop();
            home.run();
            expect_text(second.text.str(), "info stopped: ended because of shutdown\n", "the log");
        },
        20);
}

BOOST_AUTO_TEST_CASE(a_normal_run_says_nothing) {
    in_many_orders(
        [](simulation& home) {
            journal log;
            std::vector<int> got;
            sluice::producer<int> numbers{home, counter, 0, 100};
            sluice::consumer<int> collected{home, sluice::from(numbers, {.max_demand = 5}), collector, std::ref(got)};
            for (sluice::stage* each :
                 {static_cast<sluice::stage*>(&numbers), static_cast<sluice::stage*>(&collected)}) {
                each->set_logger(log.logger);
            }
            expect_text(run_all(home, numbers, collected), "normal", "the run");
            expect_text(log.text.str(), "", "the log");
        },
        20);
}

BOOST_AUTO_TEST_CASE(demands_that_differ_are_told_once_each) {
    in_many_orders(
        [](simulation& home) {
            journal log;
            std::vector<int> one, two;
            sluice::producer<int> numbers{home, counter, 0, 100};
            numbers.set_name("numbers");
            numbers.set_logger(log.logger);
            sluice::consumer<int> small{home, sluice::from(numbers, {.max_demand = 5}), collector, std::ref(one)};
            outcome told;
            start(told, numbers, small);
            home.run_ready(15);
            sluice::consumer<int> large{home, sluice::from(numbers, {.max_demand = 50}), collector, std::ref(two)};
            start(told, large);
            home.run();
            if (!two.empty()) invariant(log.text.str().find("warning numbers: ") == 0, "the log: " + log.text.str());
        },
        20);
}

BOOST_AUTO_TEST_CASE(a_logger_that_throws_does_no_harm) {
    in_many_orders(
        [](simulation& home) {
            auto const broken = std::make_shared<spdlog::logger>("broken", std::make_shared<throwing_sink>());
            broken->set_error_handler(
                [](std::string const&) { throw std::runtime_error("and its error handler too"); });
            std::vector<int> got;
            sluice::producer<int> numbers{home, sluice::outlet_options{.buffer_size = 3}, floods{}};
            numbers.set_logger(broken);
            sluice::consumer<int> collected{home, sluice::from(numbers, {.max_demand = 2, .min_demand = 0}), collector,
                                            std::ref(got)};
            expect_text(run_all(home, numbers, collected), "normal", "the run");
            expect_equal(got.size(), 5u, "events");
        },
        20);
}

BOOST_AUTO_TEST_SUITE_END()
