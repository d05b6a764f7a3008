// async_visit and async_inform.
#include <boost/asio/detached.hpp>
#include <string>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(visits)

using namespace stages;
using sluice::from;

namespace {

struct queue {
    int next = 0;
    std::vector<std::size_t> asked = {};

    auto handle_demand(std::size_t wanted) -> sluice::emission<int> {
        asked.push_back(wanted);
        return {};
    }
};

auto collect(inlet<int>& in, std::vector<int>& got) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) got.insert(got.end(), events->begin(), events->end());
}
/// Emits nothing by itself.
struct silent {
    auto handle_demand(std::size_t) -> sluice::emission<int> { return {}; }
};
auto pass_on(inlet<int>& in, outlet<int>& out) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) co_await out.emit(std::move(*events));
}
auto some(std::initializer_list<int> events) -> batch<int> { return batch<int>(std::vector<int>(events)); }

}  // namespace

BOOST_AUTO_TEST_CASE(a_visit_sees_the_handler_and_gives_back_what_the_function_returns) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        std::size_t asks = 0;
        sluice::producer numbers{home, queue{}};
        sluice::consumer<int> all{home, from(numbers, {.max_demand = 4, .min_demand = 0}), collect, std::ref(got)};
        outcome told;
        start(told, numbers, all);
        numbers.async_visit<queue>(
            [](queue& q, outlet<int>& out) {
                out.push(some({1, 2}));
                q.next = 7;
                return q.asked.size();
            },
            [&](std::exception_ptr error, std::size_t n) {
                invariant(!error, "it ran");
                asks = n + 100;
            });
        home.run();
        invariant(asks >= 100, "answered");
        expect_equal(got, std::vector{1, 2}, "pushed");
        int next = 0;
        numbers.async_visit<queue>([](queue& q) { return q.next; }, [&](std::exception_ptr, int n) { next = n; });
        home.run();
        expect_equal(next, 7, "the state stays");
        numbers.stop();
        home.run();
    });
}

BOOST_AUTO_TEST_CASE(a_visit_may_answer_first_and_then_go_on) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        std::string order;
        sluice::producer numbers{home, queue{}};
        sluice::consumer<int> all{home, from(numbers), collect, std::ref(got)};
        outcome told;
        start(told, numbers, all);
        numbers.async_visit<queue>(
            [&order](queue& q, outlet<int>& out) {
                order += "asked ";
                return sluice::reply_then(++q.next, [&order, &out] {
                    order += "pushed ";
                    out.push(some({1, 2}));
                });
            },
            [&](std::exception_ptr error, int n) {
                invariant(!error && n == 1, "it got the value");
                order += "answered ";
            });
        home.run();
        invariant(order == "asked pushed answered " || order == "asked answered pushed ", "both happen: " + order);
        expect_equal(got, std::vector{1, 2}, "pushed");

        std::string answer;
        numbers.async_visit<queue>(
            [](queue&) { return sluice::reply_then(1, [] { throw std::runtime_error("after the answer"); }); },
            [&](std::exception_ptr error, int) { answer = describe(error); });
        home.run();
        expect_equal(answer, std::string("normal"), "the visitor has its answer");
        expect_text(told.text(), "after the answer", "what is thrown then fails the stage");
    });
}

BOOST_AUTO_TEST_CASE(a_visit_that_cannot_be_says_why) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        std::string wrong, thrown, late;
        sluice::producer numbers{home, queue{}};
        sluice::consumer<int> all{home, from(numbers), collect, std::ref(got)};
        outcome told;
        start(told, numbers, all);
        numbers.async_visit<std::string>([](std::string&) {}, [&](std::exception_ptr e) { wrong = describe(e); });
        numbers.async_visit<queue>([](queue&) { throw std::runtime_error("mine"); },
                                   [&](std::exception_ptr e) { thrown = describe(e); });
        home.run();
        expect_equal(wrong, make_error_code(sluice::errc::wrong_handler).message(), "wrong type");
        expect_equal(thrown, std::string("mine"), "what it throws is the visitor's");
        expect_equal(told.text(), std::string("not ended"), "and nothing to the stage");
        numbers.stop();
        home.run();
        numbers.async_visit<queue>([](queue&) {}, [&](std::exception_ptr e) { late = describe(e); });
        home.run();
        expect_equal(late, make_error_code(sluice::errc::no_such_stage).message(), "too late");
    });
}

BOOST_AUTO_TEST_CASE(a_visit_to_a_stage_that_never_runs_fails_when_its_handle_goes) {
    in_many_orders([](simulation& home) {
        std::string told;
        {
            sluice::producer numbers{home, queue{}};
            numbers.async_visit<queue>([](queue&) {}, [&](std::exception_ptr e) { told = describe(e); });
            home.run();
            expect_equal(told, std::string(), "it waits");
        }
        home.run();
        expect_equal(told, make_error_code(sluice::errc::no_such_stage).message(), "told");
    });
}

BOOST_AUTO_TEST_CASE(informs_come_behind_what_is_buffered_in_order_and_at_once_where_nothing_is) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        std::vector<std::string> told;
        sluice::producer numbers{home, sluice::outlet_options{.on_last_cancel = sluice::on_last_cancel::stay_open},
                                 queue{}};
        outcome end;
        start(end, numbers);
        numbers.async_inform([&] { told.push_back("at once"); }, asio::detached);
        home.run();
        expect_equal(told, std::vector<std::string>{"at once"}, "nothing is buffered");
        numbers.async_visit<queue>([](queue&, outlet<int>& out) { out.push(some({1, 2, 3})); }, asio::detached);
        numbers.async_inform([&] { told.push_back("first"); }, asio::detached);
        numbers.async_inform([&] { told.push_back("second"); }, asio::detached);
        numbers.async_visit<queue>([](queue&, outlet<int>& out) { out.push(some({4})); }, asio::detached);
        numbers.async_inform([&] { told.push_back("third"); }, asio::detached);
        home.run();
        expect_equal(told.size(), std::size_t{1}, "they wait");
        sluice::consumer<int> all{
            home, from(numbers, {.max_demand = 3, .min_demand = 0, .demand_mode = sluice::demand_mode::manual}),
            collect, std::ref(got)};
        outcome done;
        start(done, all);
        home.run();
        numbers.stop();
        home.run();
        expect_equal(told, std::vector<std::string>{"at once"}, "nobody has asked; they end with the stage");
    });
}

BOOST_AUTO_TEST_CASE(informs_come_out_when_the_events_before_them_have_gone) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        std::vector<std::size_t> seen;
        sluice::producer numbers{home, queue{}};
        outcome end;
        start(end, numbers);
        numbers.async_visit<queue>([](queue&, outlet<int>& out) { out.push(some({1, 2, 3})); }, asio::detached);
        numbers.async_inform([&] { seen.push_back(1); }, asio::detached);
        numbers.async_visit<queue>([](queue&, outlet<int>& out) { out.push(some({4})); }, asio::detached);
        numbers.async_inform([&] { seen.push_back(2); }, asio::detached);
        home.run();
        invariant(seen.empty(), "they wait");
        sluice::consumer<int> all{home, from(numbers, {.max_demand = 3, .min_demand = 0}), collect, std::ref(got)};
        outcome done;
        start(done, all);
        home.run();
        expect_equal(seen, std::vector<std::size_t>{1, 2}, "in order");
        expect_equal(got, std::vector{1, 2, 3, 4}, "all");
        numbers.stop();
        home.run();
    });
}

BOOST_AUTO_TEST_CASE(an_inform_to_a_middle_stage_waits_behind_its_queue_and_its_output) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        bool told = false;
        sluice::producer source{home, silent{}};
        sluice::producer_consumer<int, int> middle{home, from(source), pass_on};
        outcome end;
        start(end, source, middle);
        home.run();
        source.async_visit([](outlet<int>& out) { out.push(some({0, 1, 2, 3})); }, asio::detached);
        home.run();
        middle.async_inform([&] { told = true; }, asio::detached);
        home.run();
        invariant(!told, "events wait for a taker");
        sluice::consumer<int> all{home, from(middle), collect, std::ref(got)};
        outcome done;
        start(done, all);
        home.run();
        invariant(told, "they have gone");
        expect_equal(got, std::vector{0, 1, 2, 3}, "all");
        source.stop();
        home.run();
    });
}

BOOST_AUTO_TEST_CASE(an_inform_to_a_consumer_comes_behind_what_has_arrived) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        bool told = false;
        sluice::producer numbers{home, queue{}};
        sluice::consumer<int> all{home, from(numbers), collect, std::ref(got)};
        outcome end;
        start(end, numbers, all);
        all.async_inform([&] { told = true; }, asio::detached);
        home.run();
        invariant(told, "at once");
        numbers.stop();
        home.run();
    });
}

// A small batch to a busy consumer is kept back until the turn ends: not behind an inform.
BOOST_AUTO_TEST_CASE(what_an_inform_tells_comes_to_the_consumer_behind_the_events_before_it) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        std::vector<int> seen;
        sluice::producer source{home, silent{}};
        sluice::consumer<int> all{home, from(source), collect, std::ref(got)};
        outcome end;
        start(end, source, all);
        home.run();
        auto const look = [&] { all.async_inform([&] { seen = got; }, asio::detached); };
        auto const push = [&](outlet<int>& out) {
            all.async_visit([] {}, asio::detached);  // it has something to do
            out.push(1);
            source.async_inform(look, asio::detached);
        };
        source.async_visit(push, asio::detached);
        home.run();
        expect_equal(seen, std::vector{1}, "what was there");
        source.stop();
        home.run();
    });
}

BOOST_AUTO_TEST_CASE(while_demand_accumulates_events_wait_too_also_those_that_were_asked_for) {
    in_many_orders([](simulation& home) {
        std::vector<int> got, heard;
        sluice::producer<int> numbers{home, silent{}};
        sluice::consumer<int> all{home, from(numbers, {.max_demand = 20}), collect, std::ref(got)};
        outcome told;
        start(told, numbers, all);
        home.run();  // twenty events are asked for
        numbers.set_demand(sluice::demand_flow::accumulate);
        for (int i = 0; i < 3; ++i) {
            numbers.async_visit(
                [i](outlet<int>& out) {
                    out.push(some({3 * i, 3 * i + 1, 3 * i + 2}));
                },
                asio::detached);
            numbers.async_inform([i, &heard] { heard.push_back(i); }, asio::detached);
        }
        home.run();
        invariant(got.empty() && heard.empty(), "nothing is let through");
        expect_equal(numbers.buffered_count(), 9u, "it waits");
        numbers.set_demand(sluice::demand_flow::accumulate);
        home.run();
        expect_equal(numbers.buffered_count(), 9u, "the same once more changes nothing");
        numbers.set_demand(sluice::demand_flow::forward);
        home.run();
        expect_equal(got, iota(0, 9), "all of it, in order");
        expect_equal(heard, iota(0, 3), "informs behind their events");
        numbers.stop();
        home.run();
    });
}

BOOST_AUTO_TEST_CASE(an_emit_while_demand_accumulates_waits_and_so_does_a_middle) {
    in_many_orders([](simulation& home) {
        std::vector<int> got;
        sluice::producer<int> numbers{home, counter, 0, 30};
        sluice::producer_consumer<int, int> middle{home, from(numbers, {.max_demand = 4}), pass_on};
        sluice::consumer<int> all{home, from(middle, {.max_demand = 7}), collect, std::ref(got)};
        outcome told;
        start(told, numbers, middle, all);
        home.run_ready(home.get_chooser().choose(30));
        middle.set_demand(sluice::demand_flow::accumulate);
        home.run();
        auto const before = got.size();
        home.run();
        expect_equal(got.size(), before, "nothing comes");
        middle.set_demand(sluice::demand_flow::forward);
        home.run();
        expect_text(told.text(), "normal", "the end");
        expect_equal(got, iota(0, 30), "all, in order");
    });
}

BOOST_AUTO_TEST_CASE(what_waits_for_forward_is_bounded_and_discarded_visibly_at_the_end) {
    in_many_orders([](simulation& home) {
        std::vector<int> got, lost;
        sluice::producer<int> numbers{
            home, sluice::outlet_options{.buffer_size = 4, .buffer_keep = sluice::buffer_keep::first}, silent{}};
        numbers.on_discard(
            [&](batch<int> events, sluice::discard_reason) { lost.insert(lost.end(), events.begin(), events.end()); });
        sluice::consumer<int> all{home, from(numbers, {.max_demand = 20}), collect, std::ref(got)};
        outcome told;
        start(told, numbers, all);
        home.run();
        numbers.set_demand(sluice::demand_flow::accumulate);
        numbers.async_visit([](outlet<int>& out) { out.push(some({0, 1, 2, 3, 4, 5})); }, asio::detached);
        home.run();
        expect_equal(lost, (std::vector{4, 5}), "the bound is the buffer's");
        numbers.stop();
        home.run();
        expect_equal(lost, (std::vector{4, 5, 0, 1, 2, 3}), "the rest when it ends");
        invariant(got.empty(), "none has come");
    });
}

BOOST_AUTO_TEST_CASE(what_waited_for_forward_is_not_discarded_when_there_is_demand_for_it) {
    in_many_orders([](simulation& home) {
        std::vector<int> got, lost;
        sluice::producer<int> numbers{
            home, sluice::outlet_options{.buffer_size = 10, .on_last_cancel = sluice::on_last_cancel::stay_open},
            silent{}};
        numbers.on_discard(
            [&](batch<int> events, sluice::discard_reason) { lost.insert(lost.end(), events.begin(), events.end()); });
        auto const push_ten = [&numbers](int first) {
            numbers.async_visit([first](outlet<int>& out) { out.push(batch<int>(iota(first, first + 10))); },
                                asio::detached);
        };
        outcome of_numbers, of_all;
        start(of_numbers, numbers);
        push_ten(0);
        home.run();
        numbers.set_demand(sluice::demand_flow::accumulate);
        sluice::consumer<int> all{home, from(numbers, {.max_demand = 20}), collect, std::ref(got)};
        start(of_all, all);
        push_ten(10);
        home.run();
        numbers.set_demand(sluice::demand_flow::forward);
        home.run();
        expect_equal(got, iota(0, 20), "all were asked for, and come in order");
        invariant(lost.empty(), "none is dropped");
        numbers.stop();
        home.run();
    });
}

BOOST_AUTO_TEST_SUITE_END()
