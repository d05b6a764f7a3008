// D.1 43 … 57: subscribing, subscribing anew, and demand by hand. What GenStage gives back as a tag is a subscription.
#include <boost/system/system_error.hpp>

#include "helpers.hpp"

using namespace conformance;
using sluice::cancel_mode;
using sluice::subscribe_options;
using sluice::subscription;

namespace {

constexpr sluice::inlet_options open_inlet{.stay_open = true};
constexpr sluice::outlet_options open_outlet{.on_last_cancel = sluice::on_last_cancel::stay_open};
constexpr subscribe_options temporary{.max_demand = 4, .cancel = cancel_mode::temporary};

/// Remembers every subscription that begins, and every end.
struct registrar {
    std::vector<subscription>* begun;
    journal* ended;

    void handle_subscribe(subscription const& s) { begun->push_back(s); }
    void handle_events(batch<int> const&) {}
    void handle_cancel(sluice::end_reason const& why, subscription const&) { ended->push_back(why.describe()); }
};

/// A consumer that is open for subscriptions, and the last answer that a subscribe has got.
struct subscriber {
    std::vector<subscription> begun;
    journal ended;
    boost::system::error_code error;
    subscription made;
    sluice::consumer<int> stage;
    outcome told;

    explicit subscriber(simulation& home) : stage(home, {}, open_inlet, registrar{&begun, &ended}) {
        start(told, stage);
        home.run();
    }
    auto answer() {
        made = subscription();
        return [this](boost::system::error_code e, subscription s) {
            error = e;
            made = std::move(s);
        };
    }
};

auto message_of(std::function<void()> const& call) -> std::string {
    try {
        call();
    } catch (boost::system::system_error const& error) {
        return error.code() == sluice::errc::invalid_option ? error.what() : "another error";
    }
    return "nothing thrown";
}

/// Both kinds of bad options are refused with a sentence, before anything happens.
void expect_bad_options(simulation& home, std::function<void(subscribe_options const&)> const& subscribe,
                        subscriber& all) {
    auto const too_little = message_of([&] { subscribe({.max_demand = 0}); });
    invariant(too_little.find("max_demand must be at least 1 (got 0)") != std::string::npos, "max_demand 0");
    auto const too_much = message_of([&] { subscribe({.min_demand = 2000}); });
    invariant(too_much.find("min_demand must be less than max_demand (got 2000, 1000)") != std::string::npos,
              "min_demand 2000");
    home.run();
    expect_text(all.told.text(), "not ended", "the consumer stays");
    invariant(all.begun.empty(), "nothing happened");
}

/// What becomes of a consumer that subscribes to a producer that has ended.
auto subscribes_to_the_dead(simulation& home, cancel_mode mode) -> std::string {
    subscriber all{home};
    sluice::producer gone{home, silent{}};
    outcome told;
    start(told, gone);
    stop_all(home, gone);
    all.stage.async_subscribe(gone, {.cancel = mode}, all.answer());
    home.run();
    invariant(!all.error && all.made.valid(), "subscribing says ok");
    expect_equal(all.ended, journal{"no such producer"}, "then it ends");
    auto const result = all.told.text();
    stop_all(home, all.stage);
    return result;
}

void asks_fifty_twice(simulation& home, bool on_init) {
    batches got;
    subscription raw;
    sluice::producer numbers{home, counter{.enough = 100}};
    sluice::sources<int> sources;
    if (on_init) sources = from(numbers, by_hand);
    sluice::consumer<int> all{home, sources, open_inlet, forwarder{&got, nullptr, &raw}};
    outcome told;
    start(told, numbers, all);
    if (!on_init) all.async_subscribe(numbers, by_hand, asio::detached);
    home.run();
    invariant(got.empty(), "nobody has asked");
    invariant(!raw.ask(50), "asked");
    home.run();
    expect_equal(got, batches{iota(0, 50)}, "the first ask");
    invariant(!raw.ask(50), "asked");
    home.run();
    expect_equal(got, batches{iota(0, 50), iota(50, 100)}, "the second");
    stop_all(home, numbers, all);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gen_stage_subscribe)

BOOST_AUTO_TEST_CASE(d1_043_subscribing_gives_the_subscription) {
    in_many_orders([](simulation& home) {
        subscriber all{home};
        sluice::producer numbers{home, silent{}};
        outcome told;
        start(told, numbers);
        all.stage.async_subscribe(numbers, {}, all.answer());
        home.run();
        invariant(!all.error, "no error");
        expect_equal(all.begun.size(), std::size_t{1}, "one");
        invariant(all.made.valid() && all.begun[0] == all.made, "the one that the handler has heard of");
        stop_all(home, numbers, all.stage);
    });
}

BOOST_AUTO_TEST_CASE(d1_044_subscribing_says_so_when_the_consumer_is_dead) {
    in_many_orders([](simulation& home) {
        subscriber all{home};
        sluice::producer numbers{home, silent{}};
        outcome told;
        start(told, numbers);
        stop_all(home, all.stage);
        all.stage.async_subscribe(numbers, {}, all.answer());
        home.run();
        invariant(all.error == sluice::errc::end_of_stream, "an error");
        invariant(!all.made.valid(), "and no subscription");
        stop_all(home, numbers);
    });
}

BOOST_AUTO_TEST_CASE(d1_045_subscribing_refuses_bad_options) {
    in_many_orders([](simulation& home) {
        subscriber all{home};
        sluice::producer numbers{home, silent{}};
        outcome told;
        start(told, numbers);
        auto const subscribe = [&](subscribe_options const& options) {
            all.stage.async_subscribe(numbers, options, asio::detached);
        };
        expect_bad_options(home, subscribe, all);
        stop_all(home, numbers, all.stage);
    });
}

BOOST_AUTO_TEST_CASE(d1_047_a_consumer_ends_when_its_producer_is_dead_and_the_subscription_permanent) {
    in_many_orders([](simulation& home) {
        auto const gone = make_error_code(sluice::errc::no_such_stage).message();
        expect_text(subscribes_to_the_dead(home, cancel_mode::permanent), gone, "permanent");
        expect_text(subscribes_to_the_dead(home, cancel_mode::transient), gone, "transient too");
    });
}

BOOST_AUTO_TEST_CASE(d1_049_a_consumer_lives_when_its_producer_is_dead_and_the_subscription_temporary) {
    in_many_orders([](simulation& home) {
        expect_text(subscribes_to_the_dead(home, cancel_mode::temporary), "not ended", "temporary");
    });
}

BOOST_AUTO_TEST_CASE(d1_050_a_second_subscription_that_a_broadcast_refuses_ends_nobody) {
    in_many_orders([](simulation& home) {
        subscriber one{home}, two{home};
        journal heard;
        sluice::producer numbers{home, silent{&heard}, sluice::broadcast_dispatcher<int>{}};
        outcome told;
        start(told, numbers);
        for (auto* each : {&one, &two}) {
            for (int i = 0; i < 2; ++i) {
                each->stage.async_subscribe(numbers, {.cancel = cancel_mode::permanent}, asio::detached);
            }
            home.run();
            expect_equal(each->ended, journal{"already subscribed"}, "the second is refused");
            expect_text(each->told.text(), "not ended", "and the consumer lives");
        }
        expect_equal(heard, journal{"producer_subscribed", "producer_subscribed"}, "one subscription of each");
        expect_text(told.text(), "not ended", "the producer lives");
        stop_all(home, numbers, one.stage, two.stage);
    });
}

BOOST_AUTO_TEST_CASE(d1_051_resubscribing_gives_the_new_subscription) {
    in_many_orders([](simulation& home) {
        subscriber all{home};
        sluice::producer numbers{home, open_outlet, silent{}};
        outcome told;
        start(told, numbers);
        all.stage.async_subscribe(numbers, temporary, all.answer());
        home.run();
        auto const first = all.made;
        all.stage.async_resubscribe(first, sluice::end_reason::cancelled(), from(numbers, temporary), all.answer());
        home.run();
        invariant(!all.error && all.made.valid() && !(all.made == first), "another one");
        invariant(all.begun == std::vector<subscription>{first, all.made}, "the handler has heard of both");
        expect_equal(all.ended, journal{"cancelled"}, "and of the end of the first, with the reason given");
        stop_all(home, numbers, all.stage);
    });
}

BOOST_AUTO_TEST_CASE(d1_052_resubscribing_works_when_there_is_no_previous_subscription) {
    in_many_orders([](simulation& home) {
        subscriber all{home};
        sluice::producer numbers{home, silent{}};
        outcome told;
        start(told, numbers);
        all.stage.async_resubscribe({}, sluice::end_reason::cancelled(), from(numbers, temporary), all.answer());
        home.run();
        invariant(!all.error && all.made.valid(), "there is one now");
        stop_all(home, numbers, all.stage);
    });
}

BOOST_AUTO_TEST_CASE(d1_053_resubscribing_refuses_bad_options) {
    in_many_orders([](simulation& home) {
        subscriber all{home};
        sluice::producer numbers{home, silent{}};
        outcome told;
        start(told, numbers);
        auto const subscribe = [&](subscribe_options const& options) {
            all.stage.async_resubscribe({}, {}, from(numbers, options), asio::detached);
        };
        expect_bad_options(home, subscribe, all);
        stop_all(home, numbers, all.stage);
    });
}

BOOST_AUTO_TEST_CASE(d1_056_manual_demand_can_be_set_on_subscribe) {
    in_many_orders([](simulation& home) { asks_fifty_twice(home, false); });
}
BOOST_AUTO_TEST_CASE(d1_057_manual_demand_can_be_set_on_init) {
    in_many_orders([](simulation& home) { asks_fifty_twice(home, true); });
}

// A.9: GenStage's rate limiter.
BOOST_AUTO_TEST_CASE(a_consumer_may_ask_for_so_many_in_each_interval) {
    in_many_orders([](simulation& home) {
        batches got;
        subscription raw;
        sluice::producer numbers{home, counter{.enough = 30}};
        sluice::consumer<int> all{home, from(numbers, by_hand), forwarder{&got, nullptr, &raw}};
        outcome told;
        start(told, numbers, all);
        home.run();
        for (int interval = 0; interval < 3; ++interval) {
            invariant(!raw.ask(10), "asked");
            home.async_wait(std::chrono::seconds(1), asio::detached);
            home.run();
            expect_equal(joined(got), iota(0, 10 * (interval + 1)), "ten an interval");
        }
        invariant(home.elapsed() == std::chrono::seconds(3), "three of them");
        stop_all(home, numbers);
    });
}

BOOST_AUTO_TEST_SUITE_END()
