#include <algorithm>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <set>
#include <string>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(subscribing)

using namespace stages;

namespace {

auto dice(outlet<int>& out, int sides, int throws) -> asio::awaitable<void> {
    for (int i = 0; i < throws; ++i) {
        const bool taken = co_await out.emit(sides * 1000 + i);
        if (!taken) co_return;
    }
}

auto subscribe_and_collect(inlet<int>& in, std::vector<int>& got) -> asio::awaitable<void> {
    return collector(in, got);
}

struct answers {
    std::string error = "none";
    sluice::subscription over;
    auto handler() {
        return [this](boost::system::error_code e, sluice::subscription s) {
            error = e.message();
            over = std::move(s);
        };
    }
};

struct counts_subscriptions {
    int* subscribed;
    int* ended;
    std::vector<int>* got;
    void handle_subscribe(sluice::subscription const&) { ++*subscribed; }
    void handle_events(batch<int> events) { got->insert(got->end(), events.begin(), events.end()); }
    void handle_cancel(sluice::end_reason const&, sluice::subscription const&) { ++*ended; }
};

void check_interleaving(std::vector<int> const& got, int kinds, int each) {
    expect_equal(got.size(), static_cast<std::size_t>(kinds * each), "events");
    std::map<int, int> next;
    for (int event : got) {
        expect_equal(event % 1000, next[event / 1000], "the next event of its producer");
        ++next[event / 1000];
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_consumer_of_many_gets_every_event_of_each_in_order) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<int> d6{home, dice, 6, 50}, d8{home, dice, 8, 50}, d20{home, dice, 20, 50};
        sluice::consumer<int> rolls{
            home,
            {sluice::from(d6, {.max_demand = 10}), sluice::from(d8, {.max_demand = 3}), sluice::from(d20)},
            collector,
            std::ref(got)};
        expect_text(run_all(home, d6, d8, d20, rolls), "normal", "the run");
        check_interleaving(got, 3, 50);
    });
}

BOOST_AUTO_TEST_CASE(each_event_goes_to_one_of_many_consumers) {
    in_many_orders([](simulation& home) {
        std::vector<int> one, two, three;
        sluice::producer<int> numbers{home, counter, 0, 500};
        sluice::consumer<int> a{home, sluice::from(numbers, {.max_demand = 10}), collector, std::ref(one)};
        sluice::consumer<int> b{home, sluice::from(numbers, {.max_demand = 7}), collector, std::ref(two)};
        sluice::consumer<int> c{home, sluice::from(numbers, {.max_demand = 1}), collector, std::ref(three)};
        expect_text(run_all(home, numbers, a, b, c), "normal", "the run");
        for (auto const* each : {&one, &two, &three})
            invariant(std::is_sorted(each->begin(), each->end()), "in order for each");
        one.insert(one.end(), two.begin(), two.end());
        one.insert(one.end(), three.begin(), three.end());
        std::sort(one.begin(), one.end());
        expect_equal(one, iota(0, 500), "each event once");
    });
}

BOOST_AUTO_TEST_CASE(a_diamond_of_stages_loses_nothing) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<int> numbers{home, counter, 0, 300};
        sluice::producer_consumer<int, int> left{home, sluice::from(numbers, {.max_demand = 8}), doubler};
        sluice::producer_consumer<int, int> right{home, sluice::from(numbers, {.max_demand = 5}), doubler};
        sluice::consumer<int> joined{home,
                                     {sluice::from(left, {.max_demand = 4}), sluice::from(right, {.max_demand = 6})},
                                     collector,
                                     std::ref(got)};
        expect_text(run_all(home, numbers, left, right, joined), "normal", "the run");
        std::sort(got.begin(), got.end());
        auto expected = iota(0, 300);
        for (int& e : expected) e *= 2;
        expect_equal(got, expected, "each event once");
    });
}

BOOST_AUTO_TEST_CASE(a_consumer_may_subscribe_twice_to_one_producer) {
    in_many_orders([](simulation& home) {
        int subscribed = 0, ended = 0;
        std::vector<int> got;
        sluice::producer<int> numbers{home, counter, 0, 100};
        sluice::consumer<int> both{home,
                                   {sluice::from(numbers, {.max_demand = 3}), sluice::from(numbers, {.max_demand = 4})},
                                   counts_subscriptions{&subscribed, &ended, &got}};
        expect_text(run_all(home, numbers, both), "normal", "the run");
        expect_equal(subscribed, 2, "subscriptions");
        expect_equal(ended, 2, "ends");
        std::sort(got.begin(), got.end());
        expect_equal(got, iota(0, 100), "each event once");
    });
}

BOOST_AUTO_TEST_CASE(a_consumer_subscribes_to_one_more_while_it_runs) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        answers told;
        sluice::producer<int> d6{home, dice, 6, 50}, d20{home, dice, 20, 50};
        sluice::consumer<int> rolls{home, sluice::from(d6, {.max_demand = 2}), collector, std::ref(got)};
        outcome first, second;
        start(first, d6, rolls);
        home.run_ready(15);
        rolls.async_subscribe(d20, {.max_demand = 3}, told.handler());
        start(second, d20);
        home.run();
        if (told.error == "Success") {
            expect_text(first.text(), "normal", "the run");
            check_interleaving(got, 2, 50);
        } else {
            expect_text(told.error, make_error_code(sluice::errc::end_of_stream).message(), "the answer");
            d20.stop();
            home.run();
        }
    });
}

BOOST_AUTO_TEST_CASE(an_inlet_that_stays_open_takes_subscriptions_when_all_have_ended) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        answers told;
        sluice::producer<int> d6{home, dice, 6, 10}, d20{home, dice, 20, 10};
        sluice::consumer<int> rolls{home, sluice::from(d6), sluice::inlet_options{.stay_open = true}, collector,
                                    std::ref(got)};
        outcome first, second, consumer;
        start(consumer, rolls);
        start(first, d6);
        home.run();
        expect_text(first.text(), "normal", "the first producer");
        expect_text(consumer.text(), "not ended", "the consumer");
        rolls.async_subscribe(d20, {}, told.handler());
        start(second, d20);
        home.run();
        expect_text(told.error, "Success", "the answer");
        check_interleaving(got, 2, 10);
        rolls.stop();
        home.run();
        expect_text(consumer.text(), "operation_aborted", "the consumer");
    });
}

BOOST_AUTO_TEST_CASE(a_stage_that_has_ended_takes_no_more_subscriptions) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        answers told;
        sluice::producer<int> d6{home, dice, 6, 10}, d20{home, dice, 20, 10};
        sluice::consumer<int> rolls{home, sluice::from(d6), collector, std::ref(got)};
        expect_text(run_all(home, d6, rolls), "normal", "the run");
        rolls.async_subscribe(d20, {}, told.handler());
        home.run();
        expect_text(told.error, make_error_code(sluice::errc::end_of_stream).message(), "the answer");
        invariant(!told.over.valid(), "no subscription");
    });
}

BOOST_AUTO_TEST_CASE(a_subscription_made_before_the_run_waits_for_it) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        answers told;
        sluice::producer<int> d6{home, dice, 6, 10};
        sluice::consumer<int> rolls{home, sluice::sources<int>{}, subscribe_and_collect, std::ref(got)};
        rolls.async_subscribe(d6, {}, told.handler());
        home.run();
        expect_text(told.error, "Success", "the answer");
        invariant(got.empty(), "nothing runs before the run");
        expect_text(run_all(home, d6, rolls), "normal", "the run");
        check_interleaving(got, 1, 10);
    });
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused_before_anything_happens) {
    in_many_orders(
        [](simulation& home) {
            std::vector<int> got;
            sluice::producer<int> d6{home, dice, 6, 10};
            sluice::consumer<int> rolls{home, sluice::sources<int>{}, collector, std::ref(got)};
            bool called = false;
            std::string what;
            try {
                rolls.async_subscribe(d6, {.max_demand = 0},
                                      [&](boost::system::error_code, sluice::subscription) { called = true; });
            } catch (boost::system::system_error const& error) {
                what = error.what();
            }
            home.run();
            invariant(!called, "no completion");
            invariant(what.find("subscribe_options::max_demand must be at least 1 (got 0)") != std::string::npos,
                      "the sentence");
        },
        4);
}

BOOST_AUTO_TEST_CASE(subscribing_to_a_producer_that_has_ended_ends_the_subscription_at_once) {
    in_many_orders([](simulation& home) {
        std::vector<int> got, late;
        int subscribed = 0, ended = 0;
        sluice::producer<int> d6{home, dice, 6, 10};
        sluice::consumer<int> rolls{home, sluice::from(d6), collector, std::ref(got)};
        expect_text(run_all(home, d6, rolls), "normal", "the run");
        sluice::consumer<int> temporary{home, sluice::from(d6, {.cancel = sluice::cancel_mode::temporary}),
                                        counts_subscriptions{&subscribed, &ended, &late}};
        expect_text(run_all(home, temporary), "normal", "a temporary one lives until its inlet ends");
        expect_equal(ended, 1, "ends");
        sluice::consumer<int> other{home, sluice::from(d6), counts_subscriptions{&subscribed, &ended, &late}};
        expect_text(run_all(home, other), make_error_code(sluice::errc::no_such_stage).message(), "any other ends");
    });
}

BOOST_AUTO_TEST_CASE(a_producer_destroyed_before_its_run_ends_its_consumers) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        auto d6 = std::make_unique<sluice::producer<int>>(home, dice, 6, 10);
        sluice::consumer<int> rolls{home, sluice::from(*d6), collector, std::ref(got)};
        outcome told;
        start(told, rolls);
        home.run_ready(5);
        d6.reset();
        home.run();
        expect_text(told.text(), make_error_code(sluice::errc::no_such_stage).message(), "the run");
    });
}

BOOST_AUTO_TEST_CASE(subscribing_and_cancelling_ten_thousand_times_leaves_nothing) {
    boost::asio::io_context context;
    std::vector<int> got;
    sluice::producer<int> numbers{context, sluice::outlet_options{.on_last_cancel = sluice::on_last_cancel::stay_open},
                                  naturals};
    sluice::consumer<int> open{context, sluice::sources<int>{}, sluice::inlet_options{.stay_open = true},
                               [](inlet<int>& in) -> asio::awaitable<void> {
                                   while (auto events = co_await in.receive()) {}
                               }};
    outcome told;
    start(told, numbers, open);
    int cancelled = 0;
    boost::asio::co_spawn(
        context,
        [&]() -> asio::awaitable<void> {
            for (int i = 0; i < 10'000; ++i) {
                auto const over = co_await open.async_subscribe(numbers, {.max_demand = 2});
                co_await over.async_cancel();
                ++cancelled;
            }
            BOOST_TEST(open.stats().subscriptions.empty());
            numbers.stop();
            open.stop();
        },
        boost::asio::detached);
    context.run();
    BOOST_TEST(cancelled == 10'000);
    BOOST_TEST(told.text() == "operation_aborted");
}

BOOST_AUTO_TEST_CASE(the_context_of_a_handler_stays_busy_while_its_operation_is_under_way) {
    boost::asio::io_context stages_run_here, handlers_run_here;
    std::vector<int> got;
    sluice::producer<int> d6{stages_run_here, dice, 6, 10};
    sluice::consumer<int> rolls{stages_run_here, sluice::sources<int>{}, collector, std::ref(got)};
    int calls = 0;
    rolls.async_subscribe(
        d6, {},
        boost::asio::bind_executor(handlers_run_here.get_executor(),
                                   [&](boost::system::error_code, sluice::subscription) { ++calls; }));
    BOOST_TEST(handlers_run_here.poll() == 0u);
    BOOST_TEST(!handlers_run_here.stopped());
    stages_run_here.run();
    handlers_run_here.run();
    BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_SUITE_END()
