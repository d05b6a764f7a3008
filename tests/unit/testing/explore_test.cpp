#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <sluice/testing/choosers.hpp>
#include <sluice/testing/explore.hpp>
#include <sluice/testing/spawn.hpp>
#include <sluice/testing/timer.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using namespace sluice::testing;

auto contains(std::string const& text, std::string const& part) -> bool { return text.find(part) != std::string::npos; }

/// Sets an environment variable for as long as it lives.
class environment_variable {
public:
    environment_variable(char const* name, char const* value) : name_{name} { ::setenv(name, value, 1); }
    environment_variable(environment_variable const&) = delete;
    auto operator=(environment_variable const&) -> environment_variable& = delete;
    ~environment_variable() { ::unsetenv(name_); }

private:
    char const* name_;
};

/// Quiet, and not to be changed from outside: these are tests of what explore() itself does.
auto quietly(std::size_t seeds) -> explore_options {
    return {.name = "quiet", .seeds = seeds, .quiet = true, .heed_environment = false};
}

/// One box between two coroutines. The planted race: the receiver looks, hops, and only then sleeps; a sender that
/// comes in between wakes nobody.
class mailbox {
public:
    mailbox(simulation& home, bool lossy) : lossy_{lossy}, bell_{home} { bell_.expires_at(timer::time_point::max()); }

    void send() {
        ++letters_;
        if (sleeping_) bell_.cancel();
    }
    auto receive() -> asio::awaitable<void> {
        while (letters_ == 0) {
            if (lossy_) co_await asio::post(asio::use_awaitable);
            sleeping_ = true;
            boost::system::error_code error;
            auto token = asio::redirect_error(asio::use_awaitable, error);
            co_await bell_.async_wait(token);
            sleeping_ = false;
        }
        --letters_;
    }

private:
    bool lossy_;
    bool sleeping_ = false;
    int letters_ = 0;
    timer bell_;
};

auto take_letters(mailbox& box, int n, int& taken) -> asio::awaitable<void> {
    for (; taken < n; ++taken) co_await box.receive();
}
auto send_letters(mailbox& box, int n) -> asio::awaitable<void> {
    for (int i = 0; i < n; ++i) {
        for (int turn = 0; turn < 3; ++turn) co_await asio::post(asio::use_awaitable);
        box.send();
    }
}

void post_office(simulation& home, bool lossy) {
    mailbox box{home, lossy};
    int taken = 0;
    spawn(home, take_letters(box, 2, taken));
    spawn(home, send_letters(box, 2));
    auto const result = home.run();
    if (home.stopped() || home.destroyed()) return;
    invariant(taken == 2, "a letter was sent and nobody woke");
    invariant(result.complete(), "all have ended");
}

/// Coroutines on strands that hold events, wait and post.
auto busy_body(simulation& home, int depth) -> asio::awaitable<void> {
    counted_mark const frame{home.events()};
    counted<std::string> const event{home.events(), std::string(100, 'x')};
    co_await hesitate(home);
    if (depth > 0) co_await busy_body(home, depth - 1);
    co_await home.async_wait(1ms, asio::use_awaitable);
}
void busy_scenario(simulation& home) {
    for (int i = 0; i < 3; ++i) spawn(home, asio::make_strand(home), busy_body(home, i));
    for (int i = 0; i < 2; ++i) spawn(home, busy_body(home, i));
    auto const result = home.run();
    if (home.stopped() || home.destroyed()) return;
    invariant(result.complete(), "all have ended");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(testing_explore)

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_schedule) {
    auto options = quietly(2000);
    options.check_determinism = true;
    auto const report = explore(options, busy_scenario);
    BOOST_TEST(report.passed(), report);
    BOOST_TEST(report.schedules == 2000U);
    BOOST_TEST(report.distinct > 1500U);
    BOOST_TEST(report.steps > 2000U * 10U);
}

BOOST_AUTO_TEST_CASE(a_scenario_with_a_will_of_its_own_is_found_out) {
    auto options = quietly(10);
    options.check_determinism = true;
    int runs = 0;
    auto const report = explore(options, [&](simulation& home) {
        ++runs;
        for (int i = 0; i < runs; ++i) asio::post(home, [] {});
        home.run();
    });
    BOOST_REQUIRE(report.first_failure);
    BOOST_TEST(!report.first_failure->deterministic);
    BOOST_TEST(contains(report.first_failure->text, "went otherwise"));
}

BOOST_AUTO_TEST_CASE(a_lost_wake_up_is_found_by_seeds_and_not_by_first_in_first_out) {
    auto const report = explore(quietly(100), [](simulation& home) { post_office(home, true); });
    BOOST_REQUIRE(report.first_failure);
    BOOST_TEST(report.first_failure->seed < 100U);
    BOOST_TEST(contains(report.first_failure->text, "nobody woke"));
    BOOST_TEST(report.first_failure->deterministic);

    fifo_chooser in_order;
    simulation home{in_order};
    post_office(home, true);  // does not throw

    BOOST_TEST(explore(quietly(1000), [](simulation& s) { post_office(s, false); }).passed());
}

BOOST_AUTO_TEST_CASE(an_exhaustive_exploration_counts_the_orders_of_a_tiny_program) {
    auto const independent = [](std::size_t n) {
        return [n](simulation& home) {
            for (std::size_t i = 0; i < n; ++i) asio::post(home, [] {});
            home.run();
        };
    };
    auto const three = explore_exhaustively(1000, independent(3));
    BOOST_TEST(three.schedules == 6U);
    BOOST_TEST(three.distinct == 6U);
    BOOST_TEST(three.exhausted);
    BOOST_TEST(three.passed());
    BOOST_TEST(explore_exhaustively(1000, independent(5)).schedules == 120U);
    auto const limited = explore_exhaustively(100, independent(5));
    BOOST_TEST(limited.schedules == 100U);
    BOOST_TEST(!limited.exhausted);

    // Two chains of two: 4! / (2! 2!) orders.
    auto const chains = explore_exhaustively(1000, [](simulation& home) {
        for (int i = 0; i < 2; ++i) asio::post(home, [&home] { asio::post(home, [] {}); });
        home.run();
    });
    BOOST_TEST(chains.schedules == 6U);
}

BOOST_AUTO_TEST_CASE(an_exhaustive_exploration_finds_the_one_order_that_fails) {
    auto options = quietly(1);
    options.simulation = order_alone();
    auto const run = [](simulation& home) {
        int next = 3;
        for (int i = 0; i < 4; ++i) {
            asio::post(home, [&next, i] {
                if (i == next) --next;
            });
        }
        home.run();
        invariant(next >= 0, "counted down");
    };
    auto const report = explore_exhaustively(1000, run, options);
    BOOST_REQUIRE(report.first_failure);
    BOOST_TEST(to_string(report.first_failure->decisions) == "3/4 2/3 1/2");
    BOOST_TEST(report.first_failure->seed == 23U);  // the last of 24

    options.stop_after_failures = 100;
    std::ostringstream out;
    options.quiet = false;
    options.out = &out;
    BOOST_TEST(explore_exhaustively(1000, run, options).failures == 1U);
    BOOST_TEST(contains(out.str(), "schedule 23 fails"), out.str());
    BOOST_TEST(contains(out.str(), "replay(parse_trace(\"3/4 2/3 1/2\"), scenario)"), out.str());
}

BOOST_AUTO_TEST_CASE(a_failure_is_told_with_seed_decisions_and_how_to_run_it_again) {
    std::ostringstream out;
    explore_options options{.name = "the lossy post office", .seeds = 100, .out = &out, .heed_environment = false};
    auto const run = [](simulation& home) { post_office(home, true); };
    auto const report = explore(options, run);
    BOOST_REQUIRE(report.first_failure);
    auto const& failure = *report.first_failure;
    auto const seed = std::to_string(failure.seed);
    BOOST_TEST(contains(out.str(), "the lossy post office: seed " + seed + " fails"), out.str());
    BOOST_TEST(contains(out.str(), "nobody woke"));
    BOOST_TEST(contains(out.str(), "decisions: " + to_string(failure.decisions)));
    BOOST_TEST(contains(out.str(), "SLUICE_SEED=" + seed));
    BOOST_TEST(contains(out.str(), "SLUICE_TRACE='" + to_string(failure.shrunk) + "'"));
    std::ostringstream summary;
    summary << report;
    BOOST_TEST(contains(summary.str(), "1 failed; first: seed " + seed));

    // The seed alone, and each of the traces, fails in the same way.
    BOOST_TEST(failure.shrunk.deviations() <= failure.decisions.deviations());
    options.first_seed = failure.seed;
    options.seeds = 1;
    options.quiet = true;
    auto const by_seed = explore(options, run);
    BOOST_REQUIRE(by_seed.first_failure);
    BOOST_TEST(by_seed.first_failure->text == failure.text);
    BOOST_CHECK(by_seed.first_failure->decisions == failure.decisions);
    auto const by_trace = replay(parse_trace(to_string(failure.decisions)), run);
    BOOST_REQUIRE(by_trace);
    BOOST_TEST(by_trace->text == failure.text);
    auto const by_shrunk = replay(failure.shrunk, run);
    BOOST_REQUIRE(by_shrunk);
    BOOST_TEST(by_shrunk->text == failure.shrunk_text);
    BOOST_TEST(!replay(trace{}, run).has_value());
}

BOOST_AUTO_TEST_CASE(the_environment_says_which_seeds_run_instead) {
    std::vector<std::size_t> drawn;
    auto const run = [&](simulation&, chooser& decider) { drawn.push_back(decider.choose(1'000'000'000)); };
    explore_options const options{.name = "environment", .seeds = 10};
    explore(options, run);
    auto const all = std::exchange(drawn, {});
    BOOST_TEST(all.size() == 10U);
    {
        environment_variable const seed{"SLUICE_SEED", "7"};
        explore(options, run);
        BOOST_REQUIRE(drawn.size() == 1U);
        BOOST_TEST(drawn[0] == all[7]);
        drawn.clear();
        BOOST_TEST(explore({.seeds = 10, .heed_environment = false}, run).schedules == 10U);
        drawn.clear();
    }
    {
        environment_variable const count{"SLUICE_SCHEDULES", "25"};
        environment_variable const first{"SLUICE_FIRST_SEED", "3"};
        BOOST_TEST(explore(options, run).schedules == 25U);
        BOOST_TEST(drawn[0] == all[3]);
        drawn.clear();
    }
    {
        environment_variable const decisions{"SLUICE_TRACE", "123/1000000000"};
        BOOST_TEST(explore(options, run).schedules == 1U);
        BOOST_TEST(drawn[0] == 123U);
    }
    {
        environment_variable const wrong{"SLUICE_SEED", "seven"};
        BOOST_CHECK_THROW(explore(options, run), std::invalid_argument);
    }
}

BOOST_AUTO_TEST_CASE(whatever_goes_wrong_or_is_left_behind_fails_a_schedule) {
    auto const text_of = [](auto run) {
        auto const report = explore(quietly(1), run);
        return report.first_failure ? report.first_failure->text : "passed";
    };
    BOOST_TEST(text_of([](simulation&) {}) == "passed");
    BOOST_TEST(text_of([](simulation&) { throw std::runtime_error("thrown"); }) == "thrown");
    BOOST_TEST(contains(text_of([](simulation&) { throw 42; }), "not derived from std::exception"));
    BOOST_TEST(text_of([](simulation& home) {
                   asio::post(home, [] { throw std::runtime_error("escaped"); });
                   home.run();
               }) == "escaped");
    BOOST_TEST(contains(text_of([](simulation& home) {
                            asio::post(home, [] {
                                try {
                                    invariant(false, "swallowed");
                                } catch (violation const&) {}
                            });
                            home.run();
                        }),
                        "swallowed"));
    BOOST_TEST(text_of([](simulation& home) { asio::post(home, [] {}); }) == "passed");  // it is run on the way out
    BOOST_TEST(text_of([](simulation& home) { asio::post(home, [] { throw std::runtime_error("at last"); }); }) ==
               "at last");
    BOOST_TEST(contains(text_of([](simulation& home) { home.async_wait(1s, [](boost::system::error_code) {}); }),
                        "1 pending timer(s) left behind"));
    BOOST_TEST(text_of([](simulation& home) { home.expect_none("thing(s)", [] { return std::size_t{2}; }); }) ==
               "2 thing(s) left behind");
    std::vector<counted<int>> leaked;
    BOOST_TEST(text_of([&](simulation& home) { leaked.emplace_back(home.events(), 1); }) == "1 event(s) left alive");
    leaked.clear();  // late, but no crash
    BOOST_TEST(contains(text_of([](simulation& home) {
                            struct submits_late {
                                explicit submits_late(simulation& s) : executor{s.get_executor()} {}
                                submits_late(submits_late&&) = default;
                                ~submits_late() {
                                    if (alive) asio::post(executor, [] {});
                                }
                                void operator()() {}
                                simulation::executor_type executor;
                                std::unique_ptr<int> alive = std::make_unique<int>(1);
                            } const local{home};
                            home.destroy_context();
                        }),
                        "submitted to a context that was destroyed"));
    BOOST_TEST(contains(text_of([](simulation& home) {
                            static auto work = std::make_shared<asio::any_io_executor>();
                            *work = asio::prefer(asio::any_io_executor{home.get_executor()},
                                                 asio::execution::outstanding_work.tracked);
                            home.expect_none("released", [] {
                                *work = asio::any_io_executor{};
                                return std::size_t{0};
                            });
                        }),
                        "1 outstanding work"));
    struct endless {
        simulation* home;
        void operator()() const { asio::post(*home, *this); }
    };
    auto options = quietly(1);
    options.simulation.step_budget = 50;
    auto const report = explore(options, [](simulation& home) {
        asio::post(home, endless{&home});
        home.run();
    });
    BOOST_REQUIRE(report.first_failure);
    BOOST_TEST(contains(report.first_failure->text, "the step budget ran out"));
    BOOST_TEST(contains(report.first_failure->text, "1 queued handler(s) left behind"));
}

BOOST_AUTO_TEST_CASE(exploration_ends_after_as_many_failures_as_wanted) {
    auto options = quietly(100);
    auto const run = [](simulation&, chooser& decider) { invariant(decider.choose(4) != 1, "one in four"); };
    BOOST_TEST(explore(options, run).failures == 1U);
    options.stop_after_failures = 1000;
    auto const report = explore(options, run);
    BOOST_TEST(report.schedules == 100U);
    BOOST_TEST(report.failures > 10U);
    BOOST_TEST(report.failures < 50U);
    BOOST_TEST(to_string(report.first_failure->shrunk) == "1/4");
}

BOOST_AUTO_TEST_CASE(a_stop_after_every_step_leaves_nothing_behind) {
    auto const report = after_every_step(quietly(4), busy_scenario, [](simulation& home) { home.stop(); });
    BOOST_TEST(report.passed(), report);
    BOOST_TEST(report.schedules > 4U * 20U);
}

BOOST_AUTO_TEST_CASE(destroying_the_context_after_every_step_leaves_nothing_behind) {
    auto const destroy = [](simulation& home) { home.destroy_context(); };
    auto const report = after_every_step(quietly(4), busy_scenario, destroy);
    BOOST_TEST(report.passed(), report);
    BOOST_TEST(report.schedules > 4U * 20U);
    auto const offices = after_every_step(
        quietly(20), [](simulation& home) { post_office(home, false); }, destroy);
    BOOST_TEST(offices.passed(), offices);
}

BOOST_AUTO_TEST_CASE(the_step_after_which_a_disturbance_does_harm_is_named) {
    // A handler between the third and the fifth holds what nobody frees when the run is abandoned.
    auto const run = [](simulation& home) {
        std::optional<int> open;
        home.expect_none("open door(s)", [] { return std::size_t{0}; });
        int step = 0;
        for (int i = 0; i < 6; ++i) {
            asio::post(home, [&] {
                ++step;
                if (step == 3) open = 1;
                if (step == 5) open.reset();
            });
        }
        home.run();
        invariant(!open, "the door was left open");
    };
    auto options = quietly(1);
    options.stop_after_failures = 10;
    std::ostringstream out;
    options.quiet = false;
    options.out = &out;
    auto const report = after_every_step(options, run, [](simulation& home) { home.stop(); });
    BOOST_TEST(report.schedules == 6U);
    BOOST_TEST(report.failures == 2U);
    BOOST_REQUIRE(report.first_failure);
    BOOST_TEST(report.first_failure->after_step == 3U);
    BOOST_TEST(contains(out.str(), "seed 0 fails, disturbed after step 3"), out.str());
    BOOST_TEST(contains(out.str(), "SLUICE_SEED=0\n"), out.str());

    auto const broken = after_every_step(
        quietly(3), [](simulation&) { fail("always"); }, [](simulation&) {});
    BOOST_TEST(broken.failures == 1U);  // fails undisturbed: that is told, once
    BOOST_TEST(broken.first_failure->after_step == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
