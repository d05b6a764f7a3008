// Redelivery, and what may go wrong where subscriptions are refused, dropped or replaced.
#include <boost/asio/detached.hpp>
#include <string>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(redeliveries)

using namespace stages;
using sluice::fan_out;
using sluice::from;

namespace {

auto collect(inlet<int>& in, std::vector<int>& got) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) got.insert(got.end(), events->begin(), events->end());
}
auto fail_at_once(inlet<int>& in) -> asio::awaitable<void> {
    auto const events = co_await in.receive();
    if (events) throw std::runtime_error("with a batch in its hands");
}
auto emit_three(outlet<int>& out) -> asio::awaitable<void> {
    auto events = batch<int>(std::vector{1, 2, 3});
    co_await out.emit(std::move(events));
}
/// Emits what it is asked for, as often as it is asked.
auto emit_on_demand(outlet<int>& out, int& asked) -> asio::awaitable<void> {
    for (int next = 0; next < 20;) {
        auto const wanted = co_await out.demand();
        if (!wanted) co_return;
        ++asked;
        auto events = out.make_batch();
        for (std::size_t n = 0; n < *wanted && next < 20; ++n) events.push_back(next++);
        co_await out.emit(std::move(events));
    }
}
struct silent {
    auto handle_demand(std::size_t) -> sluice::emission<int> { return {}; }
};
auto some(std::initializer_list<int> events) -> batch<int> { return batch<int>(std::vector<int>(events)); }

}  // namespace

BOOST_AUTO_TEST_CASE(the_next_consumer_gets_first_what_a_failed_one_had_in_its_hands) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<int> numbers{home, sluice::outlet_options{.on_last_cancel = sluice::on_last_cancel::stay_open},
                                      emit_three};
        sluice::consumer<int> weak{home, from(numbers, {.redeliver = true}), fail_at_once};
        outcome told, failed, late;
        start(told, numbers);
        start(failed, weak);
        home.run();
        expect_equal(failed.text(), std::string("with a batch in its hands"), "the first consumer");
        expect_equal(told.text(), std::string("not ended"), "the producer waits for another");
        sluice::consumer<int> strong{home, from(numbers, {.redeliver = true}), collect, std::ref(got)};
        start(late, strong);
        home.run();
        expect_equal(got, std::vector{1, 2, 3}, "everything");
        expect_equal(told.text(), std::string("normal"), "the producer");
        expect_equal(late.text(), std::string("normal"), "the second consumer");
    });
}

BOOST_AUTO_TEST_CASE(without_it_what_a_failed_consumer_had_is_lost_and_the_producer_keeps_nothing) {
    in_many_orders([](simulation& home) {
        sluice::producer<int> numbers{home, emit_three};
        sluice::consumer<int> weak{home, from(numbers), fail_at_once};
        outcome told, failed;
        start(told, numbers);
        start(failed, weak);
        home.run();
        expect_equal(told.text(), std::string("normal"), "delivered is delivered");
        expect_equal(failed.text(), std::string("with a batch in its hands"), "the consumer");
    });
}

BOOST_AUTO_TEST_CASE(a_refused_subscription_leaves_nothing_to_the_next_one) {
    in_many_orders([](simulation& home) {
        std::vector<int> got, none;
        fan_out<int> fan{home};
        sluice::consumer<int> refused{home, from(fan, {.max_weight = 5, .redeliver = true}), collect, std::ref(none)};
        outcome told, failed;
        start(failed, refused);
        home.run();
        invariant(failed.text() != "normal" && failed.calls == 1, "it is refused");
        sluice::consumer<int> next{home, from(fan), collect, std::ref(got)};
        start(told, next);
        fan.async_dispatch(some({1, 2}), asio::detached);
        fan.close();
        home.run();
        expect_equal(got, std::vector{1, 2}, "the next one");
        expect_equal(told.text(), std::string("normal"), "and the end comes");
    });
}

BOOST_AUTO_TEST_CASE(a_refused_first_subscription_is_no_consumer_that_has_left) {
    in_many_orders([](simulation& home) {
        std::vector<int> got, none;
        std::string answer;
        sluice::intake<int> lines{home};
        sluice::consumer<int> refused{home, from(lines, {.max_weight = 5}), collect, std::ref(none)};
        outcome told, failed;
        start(failed, refused);
        home.run();
        lines.async_emit(7, [&](std::exception_ptr, bool taken) { answer = taken ? "taken" : "not taken"; });
        home.run();
        expect_equal(answer, std::string(), "it waits for the first consumer");
        sluice::consumer<int> first{home, from(lines), collect, std::ref(got)};
        start(told, first);
        home.run();
        expect_equal(answer, std::string("taken"), "which has come");
        lines.close();
        home.run();
    });
}

BOOST_AUTO_TEST_CASE(demand_that_waited_behind_a_backlog_is_told_when_that_has_gone) {
    in_many_orders([](simulation& home) {
        int asked = 0;
        std::vector<int> got, before;
        sluice::producer<int> numbers{home, sluice::outlet_options{.on_last_cancel = sluice::on_last_cancel::stay_open},
                                      emit_on_demand, std::ref(asked)};
        outcome told, late;
        start(told, numbers);
        sluice::consumer<int> leaver{home, from(numbers, {.max_demand = 10}), fail_at_once};
        outcome left;
        start(left, leaver);
        home.run();
        numbers.async_visit([](outlet<int>& out) { out.push(some({100, 101, 102})); }, asio::detached);
        home.run();
        sluice::consumer<int> next{home, from(numbers, {.max_demand = 10}), collect, std::ref(got)};
        start(late, next);
        home.run();
        expect_equal(told.text(), std::string("normal"), "the producer has emitted all");
        expect_equal(late.text(), std::string("normal"), "and its consumer has it");
        invariant(got.size() >= 10, "what was pushed and what came later");
    });
}

BOOST_AUTO_TEST_CASE(a_handler_object_whose_only_consumer_subscribes_anew_goes_on) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer numbers{home, silent{}};
        sluice::consumer<int> only{home, {}, sluice::inlet_options{.stay_open = true}, collect, std::ref(got)};
        outcome told, done;
        start(told, numbers);
        start(done, only);
        sluice::subscription first, second;
        only.async_subscribe(numbers, {}, [&](auto, sluice::subscription s) { first = s; });
        home.run();
        only.async_resubscribe(first, sluice::end_reason(), from(numbers),
                               [&](auto, sluice::subscription s) { second = s; });
        home.run();
        invariant(second.valid(), "it has subscribed anew");
        expect_equal(told.text(), std::string("not ended"), "the producer serves it");
        numbers.async_visit<silent>([](silent&, outlet<int>& out) { out.push(some({5})); }, asio::detached);
        home.run();
        expect_equal(got, std::vector{5}, "over the new subscription");
        numbers.stop();
        only.stop();
        home.run();
    });
}

BOOST_AUTO_TEST_CASE(a_weight_that_throws_in_a_redelivery_while_the_stage_drains_ends_it_in_order) {
    in_many_orders([](simulation& home) {
        bool armed = false;
        std::vector<int> got;
        std::size_t lost = 0;
        sluice::producer<int> numbers{home, sluice::outlet_options{.on_last_cancel = sluice::on_last_cancel::stay_open},
                                      emit_three};
        numbers.on_discard([&](batch<int> events, sluice::discard_reason) { lost += events.size(); });
        sluice::consumer<int> weak{home, from(numbers, {.redeliver = true}), fail_at_once};
        outcome told, failed, late;
        start(told, numbers);
        start(failed, weak);
        home.run();
        armed = true;
        auto weighed =
            from(numbers, {.cancel = sluice::cancel_mode::temporary, .max_weight = 9}).weigh([&](int) -> std::size_t {
                if (armed) throw std::runtime_error("no weight");
                return 1;
            });
        sluice::consumer<int> next{home, std::move(weighed), collect, std::ref(got)};
        start(late, next);
        home.run();
        expect_equal(told.text(), std::string("no weight"), "the producer fails with that");
        expect_equal(got.size() + lost, std::size_t{3}, "each event is reported once");
    });
}

BOOST_AUTO_TEST_CASE(what_a_partition_drops_with_its_last_consumer_is_seen) {
    in_many_orders([](simulation& home) {
        std::vector<int> lost, got;
        auto const first = [](int) { return std::size_t{0}; };
        sluice::partition_dispatcher<int> parts(
            {.partitions = 1, .on_leave = sluice::on_leave::drop, .queue_ahead = true}, first);
        fan_out<int> fan{home, std::move(parts), {.on_last_cancel = sluice::on_last_cancel::stop}};
        fan.on_discard(
            [&](batch<int> events, sluice::discard_reason) { lost.insert(lost.end(), events.begin(), events.end()); });
        sluice::consumer<int> only{home, from(fan, {.max_demand = 1, .partition = 0}), fail_at_once};
        outcome told;
        fan.async_dispatch(some({1, 2, 3}), asio::detached);
        home.run();
        start(told, only);
        home.run();
        fan.close();
        home.run();
        expect_equal(lost.size(), std::size_t{2}, "all but the one that was delivered");
    });
}

BOOST_AUTO_TEST_SUITE_END()
