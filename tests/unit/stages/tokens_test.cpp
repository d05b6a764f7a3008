#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <string>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(operations_with_other_tokens)

using namespace stages;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(the_operations_work_with_callbacks_too) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        std::vector<std::string> answers;
        auto emits = [&](outlet<int>& out) -> asio::awaitable<void> {
            for (int i = 0; i < 3; ++i) {
                auto const wanted = co_await out.async_demand();
                invariant(wanted >= 1, "there is demand");
                auto events = batch_of(iota(10 * i, 10 * i + 3));
                auto const handed_over = co_await out.async_emit(std::move(events));
                expect_equal(handed_over, 3u, "handed over");
            }
        };
        auto receives = [&](inlet<int>& in) -> asio::awaitable<void> {
            for (;;) {
                auto [error, events] = co_await in.async_receive(asio::as_tuple(asio::use_awaitable));
                if (error) {
                    answers.push_back(error.message());
                    co_return;
                }
                got.insert(got.end(), events.begin(), events.end());
            }
        };
        sluice::producer<int> numbers{home, emits};
        sluice::consumer<int> collected{home, sluice::from(numbers, {.max_demand = 2}), receives};
        expect_text(run_all(home, numbers, collected), "normal", "the run");
        expect_equal(got, std::vector{0, 1, 2, 10, 11, 12, 20, 21, 22}, "the events");
        expect_equal(answers, std::vector{make_error_code(sluice::errc::end_of_stream).message()}, "the end");
    });
}

BOOST_AUTO_TEST_CASE(one_producers_end_is_nothing_to_a_receive_that_waits_for_another) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        std::string end;
        auto receives = [&](inlet<int>& in) -> asio::awaitable<void> {
            for (;;) {
                auto [error, events] = co_await in.async_receive(asio::as_tuple(asio::use_awaitable));
                if (error) {
                    end = error.message();
                    co_return;
                }
                got.insert(got.end(), events.begin(), events.end());
            }
        };
        sluice::producer<int> nothing{home, counter, 0, 0}, early{home, emit_every, std::ref(home), 3, 1ms},
            late{home, emit_every, std::ref(home), 3, 1s};
        sluice::consumer<int> collected{
            home, {sluice::from(nothing), sluice::from(early), sluice::from(late)}, receives};
        expect_text(run_all(home, nothing, early, late, collected), "normal", "the run");
        expect_text(end, make_error_code(sluice::errc::end_of_stream).message(), "the end");
        std::sort(got.begin(), got.end());
        expect_equal(got, std::vector{0, 0, 1, 1, 2, 2}, "the events");
    });
}

BOOST_AUTO_TEST_CASE(a_failure_reaches_a_callback_as_a_code) {
    in_many_orders([](simulation& home) {
        std::vector<std::string> ends;
        auto receives = [&](inlet<int>& in) -> asio::awaitable<void> {
            for (;;) {
                auto [error, events] = co_await in.async_receive(asio::as_tuple(asio::use_awaitable));
                if (!error) continue;
                ends.push_back(error.message());
                co_return;
            }
        };
        auto fails = [](outlet<int>& out) -> asio::awaitable<void> {
            co_await out.emit(1);
            throw std::runtime_error("oops");
        };
        auto fails_with_code = [](outlet<int>& out) -> asio::awaitable<void> {
            co_await out.emit(1);
            throw boost::system::system_error(asio::error::connection_reset);
        };
        sluice::producer<int> one{home, fails}, two{home, fails_with_code};
        sluice::consumer<int> first{home, sluice::from(one), receives}, second{home, sluice::from(two), receives};
        outcome told[4];
        start(told[0], one);
        start(told[1], two);
        start(told[2], first);
        start(told[3], second);
        home.run();
        expect_text(told[2].text(), "normal", "a body that copes");
        std::sort(ends.begin(), ends.end());
        auto expected = std::vector{make_error_code(sluice::errc::producer_failed).message(),
                                    make_error_code(asio::error::connection_reset).message()};
        std::sort(expected.begin(), expected.end());
        expect_equal(ends, expected, "the codes");
    });
}

BOOST_AUTO_TEST_CASE(an_operation_of_a_kind_that_is_outstanding_is_refused) {
    in_many_orders([](simulation& home) {
        std::vector<std::string> answers;
        auto body = [&](outlet<int>& out) -> asio::awaitable<void> {
            out.async_demand([&](boost::system::error_code error, std::size_t) { answers.push_back(error.message()); });
            out.async_demand([&](boost::system::error_code error, std::size_t) { answers.push_back(error.message()); });
            auto first = batch_of({1});
            out.async_emit(std::move(first),
                           [&](boost::system::error_code error, std::size_t) { answers.push_back(error.message()); });
            auto second = batch_of({2});
            out.async_emit(std::move(second),
                           [&](boost::system::error_code error, std::size_t) { answers.push_back(error.message()); });
            invariant(answers.empty(), "nothing completes inside the call");
            co_await home.async_wait(1h);
        };
        int lost = 0;
        sluice::producer<int> alone{home, body};
        alone.on_discard([&](batch<int> events, sluice::discard_reason) { lost += static_cast<int>(events.size()); });
        outcome told;
        start(told, alone);
        home.run_ready();
        auto const refused = make_error_code(sluice::errc::already_running).message();
        expect_equal(answers, std::vector{refused, refused}, "the answers");
        expect_equal(lost, 1, "the second batch is lost visibly");
        alone.stop();
        home.run();
        expect_equal(answers.size(), 4u, "the others fail with the stop");
        expect_equal(lost, 2, "the first batch too");
    });
}

BOOST_AUTO_TEST_SUITE_END()
