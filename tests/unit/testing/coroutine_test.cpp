#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <sluice/testing/choosers.hpp>
#include <sluice/testing/counted.hpp>
#include <sluice/testing/explore.hpp>
#include <sluice/testing/simulation.hpp>
#include <sluice/testing/spawn.hpp>
#include <sluice/testing/timer.hpp>
#include <stdexcept>
#include <variant>

namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;
using namespace sluice::testing;
using boost::system::error_code;

template <typename Executor>
auto sleep_and_post(simulation& home, int& done) -> asio::awaitable<void, Executor> {
    asio::use_awaitable_t<Executor> const token;
    co_await home.async_wait(1s, token);
    co_await asio::post(token);
    ++done;
}

auto first_of_two(simulation& home, int& winner) -> asio::awaitable<void> {
    counted_mark const frame{home.events()};
    auto const result = co_await (home.async_wait(1h, asio::use_awaitable) || home.async_wait(1s, asio::use_awaitable));
    winner = static_cast<int>(result.index());
    invariant(home.elapsed() == 1s, "the loser's hour was not waited for");
}

auto both(simulation& home, int& done) -> asio::awaitable<void> {
    co_await (home.async_wait(2s, asio::use_awaitable) && home.async_wait(1s, asio::use_awaitable));
    done = 1;
}

auto throws_later(simulation& home) -> asio::awaitable<int> {
    co_await hesitate(home);
    throw std::runtime_error("thrown later");
}

auto wait_for_ever(simulation& home) -> asio::awaitable<void> {
    counted_mark const frame{home.events()};
    counted<int> const event{home.events(), 1};
    timer never{home};
    never.expires_at(timer::time_point::max());
    co_await never.async_wait();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(testing_coroutine)

BOOST_AUTO_TEST_CASE(coroutines_run_on_its_executor_and_on_whatever_is_made_of_it) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        auto const decider = chooser_for_seed(seed);
        simulation home{*decider};
        using executor = simulation::executor_type;
        using strand = asio::strand<executor>;
        int done = 0;
        asio::co_spawn(home.get_executor(), sleep_and_post<executor>(home, done), asio::detached);
        asio::co_spawn(strand{home.get_executor()}, sleep_and_post<strand>(home, done), asio::detached);
        asio::co_spawn(home.get_executor(), sleep_and_post<asio::any_io_executor>(home, done), asio::detached);
        asio::any_io_executor const any{home.get_executor()};
        asio::co_spawn(asio::make_strand(any), sleep_and_post<asio::any_io_executor>(home, done), asio::detached);
        asio::co_spawn(asio::any_io_executor{strand{home.get_executor()}},
                       sleep_and_post<asio::any_io_executor>(home, done), asio::detached);
        auto const result = home.run();
        BOOST_TEST(result.complete());
        BOOST_TEST(done == 5);
        BOOST_CHECK(home.elapsed() >= 1s);
    }
}

BOOST_AUTO_TEST_CASE(the_awaitable_operators_work_on_a_strand_in_every_order) {
    explore_options options{.name = "operators", .seeds = 500, .check_determinism = true};
    options.simulation.early_deadline_one_in = 0;  // else the hour may be over before anybody has looked
    auto const report = explore(options, [](simulation& home) {
        int winner = -1;
        int other = -1;
        spawn(home, asio::make_strand(home), first_of_two(home, winner));
        spawn(home, asio::make_strand(home), first_of_two(home, other));
        invariant(home.run().complete(), "the coroutine has ended");
        invariant(winner == 1 && other == 1, "the shorter wait wins");
        int done = 0;
        spawn(home, asio::make_strand(home), both(home, done));
        invariant(home.run().complete(), "the coroutine has ended");
        invariant(done == 1, "both have ended");
    });
    BOOST_TEST(report.passed());
    BOOST_TEST(report.distinct > 1U);
}

BOOST_AUTO_TEST_CASE(what_a_spawned_coroutine_throws_is_a_failure_of_the_simulation) {
    random_chooser decider{1};
    simulation home{decider};
    spawn(home, throws_later(home));
    spawn(home, [&home]() { return throws_later(home); });
    home.run();
    BOOST_TEST(home.failures().size() == 2U);
    BOOST_CHECK_THROW(std::rethrow_exception(home.failures()[0]), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(hesitation_takes_chosen_time) {
    bool at_once = false;
    bool some_time = false;
    auto const report = explore({.name = "hesitate", .seeds = 100}, [&](simulation& home) {
        spawn(home, hesitate(home));
        auto const result = home.run();
        (home.elapsed() == 0s ? at_once : some_time) = true;
        invariant(home.elapsed() <= 8ms, "at most 8 ms");
        invariant(result.complete(), "it ends");
    });
    BOOST_TEST(report.passed());
    BOOST_TEST(at_once);
    BOOST_TEST(some_time);
}

BOOST_AUTO_TEST_CASE(suspended_coroutines_are_destroyed_with_the_context) {
    fifo_chooser decider;
    simulation home{decider};
    spawn(home, asio::make_strand(home), wait_for_ever(home));
    spawn(home, wait_for_ever(home));
    auto const result = home.run();
    BOOST_TEST(!result.complete());
    BOOST_TEST(home.events().live() == 4U);
    home.destroy_context();
    BOOST_TEST(home.events().live() == 0U);
    BOOST_TEST(home.late_submissions() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
