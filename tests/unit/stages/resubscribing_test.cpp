#include <algorithm>
#include <string>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(resubscribing)

using namespace stages;
using sluice::cancel_mode;
using sluice::from;

namespace {

struct answer {
    std::string error = "none";
    sluice::subscription over;
    auto handler() {
        return [this](boost::system::error_code e, sluice::subscription s) {
            error = e ? e.message() : "Success";
            over = std::move(s);
        };
    }
};

/// Remembers its subscriptions and how they ended, and leaves after so many events.
struct listener {
    std::vector<sluice::subscription>* begun;
    std::vector<std::string>* ended;
    std::vector<int>* got;

    void handle_subscribe(sluice::subscription const& over) { begun->push_back(over); }
    void handle_events(batch<int> events) { got->insert(got->end(), events.begin(), events.end()); }
    void handle_cancel(sluice::end_reason const& reason, sluice::subscription const&) {
        ended->push_back(reason.describe());
    }
};

struct notes {
    std::vector<sluice::subscription> begun;
    std::vector<std::string> ended;
    std::vector<int> got;
    auto listener() { return resubscribing::listener{&begun, &ended, &got}; }
};

/// 0 … 49, and ends.
struct upwards {
    int next = 0;
    auto handle_demand(std::size_t wanted) -> sluice::emission<int> {
        std::vector<int> events;
        for (; events.size() < wanted && next < 50; ++next) events.push_back(next);
        if (next == 50) return sluice::emission<int>::last(std::move(events));
        return events;
    }
};

auto const staying = sluice::outlet_options{.on_last_cancel = sluice::on_last_cancel::stay_open};

}  // namespace

BOOST_AUTO_TEST_CASE(a_resubscription_takes_the_place_of_the_old_one_and_no_event_is_lost) {
    in_many_orders([](simulation& home) {
        notes seen;
        answer told;
        sluice::producer<int> numbers{home, staying, counter, 0, 300};
        sluice::consumer<int> all{home, from(numbers, {.max_demand = 4, .cancel = cancel_mode::temporary}),
                                  seen.listener()};
        outcome run;
        start(run, numbers, all);
        home.run_ready(20);
        invariant(!seen.begun.empty() || told.error == "none", "it may not have begun");
        if (seen.begun.empty()) {
            all.stop();
            numbers.stop();
            home.run();
            return;
        }
        all.async_resubscribe(seen.begun.front(), sluice::end_reason(), from(numbers, {.max_demand = 50}),
                              told.handler());
        home.run();
        expect_text(run.text(), "normal", "the run");
        expect_equal(seen.begun.size(), 2u, "subscriptions");
        expect_equal(seen.ended.size(), 2u, "ends");
        expect_text(told.error, "Success", "the answer");
        invariant(told.over == seen.begun.back() && told.over.valid(), "the new one");
        expect_equal(seen.got, iota(0, 300), "each event once, in order");
    });
}

BOOST_AUTO_TEST_CASE(a_producer_whose_only_consumer_subscribes_anew_does_not_end) {
    for (bool const handler : {false, true}) {
        in_many_orders([handler](simulation& home) {
            notes seen;
            answer told;
            using sluice::producer;
            constexpr sluice::subscribe_options by_hand{.demand_mode = sluice::demand_mode::manual};
            auto numbers = handler ? producer<int>{home, upwards{}} : producer<int>{home, counter, 0, 50};
            sluice::consumer<int> all{home, from(numbers, by_hand), seen.listener()};
            outcome run;
            start(run, numbers, all);
            home.run();
            all.async_resubscribe(seen.begun.front(), {}, from(numbers, {.max_demand = 4}), told.handler());
            home.run();
            expect_text(told.error, "Success", "resubscribing");
            expect_equal(seen.got, iota(0, 50), "the events");
            expect_text(run.text(), "normal", "the run");
        });
    }
}

BOOST_AUTO_TEST_CASE(a_producer_whose_only_consumer_is_refused_when_it_subscribes_anew_ends) {
    in_many_orders([](simulation& home) {
        notes seen;
        answer told;
        sluice::producer<int> numbers{home, sluice::partition_dispatcher<int>{{.partitions = 1}}, upwards{}};
        auto first = from(
            numbers, {.cancel = cancel_mode::temporary, .partition = 0, .demand_mode = sluice::demand_mode::manual});
        sluice::consumer<int> all{home, std::move(first), seen.listener()};
        outcome run;
        start(run, numbers, all);
        home.run();
        all.async_resubscribe(seen.begun.front(), {}, from(numbers, {.cancel = cancel_mode::temporary, .partition = 7}),
                              told.handler());
        home.run();
        expect_equal(seen.ended.size(), 2u, "both have ended");
        expect_text(run.text(), "normal", "the run");
    });
}

BOOST_AUTO_TEST_CASE(a_transient_consumer_of_one_producer_goes_over_to_another_without_ending) {
    in_many_orders([](simulation& home) {
        notes seen;
        answer told;
        sluice::producer<int> endless{home, naturals}, few{home, counter, -30, 0};
        sluice::consumer<int> all{home, from(endless, {.max_demand = 4}), seen.listener()};
        outcome run, other;
        start(run, endless, all);
        home.run_ready(60);
        if (seen.begun.empty()) {
            endless.stop();
            home.run();
            return;
        }
        all.async_resubscribe(seen.begun.front(), sluice::end_reason(), from(few), told.handler());
        start(other, few);
        home.run();
        expect_text(run.text(), "normal", "the first has ended without consumers, and the consumer with the second");
        expect_text(other.text(), "normal", "the second");
        std::vector<int> of_first, of_second;
        for (int i : seen.got) (i >= 0 ? of_first : of_second).push_back(i);
        expect_equal(of_first, iota(0, static_cast<int>(of_first.size())), "of the first, in order");
        expect_equal(of_second, iota(-30, 0), "all of the second");
    });
}

BOOST_AUTO_TEST_CASE(an_old_subscription_that_does_not_exist_is_no_error) {
    in_many_orders([](simulation& home) {
        notes seen;
        answer none, foreign, twice;
        std::vector<int> elsewhere;
        sluice::producer<int> numbers{home, counter, 0, 40}, more{home, counter, 0, 40}, most{home, counter, 0, 40};
        sluice::producer<int> theirs{home, counter, 0, 500};
        sluice::consumer<int> other{home, sluice::sources<int>{}, collector, std::ref(elsewhere)};
        sluice::consumer<int> all{home, from(numbers), seen.listener()};
        answer over;
        other.async_subscribe(theirs, {}, over.handler());
        home.run();
        all.async_resubscribe({}, sluice::end_reason(), from(more), none.handler());
        all.async_resubscribe(over.over, sluice::end_reason(), from(most), foreign.handler());
        expect_text(run_all(home, numbers, more, most, theirs, all, other), "normal", "the run");
        expect_text(none.error, "Success", "an empty handle");
        expect_text(foreign.error, "Success", "somebody else's");
        expect_equal(seen.got.size(), 120u, "all of this consumer's");
        expect_equal(elsewhere, iota(0, 500), "the other consumer keeps its subscription");
    });
}

BOOST_AUTO_TEST_CASE(resubscribing_an_ended_subscription_only_subscribes) {
    in_many_orders([](simulation& home) {
        notes seen;
        answer told;
        sluice::producer<int> numbers{home, counter, 0, 10}, more{home, counter, 10, 20};
        sluice::consumer<int> all{home, from(numbers), sluice::inlet_options{.stay_open = true}, seen.listener()};
        outcome run, second;
        start(run, numbers, all);
        home.run();
        expect_equal(seen.ended.size(), 1u, "the first has ended");
        all.async_resubscribe(seen.begun.front(), sluice::end_reason::shutdown(), from(more), told.handler());
        start(second, more);
        home.run();
        expect_text(told.error, "Success", "the answer");
        expect_equal(seen.got, iota(0, 20), "both");
        all.stop();
        home.run();
    });
}

BOOST_AUTO_TEST_CASE(a_permanent_old_subscription_ends_its_consumer_all_the_same) {
    in_many_orders([](simulation& home) {
        notes seen;
        answer told;
        sluice::producer<int> numbers{home, staying, naturals}, more{home, naturals};
        sluice::consumer<int> all{home, from(numbers, {.cancel = cancel_mode::permanent}), seen.listener()};
        outcome run, other, last;
        start(run, all);
        start(other, numbers);
        start(last, more);
        all.async_visit<listener>([](listener&) {}, [](std::exception_ptr) {});
        home.run_ready(400);
        if (!seen.begun.empty()) {
            auto const oops = sluice::end_reason(std::make_exception_ptr(std::runtime_error("oops")));
            all.async_resubscribe(seen.begun.front(), oops, from(more), told.handler());
            home.run();
            expect_text(run.text(), "oops", "the consumer");
            expect_text(last.text(), "normal", "its new producer hears that it is gone");
        }
        numbers.stop();
        more.stop();
        all.stop();
        home.run();
    });
}

BOOST_AUTO_TEST_CASE(a_stage_that_has_ended_keeps_the_answer_of_subscribing) {
    in_many_orders([](simulation& home) {
        notes seen;
        answer told;
        sluice::producer<int> numbers{home, counter, 0, 10}, more{home, counter, 10, 20};
        sluice::consumer<int> all{home, from(numbers), seen.listener()};
        expect_text(run_all(home, numbers, all), "normal", "the run");
        all.async_resubscribe(seen.begun.front(), sluice::end_reason(), from(more), told.handler());
        home.run();
        expect_text(told.error, make_error_code(sluice::errc::end_of_stream).message(), "the answer");
        invariant(!told.over.valid(), "no subscription");
    });
}

BOOST_AUTO_TEST_CASE(bad_terms_are_refused_before_the_old_subscription_is_touched) {
    in_many_orders(
        [](simulation& home) {
            notes seen;
            answer told;
            sluice::producer<int> numbers{home, counter, 0, 10};
            sluice::consumer<int> all{home, from(numbers), seen.listener()};
            std::string what;
            try {
                all.async_resubscribe({}, sluice::end_reason(), from(numbers, {.max_demand = 10, .min_demand = 20}),
                                      told.handler());
            } catch (boost::system::system_error const& error) {
                what = error.what();
            }
            expect_text(run_all(home, numbers, all), "normal", "the run");
            expect_text(told.error, "none", "no completion");
            invariant(what.find("subscribe_options::min_demand must be less than max_demand (got 20, 10)") !=
                          std::string::npos,
                      "the sentence");
        },
        4);
}

BOOST_AUTO_TEST_CASE(with_a_broadcast_the_old_subscription_makes_room_for_the_new_one) {
    in_many_orders([](simulation& home) {
        notes seen;
        answer told;
        sluice::producer<int> numbers{home, staying, sluice::broadcast_dispatcher<int>{}, counter, 0, 200};
        sluice::consumer<int> all{home, from(numbers, {.max_demand = 4}), seen.listener()};
        outcome run;
        start(run, numbers, all);
        home.run_ready(20);
        if (seen.begun.empty()) {
            numbers.stop();
            home.run();
            return;
        }
        all.async_resubscribe(seen.begun.front(), sluice::end_reason(), from(numbers, {.max_demand = 7}),
                              told.handler());
        home.run();
        expect_text(run.text(), "normal", "the run");
        expect_equal(seen.got, iota(0, 200), "not refused as subscribed already, and nothing lost");
    });
}

BOOST_AUTO_TEST_CASE(a_producer_consumer_resubscribes_too) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        answer first, told;
        sluice::producer<int> numbers{home, staying, counter, 0, 100};
        sluice::producer_consumer<int, int> doubled{home, sluice::sources<int>{}, doubler};
        sluice::consumer<int> all{home, from(doubled), collector, std::ref(got)};
        doubled.async_subscribe(numbers, {.max_demand = 3}, first.handler());
        outcome run;
        start(run, numbers, doubled, all);
        home.run_ready(40);
        if (first.over.valid())
            doubled.async_resubscribe(first.over, sluice::end_reason(), from(numbers), told.handler());
        home.run();
        expect_text(run.text(), "normal", "the run");
        auto expected = iota(0, 100);
        for (int& each : expected) each *= 2;
        expect_equal(got, expected, "each event once, in order");
    });
}

BOOST_AUTO_TEST_SUITE_END()
