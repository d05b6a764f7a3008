#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <set>
#include <sluice/detail/environment.hpp>
#include <sluice/testing/choosers.hpp>
#include <sluice/testing/simulation.hpp>
#include <sluice/testing/timer.hpp>
#include <stdexcept>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using namespace sluice::testing;
using boost::system::error_code;
using sluice::detail::environment;

struct fixture {
    fifo_chooser decider;
    simulation home{decider};
    std::vector<int> log;
    std::vector<error_code> errors;

    auto note(int n) {
        return [this, n](error_code error) {
            log.push_back(n);
            errors.push_back(error);
        };
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(testing_time, fixture)

BOOST_AUTO_TEST_CASE(time_jumps_to_the_next_deadline_when_nothing_is_ready) {
    home.async_wait(3h, note(3));
    home.async_wait(1h, note(1));
    home.async_wait(2h, [&](error_code) {
        log.push_back(2);
        BOOST_CHECK(home.elapsed() == 2h);
        asio::post(home, [&] { BOOST_CHECK(home.elapsed() == 2h); });
    });
    BOOST_CHECK(home.elapsed() == 0h);
    auto const result = home.run();
    BOOST_TEST(log == (std::vector<int>{1, 2, 3}), boost::test_tools::per_element());
    BOOST_CHECK(home.elapsed() == 3h);
    BOOST_TEST(result.complete());
    BOOST_TEST(!errors[0]);
}

BOOST_AUTO_TEST_CASE(time_never_goes_back_and_a_past_deadline_is_due_at_once) {
    home.async_wait(1s, [&](error_code) {
        home.async_wait(-1s, note(1));
        home.async_wait_until(home.now() - 1h, note(2));
        BOOST_TEST(home.ready() == 2U);
    });
    home.run();
    BOOST_TEST(log.size() == 2U);
    BOOST_CHECK(home.elapsed() == 1s);
}

BOOST_AUTO_TEST_CASE(a_deadline_at_the_end_of_time_never_comes) {
    home.async_wait(simulation::clock::duration::max(), note(1));
    auto const result = home.run();
    BOOST_TEST(log.empty());
    BOOST_TEST(!result.quiescent);
    BOOST_TEST(home.timers() == 1U);
    BOOST_TEST(result.steps == 0U);
}

BOOST_AUTO_TEST_CASE(a_late_machine_is_simulated_deadlines_come_although_handlers_are_ready) {
    bool early = false;
    bool late = false;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        random_chooser random{seed};
        simulation chaos{random};
        bool expired = false;
        chaos.async_wait(1s, [&](error_code) { expired = true; });
        for (int i = 0; i < 20; ++i) asio::post(chaos, [&, i] { (expired && i == 0 ? early : late) = true; });
        chaos.run();
    }
    BOOST_TEST(early);
    BOOST_TEST(late);
}

BOOST_AUTO_TEST_CASE(time_passes_only_when_all_is_quiet_if_the_options_say_so) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        random_chooser random{seed};
        simulation quiet{random, {.early_deadline_one_in = 0}};
        bool expired = false;
        quiet.async_wait(1s, [&](error_code) { expired = true; });
        for (int i = 0; i < 20; ++i) asio::post(quiet, [&] { BOOST_TEST(!expired); });
        quiet.run();
        BOOST_TEST(expired);
    }
}

BOOST_AUTO_TEST_CASE(what_is_ready_can_be_run_without_letting_time_pass) {
    home.async_wait(1s, note(1));
    asio::post(home, [&] {
        home.async_wait(0s, note(2));
        home.async_wait(2s, note(3));
    });
    auto const result = home.run_ready();
    BOOST_TEST(log == (std::vector<int>{2}), boost::test_tools::per_element());
    BOOST_TEST(result.steps == 2U);
    BOOST_TEST(!result.quiescent);
    BOOST_TEST(!result.budget_exhausted);
    BOOST_TEST(home.timers() == 2U);
    asio::post(home, [] {});
    asio::post(home, [] {});
    BOOST_TEST(home.run_ready(1).budget_exhausted);
    BOOST_TEST(home.run().complete());
}

BOOST_AUTO_TEST_CASE(equal_deadlines_fire_in_chosen_order) {
    std::set<std::vector<int>> orders;
    for (std::uint64_t seed = 0; seed < 100; seed += 2) {
        random_chooser random{seed};
        simulation chaos{random};
        std::vector<int> order;
        for (int i = 0; i < 3; ++i) chaos.async_wait(1s, [&, i](error_code) { order.push_back(i); });
        chaos.run();
        orders.insert(order);
    }
    BOOST_TEST(orders.size() == 6U);
}

BOOST_AUTO_TEST_CASE(a_wait_completes_on_the_executor_of_its_handler) {
    auto const strand = asio::make_strand(home);
    home.async_wait(1s, asio::bind_executor(strand, [&](error_code) {
                        BOOST_TEST(strand.running_in_this_thread());
                        log.push_back(1);
                    }));
    BOOST_TEST(home.outstanding_work() > 0U);
    BOOST_TEST(home.run().complete());
    BOOST_TEST(log.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_wait_can_be_cancelled_through_its_slot_and_only_once) {
    asio::cancellation_signal signal;
    home.async_wait(1s, asio::bind_cancellation_slot(signal.slot(), note(1)));
    asio::post(home, [&] {
        signal.emit(asio::cancellation_type::none);
        BOOST_TEST(home.timers() == 1U);
        signal.emit(asio::cancellation_type::total);
        BOOST_TEST(log.empty());  // as if by post
        BOOST_TEST(home.timers() == 0U);
        signal.emit(asio::cancellation_type::terminal);
    });
    BOOST_TEST(home.run().complete());
    BOOST_REQUIRE(errors.size() == 1U);
    BOOST_CHECK(errors[0] == asio::error::operation_aborted);
    BOOST_CHECK(home.elapsed() == 0s);
    BOOST_TEST(!signal.slot().has_handler());
    signal.emit(asio::cancellation_type::all);
}

BOOST_AUTO_TEST_CASE(a_wait_whose_time_has_come_is_not_cancelled_any_more) {
    asio::cancellation_signal signal;
    home.async_wait(1s, [&](error_code) { signal.emit(asio::cancellation_type::all); });
    home.async_wait(1s, asio::bind_cancellation_slot(signal.slot(), note(1)));
    home.run();
    BOOST_REQUIRE(errors.size() == 1U);
    BOOST_TEST(!errors[0]);
}

BOOST_AUTO_TEST_CASE(a_timer_finds_its_simulation_through_any_executor) {
    timer t{asio::any_io_executor{asio::make_strand(home)}, 5s};
    BOOST_CHECK(t.expiry() == home.now() + 5s);
    t.async_wait(note(1));
    home.run();
    BOOST_CHECK(home.elapsed() == 5s);
    BOOST_TEST(log.size() == 1U);

    asio::io_context io;
    BOOST_CHECK_THROW(timer{asio::any_io_executor{io.get_executor()}}, std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_timer_that_is_set_again_or_destroyed_cancels_its_waits) {
    {
        timer t{home};
        t.expires_after(1s);
        for (int i = 0; i < 20; ++i) t.async_wait(note(i));
        BOOST_TEST(t.expires_after(2s) == 20U);
        t.async_wait(note(20));
        timer moved{std::move(t)};
        BOOST_TEST(t.cancel() == 0U);
        BOOST_TEST(moved.cancel() == 1U);
        moved.async_wait(note(21));
        t = std::move(moved);
        BOOST_TEST(home.timers() == 1U);
    }
    BOOST_TEST(home.timers() == 0U);
    BOOST_TEST(home.run().complete());
    BOOST_TEST(errors.size() == 22U);
    for (auto const& error : errors) BOOST_CHECK(error == asio::error::operation_aborted);
    BOOST_CHECK(home.elapsed() == 0s);
}

BOOST_AUTO_TEST_CASE(a_timer_forgets_waits_that_are_over) {
    timer t{home};
    for (int round = 0; round < 30; ++round) {
        t.expires_after(1s);
        t.async_wait(note(round));
        home.run();
    }
    BOOST_TEST(errors.size() == 30U);
    BOOST_TEST(t.cancel() == 0U);
    BOOST_CHECK(home.elapsed() == 30s);
}

BOOST_AUTO_TEST_CASE(an_alarm_of_the_library_rings_once_in_virtual_time_on_its_executor) {
    auto& world = environment::of(home);
    auto const strand = asio::make_strand(home);
    auto const alarm = world.set_alarm(strand, world.now() + 1h, [&] {
        BOOST_TEST(strand.running_in_this_thread());
        log.push_back(1);
    });
    home.run();
    BOOST_TEST(log.size() == 1U);
    BOOST_CHECK(home.elapsed() == 1h);
}

BOOST_AUTO_TEST_CASE(an_alarm_that_was_dropped_does_not_ring_even_if_it_is_due) {
    auto& world = environment::of(home);
    auto const alive = std::make_shared<int>(1);
    auto early = world.set_alarm(home.get_executor(), world.now() + 1h, [&, alive] { log.push_back(1); });
    early.reset();
    BOOST_TEST(alive.use_count() == 1);
    BOOST_TEST(home.timers() == 0U);

    auto due = world.set_alarm(home.get_executor(), world.now(), [&, alive] { log.push_back(2); });
    home.step();  // the deadline has come, what it does is posted
    BOOST_TEST(home.ready() == 1U);
    due.reset();
    BOOST_TEST(alive.use_count() == 1);
    home.run();
    BOOST_TEST(log.empty());
}

BOOST_AUTO_TEST_CASE(an_alarm_that_still_pends_goes_with_the_context) {
    auto const alive = std::make_shared<int>(1);
    auto& world = environment::of(home);
    auto alarm = world.set_alarm(home.get_executor(), world.now() + 1h, [alive] {});
    auto rung = world.set_alarm(home.get_executor(), world.now(), [alive] {});
    home.step();
    home.destroy_context();
    BOOST_TEST(alive.use_count() == 2);  // the handler of the second was posted and dropped; its alarm holds on
    rung.reset();
    BOOST_TEST(alive.use_count() == 1);
    alarm.reset();
}

BOOST_AUTO_TEST_SUITE_END()
