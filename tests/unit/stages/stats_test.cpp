// stats() and buffered_count().
#include <boost/asio/io_context.hpp>
#include <string>
#include <thread>

#include "stats_support.hpp"

BOOST_AUTO_TEST_SUITE(statistics)

using namespace stages;
using namespace std::chrono_literals;
using sluice::activity;
using sluice::from;

BOOST_AUTO_TEST_CASE(events_in_and_out_are_counted_on_either_side) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<int> numbers{home, counter, 0, 100};
        sluice::producer_consumer<int, int> doubled{home, from(numbers, {.max_demand = 7}), doubler};
        sluice::consumer<int> all{home, from(doubled, {.max_demand = 5}), collector, std::ref(got)};
        numbers.set_name("numbers");
        invariant(numbers.stats().doing == activity::not_started, "before the run");
        expect_text(run_all(home, numbers, doubled, all), "normal", "the run");
        auto const first = numbers.stats(), middle = doubled.stats(), last = all.stats();
        expect_text(first.name, "numbers", "the name");
        expect_equal(first.events_out, 100u, "emitted");
        expect_equal(middle.events_in + middle.events_out, 200u, "through");
        expect_equal(last.events_in, 100u, "received");
        expect_equal(first.discarded + middle.discarded + last.discarded, 0u, "nothing lost");
        invariant(first.doing == activity::ended && last.doing == activity::ended, "all have ended");
        invariant(middle.most_queued <= 7 && last.most_queued <= 5 && last.most_queued > 0, "bounded by max_demand");
        expect_equal(last.queued + last.subscriptions.size(), 0u, "nothing is left");
    });
}

BOOST_AUTO_TEST_CASE(what_is_buffered_and_discarded_is_counted_and_informs_are_not) {
    in_many_orders([](simulation& home) {
        sluice::producer<int> numbers{home, staying, silent{}};
        outcome told;
        start(told, numbers);
        push(numbers, 4);
        numbers.async_inform([] {}, asio::detached);
        home.run();
        expect_equal(numbers.buffered_count(), 4u, "events, and nothing else");
        push(numbers, 9);
        home.run();
        auto const stats = numbers.stats();
        expect_equal(stats.buffered, 10u, "as much as there is room for");
        expect_equal(stats.most_buffered, 10u, "the most");
        expect_equal(stats.discarded, 3u, "the rest");
        expect_equal(stats.events_out, 13u, "pushed");
        std::vector<int> got;
        sluice::consumer<int> all{home, from(numbers), collector, std::ref(got)};
        outcome second;
        start(second, all);
        home.run();
        expect_equal(numbers.buffered_count(), 0u, "they have gone");
        expect_equal(numbers.stats().most_buffered, 10u, "the most there ever were");
        expect_equal(numbers.stats().consumers, 1u, "consumers");
        numbers.stop();
        home.run();
    });
}

BOOST_AUTO_TEST_CASE(events_in_a_dispatchers_queues_are_buffered_too) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<int> numbers{home, staying, silent{},
                                      sluice::partition_dispatcher<int>(sluice::partition_options{.partitions = 2},
                                                                        [](int i) -> std::size_t { return i % 2; })};
        sluice::consumer<int> even{home, from(numbers, {.partition = 0}), collector, std::ref(got)};
        outcome told;
        start(told, numbers, even);
        home.run();
        push(numbers, 8);
        home.run();
        expect_equal(got.size(), 4u, "the even ones");
        expect_equal(numbers.buffered_count(), 4u, "the odd ones wait for their consumer");
        numbers.stop();
        home.run();
        expect_equal(numbers.buffered_count(), 0u, "an ended stage holds nothing");
        expect_equal(numbers.stats().discarded, 4u, "they were discarded");
    });
}

BOOST_AUTO_TEST_CASE(demand_is_told_for_each_subscription) {
    in_many_orders(
        [](simulation& home) {
            sluice::producer<int> numbers{home, counter, 0, 12}, other{home, staying, silent{}};
            numbers.set_name("numbers");
            other.set_name("other");
            sluice::consumer<int> slow{
                home,
                {from(numbers, {.max_demand = 10, .min_demand = 4}), from(other, {.max_demand = 20})},
                works,
                std::ref(home),
                1000ms};
            outcome told;
            start(told, numbers, other, slow);
            pass(home, 200ms);
            auto const stats = slow.stats();
            expect_equal(stats.subscriptions.size(), 2u, "an end behind events has not come yet");
            auto const& quiet = stats.subscriptions.back();
            expect_text(quiet.producer, "other", "the producer");
            expect_equal(quiet.outstanding, 20u, "asked for");
            expect_equal(quiet.awaited, 20u, "and owed");
            expect_equal(quiet.in_hand(), 0u, "nothing in hand");
            expect_equal(other.stats().demand, 20u, "the producer says the same");
            pass(home, 5s);
            slow.stop();
            other.stop();
            home.run();
        },
        30, patient);
}

BOOST_AUTO_TEST_CASE(times_of_waiting_are_those_of_the_clock) {
    in_many_orders(
        [](simulation& home) {
            std::vector<int> got;
            sluice::producer<int> ticks{home, emit_every, std::ref(home), 10, 100ms};
            sluice::consumer<int> all{home, from(ticks), works, std::ref(home), 30ms};
            outcome told;
            start(told, ticks, all);
            pass(home, 250ms);
            auto const stats = all.stats();
            invariant(stats.doing == activity::waiting_for_events, "between two ticks");
            expect_equal(stats.doing_for, 20ms, "since the work on the second was done");
            expect_equal(stats.waited_for_events, 190ms, "in all");
            invariant(ticks.stats().doing == activity::busy, "a timer is none of its ends");
            home.run();
            expect_text(told.text(), "normal", "the run");
            expect_equal(all.stats().waited_for_events, 100ms + 9 * 70ms, "in the end");
        },
        30, patient);
}

BOOST_AUTO_TEST_CASE(waiting_for_demand_is_told_from_waiting_for_events) {
    in_many_orders(
        [](simulation& home) {
            sluice::producer<int> numbers{home, naturals};
            sluice::producer_consumer<int, int> doubled{home, from(numbers, {.max_demand = 4}), doubler};
            sluice::consumer<int> slow{home, from(doubled, {.max_demand = 2, .min_demand = 0}), works, std::ref(home),
                                       10s};
            outcome told;
            start(told, numbers, doubled, slow);
            pass(home, 5s);
            invariant(doubled.stats().doing == activity::waiting_for_demand, "the middle");
            expect_equal(doubled.stats().doing_for, 5s, "since the beginning");
            expect_equal(doubled.stats().waited_for_demand, 5s, "in all");
            invariant(numbers.stats().doing == activity::waiting_for_demand, "the producer");
            slow.stop();
            doubled.stop();
            home.run();
        },
        30, patient);
}

BOOST_AUTO_TEST_CASE(numbers_may_be_read_from_another_thread_while_stages_run) {
    boost::asio::io_context context;
    std::vector<int> got;
    sluice::producer<int> numbers{context, counter, 0, 200'000};
    sluice::producer_consumer<int, int> doubled{context, from(numbers), doubler};
    sluice::consumer<int> all{context, from(doubled), collector, std::ref(got)};
    outcome told;
    start(told, numbers, doubled, all);
    std::thread runner([&] { context.run(); });
    std::uint64_t seen = 0;
    bool grows = true;
    while (all.stats().doing != activity::ended) {
        auto const now = doubled.stats().events_in;
        grows &= now >= seen;
        seen = now;
        sluice::snapshot(all).text();
    }
    runner.join();
    BOOST_TEST(grows);
    BOOST_TEST(all.stats().events_in == 200'000u);
}

BOOST_AUTO_TEST_CASE(a_stage_whose_context_has_gone_still_tells_its_numbers) {
    auto context = std::make_unique<boost::asio::io_context>();
    std::vector<int> got;
    sluice::producer<int> numbers{*context, counter, 0, 100};
    sluice::consumer<int> all{*context, from(numbers), collector, std::ref(got)};
    sluice::producer<int> never{*context, counter, 0, 100};
    outcome told;
    start(told, numbers, all);
    context->run();
    context.reset();
    BOOST_TEST(numbers.stats().events_out == 100u);
    BOOST_TEST((never.stats().doing == activity::ended));
}

BOOST_AUTO_TEST_CASE(what_a_body_had_in_its_hands_when_it_failed_is_counted_and_told_unless_it_comes_again) {
    for (bool const redeliver : {false, true}) {
        in_many_orders([redeliver](simulation& home) {
            std::ostringstream text;
            auto const logger = logger_into(text);
            sluice::producer<int> numbers{home, sluice::outlet_options{.on_last_cancel = on_last_cancel::stop}, counter,
                                          0, 100};
            sluice::consumer<int> weak{home, from(numbers, {.max_demand = 6, .min_demand = 3, .redeliver = redeliver}),
                                       fails_with_the_second};
            weak.set_name("weak");
            weak.set_logger(logger);
            outcome of_numbers, of_weak;
            start(of_numbers, numbers);
            start(of_weak, weak);
            home.run();
            expect_text(of_weak.text(), "oops", "it fails");
            auto const lost = weak.stats().lost_in_hand;
            bool const told = text.str().find("weak: ended with") != std::string::npos;
            if (redeliver) {
                invariant(lost == 0 && !told, "the producer has it");
            } else {
                invariant(lost > 0 && lost <= 3, "one batch: " + std::to_string(lost));
                invariant(
                    text.str().find("ended with " + std::to_string(lost) + " events in its hands") != std::string::npos,
                    "the log says how many: " + text.str());
            }
        });
    }
}

BOOST_AUTO_TEST_CASE(a_partition_that_holds_back_the_producer_is_told_at_once) {
    in_many_orders([](simulation& home) {
        std::ostringstream text;
        std::vector<int> odd, even;
        auto const parity = [](int i) { return std::string(i % 2 ? "odd" : "even"); };
        sluice::producer<int> numbers{
            home, sluice::partition_dispatcher<int, std::string>({"odd", "even"}, parity, {.queue_limit = 3}), counter,
            0, 40};
        numbers.set_logger(logger_into(text));
        sluice::consumer<int> odds{home, from(numbers, {.max_demand = 20}).partition("odd"), collector, std::ref(odd)};
        auto const by_hand = sluice::subscribe_options{.demand_mode = sluice::demand_mode::manual};
        sluice::consumer<int> evens{home, sluice::source<int>(from(numbers, by_hand).partition("even")),
                                    asks_later{&even}};
        outcome told;
        start(told, numbers, odds, evens);
        home.run();
        invariant(even.empty(), "nobody has asked for even ones");
        expect_equal(odd, std::vector{1, 3, 5}, "as far as the queue of the others goes");
        auto const stats = numbers.stats();
        expect_text(stats.held_back_by, "\"even\"", "the statistic names it");
        expect_equal(stats.times_held_back, 1u, "and counts");
        invariant(stats.buffered >= 3, "the queue counts as buffered");
        invariant(text.str().find("partition \"even\" holds back the producer") != std::string::npos,
                  "the log names it: " + text.str());
        evens.async_visit<asks_later>([](asks_later& h) { h.over.ask(100); }, asio::detached);
        home.run();
        expect_text(told.text(), "normal", "the end");
        expect_equal(even.size() + odd.size(), 40u, "all have come");
        expect_text(numbers.stats().held_back_by, "", "nobody holds it back now");
    });
}

BOOST_AUTO_TEST_SUITE_END()
