#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <optional>
#include <set>
#include <sluice/detail/environment.hpp>
#include <sluice/testing/choosers.hpp>
#include <sluice/testing/simulation.hpp>
#include <stdexcept>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace sluice::testing;
using sluice::detail::environment;

struct fixture {
    fifo_chooser decider;
    std::vector<int> log;

    auto note(int n) {
        return [this, n] { log.push_back(n); };
    }
};

/// Submits itself for ever.
struct again {
    simulation* home;
    void operator()() const { asio::post(*home, *this); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(testing_simulation, fixture)

BOOST_AUTO_TEST_CASE(handlers_run_in_the_order_that_the_chooser_decides) {
    replay_chooser script{parse_trace("2/3 1/2")};
    simulation home{script};
    for (int i = 0; i < 3; ++i) asio::post(home, note(i));
    auto const result = home.run();
    BOOST_TEST(log == (std::vector<int>{2, 1, 0}), boost::test_tools::per_element());
    BOOST_TEST(result.steps == 3U);
    BOOST_TEST(result.complete());
    BOOST_TEST(home.high_water() == 3U);
}

BOOST_AUTO_TEST_CASE(any_handler_can_be_taken_from_a_long_list) {
    constexpr int n = 500;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        random_chooser random{seed};
        simulation home{random};
        std::multiset<int> seen;
        for (int i = 0; i < n; ++i) {
            asio::post(home, [&, i] {
                seen.insert(i);
                if (i % 2 == 0) asio::post(home, [&seen, i] { seen.insert(n + i); });
            });
        }
        home.run();
        BOOST_TEST(seen.size() == n + n / 2U);
        BOOST_TEST((std::set<int>(seen.begin(), seen.end())).size() == seen.size());
    }
}

BOOST_AUTO_TEST_CASE(a_run_without_end_is_ended_by_the_step_budget) {
    simulation home{decider, {.step_budget = 100}};
    asio::post(home, again{&home});
    auto const result = home.run();
    BOOST_TEST(result.budget_exhausted);
    BOOST_TEST(!result.quiescent);
    BOOST_TEST(result.steps == 100U);
    BOOST_TEST(home.leftovers().size() == 2U);
    BOOST_TEST(home.run(7).steps == 7U);
    BOOST_TEST(home.steps() == 107U);
}

BOOST_AUTO_TEST_CASE(a_run_that_just_fits_its_budget_has_not_exhausted_it) {
    simulation home{decider, {.step_budget = 2}};
    asio::post(home, note(1));
    asio::post(home, note(2));
    auto const result = home.run();
    BOOST_TEST(result.complete());
    BOOST_TEST(!result.budget_exhausted);
}

BOOST_AUTO_TEST_CASE(stop_ends_a_run_after_the_present_handler_and_a_later_run_goes_on) {
    simulation home{decider};
    asio::post(home, [&] {
        home.stop();
        log.push_back(1);
    });
    asio::post(home, note(2));
    auto const result = home.run();
    BOOST_TEST(result.steps == 1U);
    BOOST_TEST(!result.quiescent);
    BOOST_TEST(!result.budget_exhausted);
    BOOST_TEST(home.stopped());
    home.run();
    BOOST_TEST(!home.stopped());
    BOOST_TEST(log.size() == 2U);
}

BOOST_AUTO_TEST_CASE(exceptions_that_escape_handlers_are_kept_and_the_run_goes_on) {
    simulation home{decider};
    asio::post(home, [] { throw std::runtime_error("first"); });
    asio::post(home, [] { throw 42; });
    asio::post(home, note(1));
    BOOST_TEST(home.run().steps == 3U);
    BOOST_TEST(home.failures().size() == 2U);
    BOOST_TEST(log.size() == 1U);
    BOOST_CHECK_THROW(std::rethrow_exception(home.failures()[0]), std::runtime_error);
    home.fail("said so");
    BOOST_TEST(home.failures().size() == 3U);
}

BOOST_AUTO_TEST_CASE(what_makes_no_sense_inside_a_handler_is_refused_there) {
    simulation home{decider};
    asio::post(home, [&] { home.run(); });
    asio::post(home, [&] { home.step(); });
    asio::post(home, [&] { home.destroy_context(); });
    home.run();
    BOOST_TEST(home.failures().size() == 3U);
    BOOST_TEST(!home.destroyed());
}

BOOST_AUTO_TEST_CASE(options_out_of_range_are_refused_by_name) {
    auto const refused = [&](simulation_options options, char const* name) {
        BOOST_CHECK_EXCEPTION(simulation(decider, options), std::invalid_argument,
                              [&](std::invalid_argument const& error) {
                                  return std::string(error.what()).find(name) != std::string::npos;
                              });
    };
    refused({.step_budget = 0}, "simulation_options::step_budget");
    refused({.messages_per_turn = 0}, "simulation_options::messages_per_turn");
    refused({.operations_per_turn = 0}, "simulation_options::operations_per_turn");
}

BOOST_AUTO_TEST_CASE(handlers_that_are_left_are_dropped_with_the_simulation) {
    auto const alive = std::make_shared<int>(1);
    {
        simulation home{decider};
        asio::post(home, [alive] {});
        asio::post(asio::make_strand(home), [alive] {});
        home.async_wait(std::chrono::seconds{1}, [alive](boost::system::error_code) {});
        BOOST_TEST(alive.use_count() == 4);
        BOOST_TEST(home.ready() == 2U);
        BOOST_TEST(home.timers() == 1U);
    }
    BOOST_TEST(alive.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(handlers_that_hold_strands_and_submit_when_they_are_dropped_go_cleanly) {
    struct submits_when_dropped {
        asio::any_io_executor executor;
        std::shared_ptr<int> alive;
        int depth;
        submits_when_dropped(asio::any_io_executor ex, std::shared_ptr<int> life, int left)
            : executor{std::move(ex)}, alive{std::move(life)}, depth{left} {}
        submits_when_dropped(submits_when_dropped&&) = default;
        ~submits_when_dropped() {
            if (alive && depth > 0) asio::post(executor, submits_when_dropped{executor, alive, depth - 1});
        }
        void operator()() {}
    };
    auto const alive = std::make_shared<int>(1);
    {
        simulation home{decider};
        auto const strand = asio::make_strand(home);
        asio::post(strand, submits_when_dropped{strand, alive, 2});
        asio::post(home, submits_when_dropped{home.get_executor(), alive, 2});
    }
    BOOST_TEST(alive.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_context_can_be_destroyed_early_and_late_submissions_are_found) {
    simulation home{decider};
    auto const alive = std::make_shared<int>(1);
    asio::post(home, [alive] {});
    home.destroy_context();
    BOOST_TEST(home.destroyed());
    BOOST_TEST(alive.use_count() == 1);
    BOOST_TEST(home.late_submissions() == 0U);
    asio::post(home, [alive] {});
    home.async_wait(std::chrono::seconds{1}, [alive](boost::system::error_code) {});
    BOOST_TEST(home.late_submissions() == 2U);
    BOOST_TEST(alive.use_count() == 1);
    BOOST_TEST(home.run().steps == 0U);
    home.destroy_context();  // again: nothing
}

BOOST_AUTO_TEST_CASE(actions_come_after_the_step_they_were_set_for) {
    simulation home{decider};
    std::vector<std::size_t> seen;
    for (std::uint64_t k : {2U, 0U, 3U}) {
        home.after_step(k, [&](simulation& s) {
            BOOST_TEST(&s == &home);
            seen.push_back(log.size());
        });
    }
    for (int i = 0; i < 3; ++i) asio::post(home, note(i));
    home.run();
    BOOST_TEST(seen == (std::vector<std::size_t>{0, 2, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_action_may_destroy_the_context_inside_a_run) {
    simulation home{decider};
    home.after_step(1, [](simulation& s) { s.destroy_context(); });
    for (int i = 0; i < 3; ++i) asio::post(home, note(i));
    auto const result = home.run();
    BOOST_TEST(result.steps == 1U);
    BOOST_TEST(log.size() == 1U);
    BOOST_TEST(home.destroyed());
}

BOOST_AUTO_TEST_CASE(the_schedule_hash_is_the_identity_of_the_interleaving) {
    auto const hash_of = [](char const* script) {
        replay_chooser decisions{parse_trace(script)};
        simulation home{decisions};
        for (int i = 0; i < 3; ++i) asio::post(home, [] {});
        home.run();
        return home.schedule_hash();
    };
    std::set<std::uint64_t> hashes;
    for (auto const* script : {"0/3 0/2", "0/3 1/2", "1/3 0/2", "1/3 1/2", "2/3 0/2", "2/3 1/2"}) {
        hashes.insert(hash_of(script));
        BOOST_TEST(hash_of(script) == hash_of(script));
    }
    BOOST_TEST(hashes.size() == 6U);
}

BOOST_AUTO_TEST_CASE(what_is_left_over_is_told_in_sentences) {
    simulation home{decider};
    home.expect_none("open file(s)", [] { return std::size_t{3}; });
    home.expect_none("open socket(s)", [] { return std::size_t{0}; });
    asio::post(home, [] {});
    auto const left = home.leftovers();
    BOOST_REQUIRE(left.size() == 2U);
    BOOST_TEST(left[0] == "1 queued handler(s) left behind");
    BOOST_TEST(left[1] == "3 open file(s) left behind");
}

BOOST_AUTO_TEST_CASE(the_library_finds_the_simulated_world_behind_any_executor) {
    simulation home{decider};
    auto& world = environment::of(asio::any_io_executor{asio::make_strand(home)});
    BOOST_CHECK(&world == &environment::of(home));
    BOOST_CHECK(world.now() == home.now());
}

BOOST_AUTO_TEST_CASE(the_simulated_world_answers_as_chosen) {
    random_chooser random{1};
    simulation home{random};
    auto& world = environment::of(home);
    std::set<bool> here;
    std::set<std::size_t> messages;
    std::set<std::size_t> operations;
    std::set<bool> heavy;
    for (int i = 0; i < 200; ++i) {
        here.insert(world.may_continue_here());
        messages.insert(world.messages_per_turn());
        operations.insert(world.operations_per_turn());
        auto const began = world.ticks();
        heavy.insert(world.ticks() - began > 1'000'000);
    }
    BOOST_TEST(here.size() == 2U);
    BOOST_TEST(messages == (std::set<std::size_t>{1, 2, 64}), boost::test_tools::per_element());
    BOOST_TEST(operations == (std::set<std::size_t>{1, 2, 3, 4}), boost::test_tools::per_element());
    BOOST_TEST(heavy.size() == 2U);
}

BOOST_AUTO_TEST_CASE(the_simulated_world_answers_as_its_options_say_without_a_decision) {
    random_chooser random{1};
    simulation home{random, order_alone()};
    auto& world = environment::of(home);
    for (int i = 0; i < 20; ++i) {
        BOOST_TEST(!world.may_continue_here());
        BOOST_TEST(world.messages_per_turn() == 1U);
        BOOST_TEST(world.operations_per_turn() == 1U);
        world.ticks();
    }
    BOOST_TEST(random.decisions().empty());
    simulation always{random, {.continue_here = answer::always}};
    BOOST_TEST(environment::of(always).may_continue_here());
    BOOST_TEST(random.decisions().empty());
}

BOOST_AUTO_TEST_CASE(what_a_chooser_throws_where_the_library_asks_is_a_failure_and_no_crash) {
    class broken final : public chooser {
        auto decide(decision, std::size_t, std::size_t) -> std::size_t override { throw std::runtime_error("broken"); }
    };
    broken bad;
    simulation home{bad};
    auto& world = environment::of(home);
    BOOST_TEST(!world.may_continue_here());
    BOOST_TEST(world.messages_per_turn() >= 1U);
    BOOST_TEST(world.operations_per_turn() >= 1U);
    BOOST_TEST(home.failures().size() == 3U);
}

BOOST_AUTO_TEST_SUITE_END()
