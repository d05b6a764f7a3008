#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <map>
#include <optional>
#include <string>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(intakes)

using namespace stages;
using namespace std::chrono_literals;

namespace {

auto slow_collector(inlet<int>& in, simulation& home, std::vector<int>& got) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        got.insert(got.end(), events->begin(), events->end());
        co_await home.async_wait(10ms);
    }
}

auto feed(sluice::intake<int>& into, int who, int count, int& refused) -> asio::awaitable<void> {
    for (int i = 0; i < count; ++i) {
        const bool taken = co_await into.emit(who * 1000 + i);
        if (!taken) ++refused;
    }
}

auto answer_into(std::vector<std::string>& answers) {
    return [&answers](std::exception_ptr error, bool taken) {
        answers.push_back(error ? describe(error) : taken ? "taken" : "refused");
    };
}

auto leave_at_once(inlet<int>& in) -> asio::awaitable<void> { co_await in.receive(); }

}  // namespace

BOOST_AUTO_TEST_CASE(many_coroutines_feed_one_pipeline_each_in_its_order) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        int refused = 0, feeding = 4;
        sluice::intake<int> lines{home};
        sluice::consumer<int> collected{home, sluice::from(lines, {.max_demand = 3}), collector, std::ref(got)};
        outcome told;
        start(told, collected);
        for (int who = 0; who < 4; ++who) {
            sluice::testing::spawn(home, [&, who]() -> asio::awaitable<void> {
                co_await feed(lines, who, 25, refused);
                if (--feeding == 0) lines.close();
            });
        }
        home.run();
        expect_text(told.text(), "normal", "the run");
        expect_equal(refused, 0, "refused");
        expect_equal(got.size(), 100u, "events");
        std::map<int, int> next;
        for (int event : got) expect_equal(event % 1000, next[event / 1000]++, "the next event of its feeder");
    });
}

BOOST_AUTO_TEST_CASE(emits_are_served_in_the_order_in_which_they_came) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        std::vector<std::string> answers;
        sluice::intake<int> lines{home};
        for (int i = 0; i < 20; ++i) lines.async_emit(i, answer_into(answers));
        lines.close();
        sluice::consumer<int> collected{home, sluice::from(lines, {.max_demand = 3}), collector, std::ref(got)};
        expect_text(run_all(home, collected), "normal", "the run");
        expect_equal(got, iota(0, 20), "the events");
        expect_equal(answers, std::vector<std::string>(20, "taken"), "the answers");
    });
}

BOOST_AUTO_TEST_CASE(an_emit_waits_until_its_last_event_has_found_a_taker) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        std::vector<std::string> answers;
        sluice::intake<int> lines{home};
        sluice::consumer<int> slowly{home, sluice::from(lines, {.max_demand = 2, .min_demand = 0}), slow_collector,
                                     std::ref(home), std::ref(got)};
        outcome told;
        start(told, slowly);
        home.run_ready();
        auto events = batch_of(iota(0, 6));
        lines.async_emit(std::move(events), answer_into(answers));
        home.run_ready();
        invariant(answers.empty(), "two of six were taken");
        home.run();
        expect_equal(answers, std::vector<std::string>{"taken"}, "the answer");
        expect_equal(got, iota(0, 6), "the events");
        lines.close();
        home.run();
        expect_text(told.text(), "normal", "the run");
    });
}

BOOST_AUTO_TEST_CASE(whoever_feeds_a_slow_pipeline_goes_no_faster_than_it) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        int emitted = 0;
        sluice::intake<int> lines{home};
        sluice::consumer<int> slowly{home, sluice::from(lines, {.max_demand = 4}), slow_collector, std::ref(home),
                                     std::ref(got)};
        outcome told;
        start(told, slowly);
        sluice::testing::spawn(home, [&]() -> asio::awaitable<void> {
            for (; emitted < 100; ++emitted) {
                invariant(emitted - static_cast<int>(got.size()) <= 4, "at most max_demand ahead");
                co_await lines.emit(emitted);
            }
            lines.close();
        });
        home.run();
        expect_text(told.text(), "normal", "the run");
        expect_equal(got, iota(0, 100), "the events");
    });
}

BOOST_AUTO_TEST_CASE(close_delivers_what_came_before_and_refuses_what_comes_after) {
    in_many_orders([](simulation& home) {
        std::vector<int> got, lost;
        std::vector<std::string> answers;
        sluice::intake<int> lines{home};
        lines.on_discard([&](batch<int> events, sluice::discard_reason why) {
            invariant(why == sluice::discard_reason::stage_ended, "the reason");
            lost.insert(lost.end(), events.begin(), events.end());
        });
        sluice::consumer<int> slowly{home, sluice::from(lines, {.max_demand = 1}), slow_collector, std::ref(home),
                                     std::ref(got)};
        outcome told;
        start(told, slowly);
        for (int i = 0; i < 5; ++i) lines.async_emit(i, answer_into(answers));
        lines.close();
        lines.close();
        lines.async_emit(5, answer_into(answers));
        home.run();
        expect_text(told.text(), "normal", "the run");
        expect_equal(got, iota(0, 5), "what came before");
        expect_equal(lost, std::vector{5}, "what came after");
        expect_equal(answers.size(), 6u, "answers");
        expect_equal(static_cast<int>(std::count(answers.begin(), answers.end(), "refused")), 1, "refused");
    });
}

BOOST_AUTO_TEST_CASE(destroying_an_intake_closes_it) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        std::vector<std::string> answers;
        outcome told;
        std::optional<sluice::consumer<int>> collected;
        {
            sluice::intake<int> lines{home};
            collected.emplace(home, sluice::from(lines, {.max_demand = 1}), collector, std::ref(got));
            start(told, *collected);
            for (int i = 0; i < 5; ++i) lines.async_emit(i, answer_into(answers));
        }
        home.run();
        expect_text(told.text(), "normal", "the run");
        expect_equal(got, iota(0, 5), "the events");
    });
}

BOOST_AUTO_TEST_CASE(emits_after_every_consumer_has_left_are_refused_visibly) {
    in_many_orders([](simulation& home) {
        std::vector<std::string> answers;
        std::size_t lost = 0;
        sluice::intake<int> lines{home};
        lines.on_discard([&](batch<int> events, sluice::discard_reason why) {
            invariant(why == sluice::discard_reason::no_consumers, "the reason");
            lost += events.size();
        });
        sluice::consumer<int> leaves{home, sluice::from(lines, {.max_demand = 2}), leave_at_once};
        outcome told;
        start(told, leaves);
        for (int i = 0; i < 50; ++i) lines.async_emit(i, answer_into(answers));
        home.run();
        expect_text(told.text(), "normal", "the run");
        expect_equal(answers.size(), 50u, "answers");
        auto const refused = static_cast<std::size_t>(std::count(answers.begin(), answers.end(), "refused"));
        expect_equal(refused, lost, "refused and lost");
        invariant(refused >= 40, "most of them");
    });
}

BOOST_AUTO_TEST_CASE(a_cancelled_emit_leaves_the_line_to_the_others) {
    in_many_orders([](simulation& home) {
        std::vector<int> got, lost;
        std::vector<std::string> answers(5);
        asio::cancellation_signal signals[5];
        sluice::intake<int> lines{home};
        lines.on_discard([&](batch<int> events, sluice::discard_reason why) {
            invariant(why == sluice::discard_reason::cancelled, "the reason");
            lost.insert(lost.end(), events.begin(), events.end());
        });
        for (int i = 0; i < 5; ++i) {
            auto handler = [&answers, i](std::exception_ptr error, bool taken) {
                invariant(answers[i].empty(), "once");
                answers[i] = error ? describe(error) : taken ? "taken" : "refused";
            };
            lines.async_emit(i, asio::bind_cancellation_slot(signals[i].slot(), std::move(handler)));
        }
        home.run();
        signals[0].emit(asio::cancellation_type::total);
        signals[3].emit(asio::cancellation_type::terminal);
        home.run();
        expect_equal(answers, std::vector<std::string>{"operation_aborted", "", "", "operation_aborted", ""},
                     "the answers so far");
        sluice::consumer<int> collected{home, sluice::from(lines, {.max_demand = 1}), collector, std::ref(got)};
        outcome told;
        start(told, collected);
        home.run();
        signals[1].emit(asio::cancellation_type::terminal);  // too late: nothing happens
        lines.close();
        home.run();
        expect_text(told.text(), "normal", "the run");
        expect_equal(got, std::vector{1, 2, 4}, "the others");
        expect_equal(lost, std::vector{0, 3}, "lost");
    });
}

BOOST_AUTO_TEST_CASE(an_event_whose_move_throws_ends_the_intake_and_fails_its_emit) {
    using event = sluice::testing::throwing_counted<int>;
    for (std::uint64_t k = 1; k <= 25; ++k) {
        in_many_orders(
            [k](simulation& home) {
                int taken = 0, failed = 0, got = 0;
                sluice::intake<event> lines{home};
                auto counts = [&](inlet<event>& in) -> asio::awaitable<void> {
                    while (auto events = co_await in.receive()) got += static_cast<int>(events->size());
                };
                sluice::consumer<event> counted{home, sluice::from(lines, {.max_demand = 3}), counts};
                outcome told;
                start(told, counted);
                auto events = [&] {
                    batch<event> some;
                    some.reserve(4);
                    for (int i = 0; i < 4; ++i) some.emplace_back(home.events(), i);
                    return some;
                };
                std::vector<batch<event>> all;
                for (int i = 0; i < 4; ++i) all.push_back(events());
                home.events().throw_on_move(k);
                for (auto& each : all) {
                    lines.async_emit(std::move(each), [&](std::exception_ptr error, bool was_taken) {
                        ++(error || !was_taken ? failed : taken);
                    });
                }
                home.run();
                lines.close();
                home.run();
                expect_equal(taken + failed, 4, "answers");
                expect_equal(told.calls, 1, "the run has ended");
                invariant(failed > 0 || told.text() != "normal" || got == 16, "nothing is lost in silence");
            },
            3);
    }
}

BOOST_AUTO_TEST_CASE(an_intake_can_be_fed_with_futures_and_moved) {
    boost::asio::io_context context;
    std::vector<int> got;
    sluice::intake<int> first{context};
    sluice::intake<int> lines{std::move(first)};
    sluice::consumer<int> collected{context, sluice::from(lines), collector, std::ref(got)};
    outcome told;
    start(told, collected);
    auto taken = lines.async_emit(1, boost::asio::use_future);
    context.poll();
    BOOST_TEST(taken.get());
    lines = sluice::intake<int>{context};  // closes the first
    context.run();
    BOOST_TEST(told.text() == "normal");
    BOOST_TEST(got == std::vector{1});
}

BOOST_AUTO_TEST_CASE(an_intake_that_stays_open_gives_up_what_nobody_can_take_when_it_is_stopped_or_goes) {
    for (bool const stopped : {false, true}) {
        in_many_orders([stopped](simulation& home) {
            std::vector<int> lost;
            std::string answer;
            {
                sluice::intake<int> lines{home, {.on_last_cancel = sluice::on_last_cancel::stay_open}};
                lines.on_discard([&](batch<int> events, sluice::discard_reason) {
                    lost.insert(lost.end(), events.begin(), events.end());
                });
                auto three = batch<int>(std::vector{1, 2, 3});
                lines.async_emit(std::move(three), [&](std::exception_ptr error, bool taken) {
                    answer = error ? describe(error) : taken ? "taken" : "not taken";
                });
                home.run();
                expect_equal(answer, std::string(), "it waits for a consumer");
                lines.close();
                home.run();
                expect_equal(answer, std::string(), "closed, it still does");
                if (stopped) {
                    lines.stop();
                    home.run();
                    expect_equal(answer, std::string("operation_aborted"), "stopped");
                }
            }
            home.run();
            if (!stopped) expect_equal(answer, std::string("not taken"), "nobody can subscribe any more");
            expect_equal(lost, std::vector{1, 2, 3}, "lost, and seen");
        });
    }
}

BOOST_AUTO_TEST_SUITE_END()
