#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(coroutine_bodies)

using namespace stages;

namespace {

auto one_of_each(outlet<std::string>& out, std::string by_value, std::unique_ptr<int> move_only, int const& constant,
                 long& by_reference) -> asio::awaitable<void> {
    ++by_reference;
    std::string event = by_value + " " + std::to_string(*move_only) + " " + std::to_string(constant);
    co_await out.emit(std::move(event));
}

auto gather(inlet<std::string>& in, std::string& into) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (auto const& event : *events) into += event;
    }
}

auto takes_count(outlet<int>& out, std::shared_ptr<int> held) -> asio::awaitable<void> {
    while (auto wanted = co_await out.demand()) {
        const bool taken = co_await out.emit(*held);
        if (!taken) co_return;
    }
}

auto receive_one(inlet<int>& in) -> asio::awaitable<void> { co_await in.receive(); }

auto emit_pointers(outlet<std::unique_ptr<int>>& out, int last) -> asio::awaitable<void> {
    for (int i = 0; i < last; ++i) {
        auto event = std::make_unique<int>(i);
        co_await out.emit(std::move(event));
    }
}
auto pass_pointers(inlet<std::unique_ptr<int>>& in, outlet<std::unique_ptr<int>>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) co_await out.emit(std::move(*events));
}
auto sum_pointers(inlet<std::unique_ptr<int>>& in, std::vector<int>& into) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (auto const& event : *events) into.push_back(*event);
    }
}

auto emit_at_once(outlet<int>& out, int first, int last) -> asio::awaitable<void> {
    auto events = batch_of(iota(first, last));
    co_await out.emit(std::move(events));
}

auto single_emits(outlet<int>& out, int last) -> asio::awaitable<void> {
    for (int i = 0; i < last; ++i) {
        const bool taken = co_await out.emit(i);
        if (!taken) co_return;
    }
}

auto never_ahead(outlet<int>& out, int last, int const& processed, int most, int& furthest) -> asio::awaitable<void> {
    for (int i = 0; i < last; ++i) {
        const bool taken = co_await out.emit(i);
        if (!taken) co_return;
        furthest = std::max(furthest, i + 1 - processed);
        invariant(i + 1 - processed <= most, "the producer is never more than max_demand ahead");
    }
}
auto slow(inlet<int>& in, simulation& home, int& processed) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (int event : *events) {
            invariant(event >= processed, "in order");
            co_await home.async_wait(std::chrono::milliseconds(1));
        }
        processed += static_cast<int>(events->size());
    }
}

BOOST_AUTO_TEST_CASE(three_stages_deliver_everything_once_and_in_order) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<int> numbers{home, counter, 0, 3000};
        sluice::producer_consumer<int, int> doubled{home, sluice::from(numbers, {.max_demand = 500}), doubler};
        sluice::consumer<int> collected{home, sluice::from(doubled), collector, std::ref(got)};
        expect_text(run_all(home, numbers, doubled, collected), "normal", "the run");
        auto expected = iota(0, 3000);
        for (int& event : expected) event *= 2;
        invariant(got == expected, "all events, once, in order");
    });
}

BOOST_AUTO_TEST_CASE(a_body_takes_its_arguments_as_a_thread_does) {
    in_many_orders([](simulation& home) {
        long calls = 0;
        std::string got;
        auto number = std::make_unique<int>(7);
        {
            std::string text = "seven";
            sluice::producer<std::string> words{home, one_of_each, text, std::move(number), 8, std::ref(calls)};
            sluice::consumer<std::string> gathered{home, sluice::from(words), gather, std::ref(got)};
            text = "changed after";
            expect_text(run_all(home, words, gathered), "normal", "the run");
        }
        expect_equal(got, std::string("seven 7 8"), "what the body emitted");
        expect_equal(calls, 1, "std::ref reaches the caller's variable");
    });
}

BOOST_AUTO_TEST_CASE(a_body_may_be_a_capturing_lambda_which_the_stage_keeps) {
    in_many_orders([](simulation& home) {
        auto const held = std::make_shared<int>(5);
        std::vector<int> got;
        std::weak_ptr<int> watched;
        {
            auto own = std::make_shared<int>(6);
            watched = own;
            auto body = [own, held](outlet<int>& out) -> asio::awaitable<void> {
                co_await out.emit(*held);
                co_await out.emit(*own);
            };
            sluice::producer<int> two{home, std::move(body)};
            own.reset();
            sluice::consumer<int> collected{home, sluice::from(two), collector, std::ref(got)};
            expect_text(run_all(home, two, collected), "normal", "the run");
            invariant(watched.expired(), "a body that has ended is gone, though its stage's handle is there");
        }
        expect_equal(got, std::vector{5, 6}, "what the body emitted");
        expect_equal(held.use_count(), 1L, "nobody holds on");
    });
}

BOOST_AUTO_TEST_CASE(a_stage_that_never_runs_gives_its_arguments_back) {
    in_many_orders([](simulation& home) {
        auto const held = std::make_shared<int>(1);
        {
            sluice::producer<int> numbers{home, takes_count, held};
            expect_equal(held.use_count(), 2L, "the stage holds its argument");
        }
        home.run();
        expect_equal(held.use_count(), 1L, "and lets go of it with its handle");
    });
}

BOOST_AUTO_TEST_CASE(arguments_are_gone_when_the_stage_has_ended) {
    in_many_orders([](simulation& home) {
        auto const held = std::make_shared<int>(1);
        sluice::producer<int> numbers{home, takes_count, held};
        sluice::consumer<int> one{home, sluice::from(numbers), receive_one};
        expect_text(run_all(home, numbers, one), "normal", "the run");
        expect_equal(held.use_count(), 1L, "the argument's owners");
    });
}

BOOST_AUTO_TEST_CASE(move_only_events_pass_through_every_kind_of_stage) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<std::unique_ptr<int>> made{home, emit_pointers, 100};
        sluice::producer_consumer<std::unique_ptr<int>, std::unique_ptr<int>> passed{
            home, sluice::from(made, {.max_demand = 8}), pass_pointers};
        sluice::consumer<std::unique_ptr<int>> summed{home, sluice::from(passed, {.max_demand = 3}), sum_pointers,
                                                      std::ref(got)};
        expect_text(run_all(home, made, passed, summed), "normal", "the run");
        expect_equal(got, iota(0, 100), "the events");
    });
}

BOOST_AUTO_TEST_CASE(more_than_was_asked_for_may_be_emitted_and_waits) {
    in_many_orders([](simulation& home) {
        std::vector<std::vector<int>> got;
        sluice::producer<int> all{home, emit_at_once, 0, 25};
        sluice::consumer<int> some{home, sluice::from(all, {.max_demand = 10, .min_demand = 0}), batch_collector,
                                   std::ref(got), 100u};
        expect_text(run_all(home, all, some), "normal", "the run");
        expect_equal(got, std::vector{iota(0, 10), iota(10, 20), iota(20, 25)}, "batches of what was asked for");
    });
}

BOOST_AUTO_TEST_CASE(a_body_that_returns_early_still_delivers_what_it_emitted) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<int> numbers{home, single_emits, 300};
        sluice::consumer<int> collected{home, sluice::from(numbers, {.max_demand = 7}), collector, std::ref(got)};
        expect_text(run_all(home, numbers, collected), "normal", "the run");
        expect_equal(got, iota(0, 300), "the events");
    });
}

BOOST_AUTO_TEST_CASE(a_producer_is_never_further_ahead_than_max_demand) {
    in_many_orders([](simulation& home) {
        int processed = 0;
        int furthest = 0;
        sluice::producer<int> numbers{home, never_ahead, 500, std::cref(processed), 20, std::ref(furthest)};
        sluice::consumer<int> slowly{home, sluice::from(numbers, {.max_demand = 20, .min_demand = 10}), slow,
                                     std::ref(home), std::ref(processed)};
        expect_text(run_all(home, numbers, slowly), "normal", "the run");
        expect_equal(furthest, 20, "the bound is reached");
        expect_equal(processed, 500, "all arrived");
    });
}

BOOST_AUTO_TEST_CASE(two_middles_in_a_row_bound_the_producer_by_the_sum_of_their_demands) {
    in_many_orders([](simulation& home) {
        int processed = 0;
        int furthest = 0;
        sluice::producer<int> numbers{home, never_ahead, 400, std::cref(processed), 24, std::ref(furthest)};
        sluice::producer_consumer<int, int> doubled{home, sluice::from(numbers, {.max_demand = 16, .min_demand = 8}),
                                                    doubler};
        sluice::consumer<int> slowly{home, sluice::from(doubled, {.max_demand = 8, .min_demand = 4}), slow,
                                     std::ref(home), std::ref(processed)};
        expect_text(run_all(home, numbers, doubled, slowly), "normal", "the run");
    });
}

BOOST_AUTO_TEST_CASE(a_million_events_one_by_one_need_no_stack) {
    std::vector<int> got;
    boost::asio::io_context context;
    sluice::producer<int> numbers{context, single_emits, 1'000'000};
    sluice::consumer<int> collected{context, sluice::from(numbers), collector, std::ref(got)};
    outcome told;
    start(told, numbers, collected);
    context.run();
    BOOST_TEST(told.text() == "normal");
    BOOST_TEST(got.size() == 1'000'000u);
}

BOOST_AUTO_TEST_CASE(a_consumer_without_producers_waits_until_it_is_stopped) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::consumer<int> lonely{home, sluice::sources<int>{}, collector, std::ref(got)};
        outcome told;
        start(told, lonely);
        home.run();
        expect_text(told.text(), "not ended", "without producers");
        lonely.stop();
        home.run();
        expect_text(told.text(), "operation_aborted", "stopped");
    });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
