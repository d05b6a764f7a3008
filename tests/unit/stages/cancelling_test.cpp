#include <algorithm>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <string>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(cancelling)

using namespace stages;
using sluice::cancel_mode;
using sluice::end_kind;
using sluice::end_reason;

namespace {

enum class how {
    ends,
    stops,
    fails,
    cancelled_normally,
    cancelled_as_shutdown,
    cancelled,
    cancelled_with_an_error,
    was_gone
};

struct cell {
    how end;
    cancel_mode mode;
    char const* consumer;  // how its run ends; null: it lives on
    char const* heard;     // the reason in handle_cancel

    friend auto operator<<(std::ostream& out, cell const& c) -> std::ostream& {
        return out << c.heard << ", mode " << static_cast<int>(c.mode);
    }
};

constexpr auto permanent = cancel_mode::permanent;
constexpr auto transient = cancel_mode::transient;
constexpr auto temporary = cancel_mode::temporary;
constexpr char const* oops = "oops";
constexpr char const* aborted = "operation_aborted";
constexpr char const* gone = "the producer has ended, or was destroyed before it was run";

// The table at sluice::cancel_mode, GenStage's.
std::vector<cell> const table{
    {how::ends, permanent, "normal", "normal"},
    {how::ends, transient, nullptr, "normal"},
    {how::ends, temporary, nullptr, "normal"},
    {how::stops, permanent, "normal", "shutdown"},
    {how::stops, transient, nullptr, "shutdown"},
    {how::stops, temporary, nullptr, "shutdown"},
    {how::fails, permanent, oops, "failed: oops"},
    {how::fails, transient, oops, "failed: oops"},
    {how::fails, temporary, nullptr, "failed: oops"},
    {how::cancelled_normally, permanent, "normal", "normal"},
    {how::cancelled_normally, transient, nullptr, "normal"},
    {how::cancelled_normally, temporary, nullptr, "normal"},
    {how::cancelled_as_shutdown, permanent, "normal", "shutdown"},
    {how::cancelled_as_shutdown, transient, nullptr, "shutdown"},
    {how::cancelled_as_shutdown, temporary, nullptr, "shutdown"},
    {how::cancelled, permanent, aborted, "cancelled"},
    {how::cancelled, transient, aborted, "cancelled"},
    {how::cancelled, temporary, nullptr, "cancelled"},
    {how::cancelled_with_an_error, permanent, oops, "failed: oops"},
    {how::cancelled_with_an_error, transient, oops, "failed: oops"},
    {how::cancelled_with_an_error, temporary, nullptr, "failed: oops"},
    {how::was_gone, permanent, gone, "no such producer"},
    {how::was_gone, transient, gone, "no such producer"},
    {how::was_gone, temporary, nullptr, "no such producer"},
};

auto emit_one_then(outlet<int>& out, how end) -> asio::awaitable<void> {
    co_await out.demand();
    co_await out.emit(1);
    if (end == how::fails) throw std::runtime_error(oops);
    if (end == how::ends) co_return;
    while (true) {
        co_await out.demand();
        const bool taken = co_await out.emit(2);
        if (!taken) co_return;
    }
}

/// Hears of its one subscription; gives it up as told when the first event comes.
struct watcher {
    how end;
    std::string* heard;
    sluice::subscription* kept;
    int* after = nullptr;

    void handle_subscribe(sluice::subscription const& from) { *kept = from; }
    void handle_events(batch<int>, sluice::subscription const& from) {
        switch (end) {
            case how::cancelled_normally: from.cancel(); break;
            case how::cancelled_as_shutdown: from.cancel(end_reason::shutdown()); break;
            case how::cancelled: from.cancel(end_reason::cancelled()); break;
            case how::cancelled_with_an_error:
                from.cancel(end_reason(std::make_exception_ptr(std::runtime_error(oops))));
                break;
            default: break;
        }
    }
    void handle_cancel(end_reason const& reason, sluice::subscription const& from) {
        invariant(heard->empty(), "a subscription ends once");
        invariant(from == *kept, "it is that subscription");
        *heard = reason.describe();
    }
};

auto leave_at_once(inlet<int>&) -> asio::awaitable<void> { co_return; }

auto fail_at_once(inlet<int>& in) -> asio::awaitable<void> {
    co_await in.receive();
    throw std::runtime_error(oops);
}

struct told_of_cancel {
    std::vector<std::string>* heard;
    auto handle_demand(std::size_t wanted) -> sluice::emission<int> { return std::vector<int>(wanted, 7); }
    void handle_cancel(end_reason const& reason, sluice::subscription const&) { heard->push_back(reason.describe()); }
};

}  // namespace

BOOST_DATA_TEST_CASE(a_consumer_ends_with_its_subscription_as_its_cancel_mode_says, boost::unit_test::data::make(table),
                     each) {
    in_many_orders(
        [&](simulation& home) {
            std::string heard;
            sluice::subscription kept;
            outcome upstream, downstream;
            sluice::producer<int> numbers{home, emit_one_then, each.end};
            if (each.end == how::was_gone) {
                std::vector<int> got;
                sluice::consumer<int> before{home, sluice::from(numbers), leave_at_once};
                expect_text(run_all(home, numbers, before), "normal", "the run of a producer that ends");
            }
            sluice::consumer<int> watching{
                home, sluice::from(numbers, {.max_demand = 1, .min_demand = 0, .cancel = each.mode}),
                sluice::inlet_options{.stay_open = true}, watcher{each.end, &heard, &kept}};
            if (each.end != how::was_gone) start(upstream, numbers);
            start(downstream, watching);
            if (each.end == how::stops) {
                home.run(200);
                numbers.stop();
            }
            home.run();
            expect_text(heard, each.heard, "the reason");
            expect_text(downstream.text(), each.consumer ? each.consumer : "not ended", "the consumer");
            watching.stop();
            numbers.stop();
            home.run();
            invariant(downstream.calls == 1, "a consumer that lives on can be stopped");
        },
        24);
}

BOOST_AUTO_TEST_CASE(a_producer_hears_why_its_consumer_has_left) {
    in_many_orders([](simulation& home) {
        std::vector<std::string> heard;
        sluice::producer numbers{home, told_of_cancel{&heard}};
        sluice::consumer<int> leaves{home, sluice::from(numbers), leave_at_once};
        sluice::consumer<int> fails{home, sluice::from(numbers), fail_at_once};
        outcome up, left, failed;
        start(up, numbers);
        start(left, leaves);
        start(failed, fails);
        home.run();
        std::sort(heard.begin(), heard.end());
        expect_text(left.text(), "normal", "the one that leaves");
        expect_text(failed.text(), oops, "the one that fails");
        expect_text(up.text(), "normal", "never an end of the producer by a consumer's failure");
        invariant(heard.size() <= 2, "each once");
    });
}

BOOST_AUTO_TEST_CASE(when_every_consumer_has_left_demand_says_so_and_emit_too) {
    in_many_orders([](simulation& home) {
        bool no_demand = false, not_taken = false;
        auto body = [&](outlet<int>& out) -> asio::awaitable<void> {
            while (auto wanted = co_await out.demand()) {
                const bool taken = co_await out.emit(1);
                if (!taken) break;
            }
            auto const wanted = co_await out.demand();
            no_demand = !wanted;
            const bool taken = co_await out.emit(2);
            not_taken = !taken;
        };
        int lost = 0;
        sluice::producer<int> numbers{home, body};
        numbers.on_discard([&](batch<int> events, sluice::discard_reason why) {
            invariant(why == sluice::discard_reason::no_consumers, "the reason");
            lost += static_cast<int>(events.size());
        });
        sluice::consumer<int> leaves{home, sluice::from(numbers, {.max_demand = 3}), leave_at_once};
        expect_text(run_all(home, numbers, leaves), "normal", "the run");
        invariant(no_demand && not_taken, "nullopt and false");
        invariant(lost >= 1, "the event was discarded visibly");
    });
}

BOOST_AUTO_TEST_CASE(a_producer_that_stays_open_waits_for_the_next_consumer_and_gives_it_what_waited) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<int> numbers{home, sluice::outlet_options{.on_last_cancel = sluice::on_last_cancel::stay_open},
                                      counter, 0, 20};
        sluice::consumer<int> leaves{home, sluice::from(numbers, {.max_demand = 5, .min_demand = 0}), leave_at_once};
        outcome up, left, last;
        start(up, numbers);
        start(left, leaves);
        home.run();
        expect_text(left.text(), "normal", "the first consumer");
        expect_text(up.text(), "not ended", "the producer");
        sluice::consumer<int> late{home, sluice::from(numbers), collector, std::ref(got)};
        start(last, late);
        home.run();
        expect_text(up.text(), "normal", "the producer");
        expect_text(last.text(), "normal", "the second consumer");
        invariant(!got.empty() && got.back() == 19, "it got the rest");
        for (std::size_t i = 1; i < got.size(); ++i) expect_equal(got[i], got[i - 1] + 1, "without a gap");
    });
}

BOOST_AUTO_TEST_CASE(what_was_under_way_when_a_consumer_cancelled_is_still_delivered) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        bool cancelled = false;
        struct cancels_first {
            std::vector<int>* got;
            bool* cancelled;
            void handle_events(batch<int> events, sluice::subscription const& from) {
                got->insert(got->end(), events.begin(), events.end());
                if (!std::exchange(*cancelled, true)) from.cancel();
            }
        };
        sluice::producer<int> numbers{home, counter, 0, 100000};
        int lost = 0;
        numbers.on_discard([&](batch<int> events, sluice::discard_reason) { lost += static_cast<int>(events.size()); });
        sluice::consumer<int> leaving{home, sluice::from(numbers, {.max_demand = 100, .min_demand = 90}),
                                      cancels_first{&got, &cancelled}};
        int dropped = 0;
        leaving.on_discard(
            [&](batch<int> events, sluice::discard_reason) { dropped += static_cast<int>(events.size()); });
        expect_text(run_all(home, numbers, leaving), "normal", "the run");
        invariant(got.size() >= 100, "the whole first message at least");
        expect_equal(got, iota(0, static_cast<int>(got.size())), "in order, without a gap");
        expect_equal(dropped, 0, "nothing was dropped on the way");
    });
}

BOOST_AUTO_TEST_CASE(a_cancel_may_be_repeated_and_only_the_first_counts) {
    in_many_orders([](simulation& home) {
        std::string heard;
        sluice::subscription kept;
        sluice::producer<int> numbers{home, naturals};
        sluice::consumer<int> watching{home, sluice::from(numbers, {.max_demand = 1}),
                                       watcher{how::ends, &heard, &kept}};
        outcome told;
        start(told, numbers, watching);
        home.run_ready(60);
        auto const shot = kept;
        for (int i = 0; i < 1000; ++i) shot.cancel(i == 0 ? end_reason::shutdown() : end_reason::cancelled());
        if (!shot.valid()) watching.stop();
        home.run();
        if (shot.valid()) expect_text(heard, "shutdown", "the reason");
        if (shot.valid()) expect_text(told.text(), "normal", "the run");
        for (int i = 0; i < 10; ++i) shot.cancel();
        home.run();
    });
}

BOOST_AUTO_TEST_CASE(async_cancel_completes_when_nothing_more_will_come) {
    in_many_orders([](simulation& home) {
        std::string heard;
        sluice::subscription kept;
        sluice::producer<int> numbers{home, naturals};
        sluice::consumer<int> watching{home, sluice::from(numbers, {.max_demand = 4}),
                                       sluice::inlet_options{.stay_open = true}, watcher{how::ends, &heard, &kept}};
        outcome told;
        start(told, numbers, watching);
        home.run(300);
        invariant(kept.valid(), "it is subscribed by now");
        std::vector<std::string> answers;
        kept.async_cancel(end_reason(), [&](boost::system::error_code error) { answers.push_back(error.message()); });
        home.run();
        expect_equal(answers, std::vector<std::string>{"Success"}, "the answer");
        expect_text(heard, "normal", "the end came");
        kept.async_cancel(end_reason(), [&](boost::system::error_code error) { answers.push_back(error.message()); });
        home.run();
        expect_equal(answers.size(), 2u, "answers, one after the end");
        watching.stop();
        home.run();
        expect_equal(told.calls, 1, "the run has ended");
    });
}

BOOST_AUTO_TEST_CASE(async_cancel_completes_also_when_the_stage_is_stopped_meanwhile) {
    in_many_orders([](simulation& home) {
        std::string heard;
        sluice::subscription kept;
        sluice::producer<int> numbers{home, naturals};
        sluice::consumer<int> watching{home, sluice::from(numbers, {.max_demand = 4}),
                                       watcher{how::ends, &heard, &kept}};
        outcome told;
        start(told, numbers, watching);
        home.run(300);
        int answers = 0;
        kept.async_cancel(end_reason(), [&](boost::system::error_code) { ++answers; });
        watching.stop();
        home.run();
        expect_equal(answers, 1, "answers");
        expect_equal(told.calls, 1, "the run has ended");
    });
}

BOOST_AUTO_TEST_CASE(async_cancel_completes_also_when_the_end_has_come_and_waits_behind_events) {
    in_many_orders(
        [](simulation& home) {
            auto busy = [&](inlet<int>&) -> asio::awaitable<void> { co_await home.async_wait(std::chrono::hours(1)); };
            sluice::producer<int> numbers{
                home, sluice::outlet_options{.on_last_cancel = sluice::on_last_cancel::stay_open}, naturals};
            sluice::consumer<int> never_looks{home, sluice::sources<int>{}, busy};
            outcome told;
            start(told, numbers, never_looks);
            sluice::subscription over;
            never_looks.async_subscribe(
                numbers, {.max_demand = 3},
                [&](boost::system::error_code, sluice::subscription made) { over = std::move(made); });
            home.run_ready();
            over.cancel();
            home.run_ready();
            int answers = 0;
            over.async_cancel(sluice::end_reason(),
                              [&](boost::system::error_code error) { answers += error ? 100 : 1; });
            home.run_ready();
            expect_equal(answers, 1, "answers");
            numbers.stop();
            never_looks.stop();
            home.run();
        },
        60, patient);
}

BOOST_AUTO_TEST_CASE(async_cancel_of_no_subscription_says_so) {
    boost::asio::io_context context;
    std::string answer;
    auto handler = boost::asio::bind_executor(context.get_executor(),
                                              [&](boost::system::error_code error) { answer = error.message(); });
    sluice::subscription{}.async_cancel(end_reason(), std::move(handler));
    BOOST_TEST(answer.empty());
    context.run();
    BOOST_TEST(answer == make_error_code(sluice::errc::subscription_ended).message());
}

BOOST_AUTO_TEST_SUITE_END()
