// D.1 58 … 100: the other callbacks, calls from outside, and messages that come too late.
#include <boost/system/system_error.hpp>
#include <stdexcept>

#include "helpers.hpp"

using namespace conformance;
using sluice::subscription;

namespace {

constexpr sluice::inlet_options open_inlet{.stay_open = true};
constexpr sluice::outlet_options open_outlet{.on_last_cancel = sluice::on_last_cancel::stay_open};
constexpr sluice::stage_options open_both{.out = open_outlet, .in = open_inlet};

auto fails_at_once(outlet<int>&) -> asio::awaitable<void> {
    throw std::runtime_error("oops");
    co_return;
}
auto consumer_fails_at_once(sluice::inlet<int>&) -> asio::awaitable<void> {
    throw std::runtime_error("oops");
    co_return;
}
auto middle_fails_at_once(sluice::inlet<int>&, outlet<int>&) -> asio::awaitable<void> {
    throw std::runtime_error("oops");
    co_return;
}

/// A stage that fails at its start tells its run, and a second run is refused.
template <class Stage>
void expect_failed_start(simulation& home, Stage& stage) {
    outcome first, second;
    start(first, stage);
    home.run();
    expect_text(first.text(), "oops", "the start");
    start(second, stage);
    home.run();
    expect_text(second.text(), make_error_code(sluice::errc::already_run).message(), "a second start");
    expect_equal(first.calls, 1, "told once");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gen_stage_callbacks)

BOOST_AUTO_TEST_CASE(d1_058_a_producer_that_fails_at_its_start_says_so) {
    in_many_orders([](simulation& home) {
        sluice::producer<int> broken{home, fails_at_once};
        expect_failed_start(home, broken);
    });
}
BOOST_AUTO_TEST_CASE(d1_069_a_consumer_that_fails_at_its_start_says_so) {
    in_many_orders([](simulation& home) {
        sluice::consumer<int> broken{home, {}, open_inlet, consumer_fails_at_once};
        expect_failed_start(home, broken);
    });
}
BOOST_AUTO_TEST_CASE(d1_083_a_middle_that_fails_at_its_start_says_so) {
    in_many_orders([](simulation& home) {
        sluice::producer_consumer<int, int> broken{home, {}, open_both, middle_fails_at_once};
        expect_failed_start(home, broken);
    });
}

BOOST_AUTO_TEST_CASE(d1_059_a_producer_is_told_of_the_subscription_that_subscribing_gives) {
    in_many_orders([](simulation& home) {
        batches got;
        subscription above, below, made;
        sluice::producer numbers{home, silent{nullptr, &above}};
        sluice::consumer<int> all{home, {}, open_inlet, forwarder{&got, nullptr, &below}};
        outcome told;
        start(told, numbers, all);
        all.async_subscribe(numbers, {}, [&](boost::system::error_code, subscription s) { made = std::move(s); });
        home.run();
        invariant(made.valid() && above == made, "what the producer has heard of");
        invariant(below == made, "and the consumer");  // D.1 70
        stop_all(home, numbers, all);
    });
}

BOOST_AUTO_TEST_CASE(d1_070_a_consumer_is_told_of_its_subscription_before_its_events) {
    in_many_orders([](simulation& home) {
        batches got;
        journal heard;
        sluice::producer numbers{home, counter{.enough = 10, .ends = true}};
        sluice::consumer<int> all{home, from(numbers, {.max_demand = 10}), forwarder{&got, &heard}};
        outcome told;
        start(told, numbers, all);
        for (bool more = true; more && heard.empty();) {
            invariant(got.empty(), "no event before it");
            more = home.step();
        }
        home.run();
        expect_equal(heard, journal{"consumer_subscribed", "consumer_cancelled: normal"}, "the callbacks");
        expect_text(told.text(), "normal", "the run");
    });
}

BOOST_AUTO_TEST_CASE(d1_084_a_middle_is_told_of_its_consumer) {
    in_many_orders([](simulation& home) {
        batches got;
        journal heard;
        sluice::producer_consumer<int, int> middle{home, {}, open_both, doubler{nullptr, &heard}};
        sluice::consumer<int> all{home, from(middle), open_inlet, forwarder{&got}};
        outcome told;
        start(told, middle, all);
        home.run();
        expect_equal(heard, journal{"subscribed"}, "its consumer");
        stop_all(home, middle, all);
    });
}
BOOST_AUTO_TEST_CASE(d1_088_a_middle_is_told_of_its_producer) {
    in_many_orders([](simulation& home) {
        journal heard;
        sluice::producer numbers{home, silent{}};
        sluice::producer_consumer<int, int> middle{home, from(numbers), open_both, doubler{nullptr, &heard}};
        outcome told;
        start(told, numbers, middle);
        home.run();
        expect_equal(heard, journal{"subscribed"}, "its producer");
        stop_all(home, numbers, middle);
    });
}

// The answer and the events go to different strands, whose order nothing settles; but what a call emits is on its way
// before the answer is given, so that whoever has the answer may stop the stage.
BOOST_AUTO_TEST_CASE(d1_063_a_call_sends_events_before_its_reply) {
    in_many_orders([](simulation& home) {
        batches got;
        journal heard;
        subscription raw;
        sluice::producer source{home, silent{&heard}};
        sluice::consumer<int> all{home, from(source, by_hand), forwarder{&got, nullptr, &raw}};
        outcome told, end;
        start(told, source);
        start(end, all);
        home.run();
        invariant(!raw.ask(3), "asked");
        home.run();
        auto push = [](outlet<int>& out) {
            out.push(batch_of({1, 2, 3}));
            return 7;
        };
        source.async_visit(push, [&](std::exception_ptr error, int reply) {
            heard.push_back(error ? "failed" : "reply " + std::to_string(reply));
            source.stop();
        });
        home.run();
        expect_equal(got, batches{{1, 2, 3}}, "the events");
        expect_equal(heard[0], std::string("producer_subscribed"), "the subscription");
        expect_equal(heard[1], std::string("reply 7"), "the reply");
    });
}

BOOST_AUTO_TEST_CASE(a_call_may_reply_before_it_sends_events) {
    in_many_orders([](simulation& home) {
        batches got;
        journal heard;
        sluice::producer source{home, silent{}};
        sluice::consumer<int> all{home, from(source), forwarder{&got}};
        outcome told;
        start(told, source, all);
        source.async_visit([] { return 7; },
                           [&](std::exception_ptr, int reply) {
                               heard.push_back("reply " + std::to_string(reply));
                               queue(source, {1, 2, 3});
                           });
        home.run();
        expect_equal(heard, journal{"reply 7"}, "the reply");
        expect_equal(joined(got), std::vector{1, 2, 3}, "the events");
        stop_all(home, source);
    });
}

BOOST_AUTO_TEST_CASE(d1_065_a_call_may_shut_the_stage_down) {
    in_many_orders([](simulation& home) {
        journal heard;
        sluice::producer source{home, silent{}};
        outcome told;
        start(told, source);
        auto stop = [&source] {
            source.stop();
            return 1;
        };
        source.async_visit(stop, [&](std::exception_ptr error, int) { heard.push_back(error ? "failed" : "ok"); });
        home.run();
        expect_equal(heard, journal{"ok"}, "the reply");
        expect_text(told.text(), "operation_aborted", "the stage");
    });
}

BOOST_AUTO_TEST_CASE(d1_067_a_producer_that_is_stopped_tells_its_run_once) {
    in_many_orders([](simulation& home) {
        sluice::producer source{home, silent{}};
        outcome told;
        start(told, source);
        home.run();
        source.stop();
        source.stop();
        home.run();
        expect_text(told.text(), "operation_aborted", "once");
    });
}
BOOST_AUTO_TEST_CASE(d1_080_a_consumer_that_is_stopped_tells_its_run_once) {
    in_many_orders([](simulation& home) {
        batches got;
        sluice::consumer<int> all{home, {}, open_inlet, forwarder{&got}};
        outcome told;
        start(told, all);
        home.run();
        all.stop();
        all.stop();
        home.run();
        expect_text(told.text(), "operation_aborted", "once");
    });
}

BOOST_AUTO_TEST_CASE(d1_097_subscribing_twice_gives_two_subscriptions_with_a_demand_each) {
    in_many_orders([](simulation& home) {
        batches got;
        journal heard;
        std::size_t asked = 0;
        sluice::producer source{home, silent{&heard}};
        sluice::consumer<int> all{
            home, {from(source, {.max_demand = 3}), from(source, {.max_demand = 4})}, forwarder{&got}};
        outcome told;
        start(told, source, all);
        home.run();
        expect_equal(heard.size(), std::size_t{2}, "two");
        queue(source, iota(0, 7));
        home.run();
        for (auto const& each : got) asked += each.size();
        expect_equal(asked, std::size_t{7}, "the demand of both");
        stop_all(home, source);
    });
}

// GenStage answers an ask on an unknown subscription with a cancel. Here only a handle can ask, and it knows its own.
BOOST_AUTO_TEST_CASE(d1_098_an_ask_on_a_subscription_that_has_ended_is_nothing) {
    in_many_orders([](simulation& home) {
        batches got;
        journal heard;
        subscription raw;
        sluice::producer numbers{home, open_outlet, counter{.enough = 100, .heard = &heard}};
        sluice::consumer<int> all{home, from(numbers, by_hand), open_inlet, forwarder{&got, nullptr, &raw}};
        outcome told;
        start(told, numbers, all);
        home.run();
        raw.cancel();
        home.run();
        invariant(!raw.ask(10), "no error");
        home.run();
        invariant(got.empty(), "nothing comes");
        expect_equal(heard.size(), std::size_t{2}, "nothing is heard");
        expect_text(told.text(), "not ended", "and nobody ends");
        stop_all(home, numbers, all);
    });
}

// What GenStage shows as a stage's status: its stats.
BOOST_AUTO_TEST_CASE(d1_068_the_status_of_a_producer_tells_its_consumers_and_its_buffer) {
    in_many_orders([](simulation& home) {
        batches got;
        sluice::producer source{home, silent{}};
        source.set_name("source");
        sluice::consumer<int> all{home, from(source, by_hand), forwarder{&got}};
        outcome told;
        start(told, source, all);
        home.run();
        auto const status = source.stats();
        expect_text(status.name, "source", "the name");
        expect_equal(status.consumers, std::size_t{1}, "consumers");
        expect_equal(status.buffered, std::size_t{0}, "buffer size");
        stop_all(home, source);
    });
}
BOOST_AUTO_TEST_CASE(d1_082_the_status_of_a_consumer_tells_its_producers) {
    in_many_orders([](simulation& home) {
        batches got;
        sluice::producer source{home, silent{}};
        source.set_name("source");
        sluice::consumer<int> all{home, from(source, {.max_demand = 7}), forwarder{&got}};
        outcome told;
        start(told, source, all);
        home.run();
        auto const producers = all.stats().subscriptions;
        expect_equal(producers.size(), std::size_t{1}, "one");
        expect_text(producers[0].producer, "source", "its name");
        expect_equal(producers[0].outstanding, std::size_t{7}, "what was asked of it");
        stop_all(home, source);
    });
}
BOOST_AUTO_TEST_CASE(d1_096_the_status_of_a_middle_tells_both) {
    in_many_orders([](simulation& home) {
        batches got;
        sluice::producer source{home, silent{}};
        sluice::producer_consumer<int, int> middle{home, from(source), doubler{}};
        sluice::consumer<int> all{home, from(middle), forwarder{&got}};
        outcome told;
        start(told, source, middle, all);
        home.run();
        auto const status = middle.stats();
        expect_equal(status.subscriptions.size(), std::size_t{1}, "producers");
        expect_equal(status.consumers, std::size_t{1}, "consumers");
        expect_equal(status.buffered, std::size_t{0}, "buffer size");
        stop_all(home, source);
    });
}

BOOST_AUTO_TEST_SUITE_END()
