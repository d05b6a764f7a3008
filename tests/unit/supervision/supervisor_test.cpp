#include <algorithm>
#include <sluice/testing/explore.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "support.hpp"

using namespace supervision;

namespace {

/// Emits numbers from `next`, which it keeps outside; throws before the k-th.
auto forgetful(outlet<int>& out, int& next, int last, int& throw_at) -> asio::awaitable<void> {
    for (; next < last; ++next) {
        if (next == throw_at) {
            throw_at = -1;
            throw std::runtime_error("forgot");
        }
        const bool taken = co_await out.emit(next);
        if (!taken) co_return;
    }
}

/// Receives so many events, and throws then, once.
auto fragile(inlet<int>& in, std::vector<int>& into, std::size_t& throw_at) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        into.insert(into.end(), events->begin(), events->end());
        if (into.size() >= throw_at) {
            throw_at = std::size_t(-1);
            throw std::runtime_error("broke");
        }
    }
}

auto always_throws(outlet<int>&, int& runs) -> asio::awaitable<void> {
    throw std::runtime_error("for the " + std::to_string(++runs) + ". time");
    co_return;
}
auto returns_at_once(outlet<int>&, int& runs) -> asio::awaitable<void> {
    ++runs;
    co_return;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(supervising)

BOOST_AUTO_TEST_CASE(a_pipeline_without_failures_ends_as_it_would_without_a_supervisor) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        supervisor tested{home};
        auto numbers = tested.add("numbers", [](supervised& here) {
            return sluice::producer<int>{here, counter, 0, 50};
        });
        auto doubled = tested.add("doubled", [numbers](supervised& here) {
            return sluice::producer_consumer<int, int>{here, here.from(numbers, {.max_demand = 7}), doubler};
        });
        tested.add("collected", [doubled, &got](supervised& here) {
            return sluice::consumer<int>{here, here.from(doubled, {.max_demand = 5}), collector, std::ref(got)};
        });
        expect_text(run_all(home, tested), "normal", "the run");
        auto expected = iota(0, 50);
        for (int& e : expected) e *= 2;
        expect_equal(got, expected, "events");
    });
}

BOOST_AUTO_TEST_CASE(a_middle_that_fails_comes_back_and_the_pipeline_goes_on) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        int over = 25;
        supervisor tested{home};
        auto numbers = tested.add("numbers", [](supervised& here) {
            return sluice::producer<int>{here, counter, 0, 100};
        });
        auto doubled = tested.add("doubled", [numbers, &over](supervised& here) {
            return sluice::producer_consumer<int, int>{here, here.from(numbers, {.max_demand = 6}), stumbler,
                                                       std::ref(over)};
        });
        tested.add("collected", [doubled, &got](supervised& here) {
            return sluice::consumer<int>{here, here.from(doubled, {.max_demand = 4}), collector, std::ref(got)};
        });
        expect_text(run_all(home, tested), "normal", "the run");
        invariant(std::ranges::is_sorted(got), "in order");
        invariant(std::ranges::adjacent_find(got) == got.end(), "none twice");
        invariant(got.size() >= 100 - 18 && got.size() < 100, "only what the failed stage had in its hands is lost");
        expect_equal(got.back(), 198, "the last event");
    });
}

BOOST_AUTO_TEST_CASE(with_redelivery_a_middle_that_fails_loses_nothing) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        int over = static_cast<int>(home.get_chooser().choose(100));
        supervisor tested{home};
        auto numbers = tested.add("numbers", [](supervised& here) {
            return sluice::producer<int>{here, counter, 0, 100};
        });
        auto doubled = tested.add("doubled", [numbers, &over](supervised& here) {
            return sluice::producer_consumer<int, int>{here, here.from(numbers, {.max_demand = 6, .redeliver = true}),
                                                       stumbler, std::ref(over)};
        });
        tested.add("collected", [doubled, &got](supervised& here) {
            return sluice::consumer<int>{here, here.from(doubled, {.max_demand = 4}), collector, std::ref(got)};
        });
        expect_text(run_all(home, tested), "normal", "the run");
        auto expected = iota(0, 100);
        for (int& each : expected) each *= 2;
        expect_equal(got, expected, "events");
    });
}

BOOST_AUTO_TEST_CASE(a_producer_that_fails_comes_back_to_its_consumers) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        int next = 0, throw_at = static_cast<int>(1 + home.get_chooser().choose(38));
        supervisor tested{home};
        auto numbers = tested.add("numbers", [&](supervised& here) {
            return sluice::producer<int>{here, forgetful, std::ref(next), 40, std::ref(throw_at)};
        });
        tested.add("collected", [&, numbers](supervised& here) {
            return sluice::consumer<int>{here, here.from(numbers, {.max_demand = 3}), collector, std::ref(got)};
        });
        expect_text(run_all(home, tested), "normal", "the run");
        expect_equal(got, iota(0, 40), "events: what was emitted has found its taker before the failure");
    });
}

BOOST_AUTO_TEST_CASE(a_consumer_that_fails_comes_back_to_its_producer) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        std::size_t throw_at = 10;
        supervisor tested{home};
        auto numbers = tested.add("numbers", [](supervised& here) {
            return sluice::producer<int>{here, counter, 0, 60};
        });
        tested.add("collected", [&, numbers](supervised& here) {
            return sluice::consumer<int>{here, here.from(numbers, {.max_demand = 4}), fragile, std::ref(got),
                                         std::ref(throw_at)};
        });
        expect_text(run_all(home, tested), "normal", "the run");
        invariant(std::ranges::is_sorted(got) && std::ranges::adjacent_find(got) == got.end(), "in order, none twice");
        invariant(got.size() >= 56 - 2, "no more is lost than was under way");
        expect_equal(got.back(), 59, "the last event");
    });
}

BOOST_AUTO_TEST_CASE(one_for_one_restarts_the_one_that_failed) {
    in_many_orders([](simulation& home) {
        line all{home};
        expect_text(run_all(home, all.tested), "normal", "the run");
        expect_text(all.count.text(), "1 2 1", "made");
    });
}

BOOST_AUTO_TEST_CASE(rest_for_one_restarts_those_that_were_added_later_too) {
    in_many_orders([](simulation& home) {
        line all{home, {.strategy = restart_strategy::rest_for_one}};
        expect_text(run_all(home, all.tested), "normal", "the run");
        expect_text(all.count.text(), "1 2 2", "made");
        expect_equal(all.got.back(), 198, "the last event");
    });
}

BOOST_AUTO_TEST_CASE(one_for_all_begins_anew) {
    in_many_orders([](simulation& home) {
        line all{home, {.strategy = restart_strategy::one_for_all}};
        expect_text(run_all(home, all.tested), "normal", "the run");
        expect_text(all.count.text(), "2 2 2", "made");
        invariant(all.got.size() >= 100, "the second time everything has arrived");
        std::vector<int> const second(all.got.end() - 100, all.got.end());
        auto expected = iota(0, 100);
        for (int& each : expected) each *= 2;
        expect_equal(second, expected, "events of the second time");
    });
}

BOOST_AUTO_TEST_CASE(a_temporary_child_does_not_come_back_and_the_others_end_in_order) {
    in_many_orders([](simulation& home) {
        line all{home, {}, {.restart = restart_mode::temporary}};
        expect_text(run_all(home, all.tested), "normal", "the run");
        expect_text(all.count.text(), "1 1 1", "made");
        invariant(all.got.empty() || all.got.back() < 50, "nothing came after the failure");
    });
}

BOOST_AUTO_TEST_CASE(too_many_restarts_fail_the_supervisor_with_the_last_cause) {
    in_many_orders([](simulation& home) {
        int runs = 0;
        supervisor tested{home, {.max_restarts = 2}};
        tested.add("failing", [&](supervised& here) {
            invariant(here.restarts() == static_cast<std::size_t>(runs), "restarts");
            return sluice::producer<int>{here, always_throws, std::ref(runs)};
        });
        tested.add("idle", [](supervised& here) { return sluice::producer<int>{here, naturals}; });
        expect_text(run_all(home, tested), "for the 3. time", "the run");
        expect_equal(runs, 3, "runs");
    });
}

BOOST_AUTO_TEST_CASE(a_permanent_child_comes_back_also_when_it_has_ended_normally) {
    in_many_orders([](simulation& home) {
        int runs = 0;
        supervisor tested{home, {.max_restarts = 4}};
        tested.add("short", {.restart = restart_mode::permanent}, [&](supervised& here) {
            return sluice::producer<int>{here, returns_at_once, std::ref(runs)};
        });
        expect_text(run_all(home, tested), make_error_code(sluice::errc::too_many_restarts).message(), "the run");
        expect_equal(runs, 5, "runs");
    });
}

BOOST_AUTO_TEST_CASE(a_factory_that_throws_fails_the_start_and_is_asked_again_later) {
    in_many_orders([](simulation& home) {
        supervisor broken{home};
        broken.add("fine", [](supervised& here) { return sluice::producer<int>{here, naturals}; });
        broken.add("broken",
                   [](supervised& here) -> sluice::producer<int> { throw std::runtime_error("no " + here.name()); });
        expect_text(run_all(home, broken), "no broken", "the run");

        int runs = 0, asked = 0;
        supervisor tested{home};
        tested.add("moody", [&](supervised& here) {
            if (++asked == 2 || asked == 3) throw std::runtime_error("not now");
            if (asked == 1) return sluice::producer<int>{here, always_throws, std::ref(runs)};
            return sluice::producer<int>{here, returns_at_once, std::ref(runs)};
        });
        expect_text(run_all(home, tested), "normal", "the run");
        expect_equal(asked, 4, "times the factory was asked");
    });
}

BOOST_AUTO_TEST_CASE(a_selector_survives_the_restart_of_the_producer) {
    in_many_orders([](simulation& home) {
        std::vector<int> odd;
        int next = 0, throw_at = 20;
        supervisor tested{home};
        auto numbers = tested.add("numbers", [&](supervised& here) {
            return sluice::producer<int>{
                here, sluice::broadcast_dispatcher<int>{}, forgetful, std::ref(next), 40, std::ref(throw_at)};
        });
        tested.add("odd", [&, numbers](supervised& here) {
            auto from = here.from(numbers, {.max_demand = 5}).select([](int event) { return event % 2 == 1; });
            return sluice::consumer<int>{here, std::move(from), collector, std::ref(odd)};
        });
        expect_text(run_all(home, tested), "normal", "the run");
        expect_equal(odd.size(), std::size_t{20}, "odd numbers");
        invariant(std::ranges::all_of(odd, [](int event) { return event % 2 == 1; }), "nothing else");
    });
}

BOOST_AUTO_TEST_CASE(a_supervisor_may_be_the_child_of_another_one) {
    in_many_orders([](simulation& home) {
        int runs = 0, made_inner = 0;
        supervisor outer{home, {.max_restarts = 1}};
        outer.add("inner", [&](supervised& here) {
            ++made_inner;
            supervisor inner{here, {.max_restarts = 1}};
            inner.add("failing", [&](supervised& there) {
                return sluice::producer<int>{there, always_throws, std::ref(runs)};
            });
            return inner;
        });
        expect_text(run_all(home, outer), "for the 4. time", "the run");
        expect_equal(made_inner, 2, "inner supervisors");
    });
}

BOOST_AUTO_TEST_CASE(children_can_be_listed_and_visited) {
    in_many_orders([](simulation& home) {
        std::string listed;
        std::size_t wanted = 0;
        outcome told;
        supervisor tested{home};
        auto numbers = tested.add("numbers", [](supervised& here) { return sluice::producer<int>{here, naturals}; });
        tested.add("short", [](supervised& here) { return sluice::producer<int>{here, counter, 0, 0}; });
        start(told, tested);
        home.run();
        tested.async_which_children([&](std::exception_ptr, std::vector<sluice::supervised_info> all) {
            for (auto const& each : all) {
                listed += each.name + (each.state == child_state::active  ? " runs "
                                       : each.state == child_state::ended ? " has ended "
                                                                          : " is neither ");
            }
        });
        tested.async_visit(
            numbers, [](sluice::producer<int>& stage) { return stage.stats().demand; },
            [&](std::exception_ptr, std::size_t n) { wanted = n + 1; });
        home.run();
        expect_text(listed, "numbers runs short runs ", "children: what nobody consumes waits");
        expect_equal(wanted, std::size_t{1}, "the answer of the visit");
        tested.async_visit(
            numbers, [](sluice::producer<int>& stage) { stage.stop(); }, [](std::exception_ptr) {});
        home.run();
        expect_text(told.text(), "not ended", "the run");
        tested.stop();
        home.run();
        expect_text(told.text(), "operation_aborted", "the run");
    });
}

BOOST_AUTO_TEST_CASE(stopping_a_supervisor_after_any_step_leaves_nothing_behind) {
    for (std::size_t steps = 1; steps < 90; steps += 4) {
        for (auto const strategy :
             {restart_strategy::one_for_one, restart_strategy::rest_for_one, restart_strategy::one_for_all}) {
            in_many_orders(
                [&](simulation& home) {
                    line all{home, {.strategy = strategy}, {}, 5};
                    outcome told;
                    start(told, all.tested);
                    home.run_ready(steps);
                    all.tested.stop();
                    home.run();
                    invariant(told.calls == 1, "the run has ended: " + told.text());
                },
                2);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_context_may_be_destroyed_after_any_step_of_a_supervisor) {
    auto const everything = [](simulation& home) {
        line all{home, {.strategy = restart_strategy::rest_for_one}, {}, 5};
        outcome told;
        start(told, all.tested);
        home.run();
    };
    auto const report = sluice::testing::after_every_step({.name = "destroyed", .seeds = 2}, everything,
                                                          [](simulation& home) { home.destroy_context(); });
    BOOST_TEST(report.passed());
}

BOOST_AUTO_TEST_CASE(a_negative_period_is_refused) {
    in_many_orders(
        [](simulation& home) {
            std::string said;
            try {
                supervisor const tested{home, {.restart_period = std::chrono::seconds(-1)}};
            } catch (boost::system::system_error const& e) {
                said = e.what();
            }
            invariant(said.find("supervisor_options::restart_period must be at least 0") != std::string::npos, said);
        },
        2);
}

BOOST_AUTO_TEST_SUITE_END()
