#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <ranges>
#include <sluice/flow/launch.hpp>
#include <sluice/flow/map_async.hpp>
#include <sluice/flow/stateful_steps.hpp>
#include <sluice/testing/testing.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_map_async)

using namespace flow_test;
using namespace std::chrono_literals;
using sluice::testing::explore;
using sluice::testing::invariant;
using sluice::testing::simulation;

namespace {

/// What time and calls are to a test.
struct world {
    simulation* home;
    std::size_t now = 0;
    std::size_t most = 0;
    std::size_t calls = 0;

    auto wait(std::chrono::milliseconds time) -> asio::awaitable<void> {
        ++calls;
        most = std::max(most, ++now);
        struct leave {
            std::size_t* n;
            ~leave() { --*n; }
        } const left{&now};
        co_await home->async_wait(time);
    }
};

/// Twice the number, after a time that a chooser decides.
struct slow_double {
    world* in;
    auto operator()(int i) const -> asio::awaitable<int> {
        co_await in->wait(std::chrono::milliseconds(1 + in->home->get_chooser().choose(9)));
        co_return 2 * i;
    }
};
/// The later the event, the sooner the answer.
struct soon {
    world* in;
    auto operator()(int i) const -> asio::awaitable<int> {
        co_await in->wait(std::chrono::milliseconds(100 - i));
        co_return i;
    }
};
struct fails_at {
    world* in;
    int at;
    auto operator()(int i) const -> asio::awaitable<int> {
        co_await in->wait(1ms);
        if (i == at) throw std::runtime_error("no answer");
        co_return i;
    }
};
/// Fails the first times that it is asked for each event.
struct fails_at_first {
    world* in;
    std::shared_ptr<std::vector<int>> asked;
    int times;
    auto operator()(int const& i) const -> asio::awaitable<std::string> {
        co_await in->wait(1ms);
        if ((*asked)[static_cast<std::size_t>(i)]++ < times) throw std::runtime_error("busy");
        co_return std::to_string(i);
    }
};
struct unique_of {
    world* in;
    auto operator()(std::unique_ptr<int> i) const -> asio::awaitable<std::unique_ptr<int>> {
        co_await in->wait(1ms);
        ++*i;
        co_return i;
    }
};

template <class T>
struct outcome {
    std::string error = "not ended";
    std::vector<T> all = {};
};
template <class F>
auto run_here(F& f, simulation& home) {
    outcome<typename F::event_type> result;
    flow::async_collect(f, home, [&](std::exception_ptr error, std::vector<typename F::event_type> events) {
        result.error = sluice::end_reason(error).describe();
        result.all = std::move(events);
    });
    home.run();
    return result;
}

template <class Scenario>
void in_many_orders(Scenario&& scenario) {
    auto const& name = boost::unit_test::framework::current_test_case().p_name.get();
    sluice::testing::simulation_options const patient{.early_deadline_one_in = 0};
    auto const report = explore({.name = name.c_str(), .seeds = 60, .simulation = patient}, scenario);
    BOOST_TEST(report.passed());
}

}  // namespace

BOOST_AUTO_TEST_CASE(answers_come_in_the_order_of_the_events_and_so_many_calls_are_under_way) {
    in_many_orders([](simulation& home) {
        world in{&home};
        auto const f = flow::from(std::views::iota(0, 40)) | flow::map_async({.concurrency = 5}, slow_double{&in}) |
                       flow::map([](int i) { return i + 1; });
        auto const got = run_here(f, home);
        invariant(got.error == "normal", "it ends: " + got.error);
        for (int i = 0; i < 40; ++i) invariant(got.all[static_cast<std::size_t>(i)] == 2 * i + 1, "in order");
        invariant(got.all.size() == 40 && in.calls == 40, "each once");
        invariant(in.most == 5, "five at once, not " + std::to_string(in.most));
    });
}

BOOST_AUTO_TEST_CASE(without_order_answers_come_as_they_are_ready) {
    in_many_orders([](simulation& home) {
        world in{&home};
        auto const f =
            flow::from(std::views::iota(0, 8)) | flow::map_async({.concurrency = 8, .ordered = false}, soon{&in});
        auto const got = run_here(f, home);
        invariant(got.all == (std::vector{7, 6, 5, 4, 3, 2, 1, 0}), "the last first");
    });
}

BOOST_AUTO_TEST_CASE(a_call_that_throws_ends_the_flow_and_the_other_calls) {
    in_many_orders([](simulation& home) {
        world in{&home};
        auto const f = flow::from(std::views::iota(0, 1000)) | flow::map_async({.concurrency = 7}, fails_at{&in, 20});
        auto const got = run_here(f, home);
        invariant(got.error == "failed: no answer", "with its exception: " + got.error);
        invariant(in.now == 0, "no call is left");
        invariant(in.calls < 200, "and no more are made");
    });
}

BOOST_AUTO_TEST_CASE(a_call_is_made_again_as_often_as_it_may_be_and_each_time_later) {
    in_many_orders([](simulation& home) {
        world in{&home};
        auto const began = home.now();
        auto const asked = std::make_shared<std::vector<int>>(10);
        auto const f =
            flow::from(std::views::iota(0, 10)) |
            flow::map_async({.concurrency = 10, .attempts = 3, .backoff = 50ms}, fails_at_first{&in, asked, 2});
        auto const got = run_here(f, home);
        invariant(got.error == "normal" && got.all.size() == 10 && got.all[9] == "9", "the third time works");
        invariant(in.calls == 30, "three calls each");
        invariant(home.now() - began == 153ms, "1 + 50 + 1 + 100 + 1 ms");

        auto const again = std::make_shared<std::vector<int>>(10);
        auto const g = flow::from(std::views::iota(0, 10)) |
                       flow::map_async({.concurrency = 1, .attempts = 2}, fails_at_first{&in, again, 2});
        invariant(run_here(g, home).error == "failed: busy", "the second was the last");
    });
}

BOOST_AUTO_TEST_CASE(events_that_cannot_be_copied_are_moved_through) {
    in_many_orders([](simulation& home) {
        world in{&home};
        auto const f = flow::from(std::views::iota(0, 5)) | flow::map([](int i) { return std::make_unique<int>(i); }) |
                       flow::map_async({.concurrency = 2}, unique_of{&in}) |
                       flow::map([](std::unique_ptr<int> i) { return *i; });
        invariant(run_here(f, home).all == (std::vector{1, 2, 3, 4, 5}), "they arrive");
    });
}

BOOST_AUTO_TEST_CASE(each_stage_behind_a_partition_has_its_own_calls) {
    in_many_orders([](simulation& home) {
        world in{&home};
        auto const f = flow::from(std::views::iota(0, 60)) | flow::partition({.stages = 3}) |
                       flow::map_async({.concurrency = 2}, slow_double{&in});
        auto got = run_here(f, home);
        std::ranges::sort(got.all);
        invariant(got.all.size() == 60 && got.all.front() == 0 && got.all.back() == 118, "each once");
        invariant(in.most <= 6, "two in each stage");
    });
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_left_cancels_the_calls) {
    in_many_orders([](simulation& home) {
        world in{&home};
        auto const f = flow::from(std::views::iota(0)) | flow::map_async({.concurrency = 4}, slow_double{&in});
        std::size_t drawn = 0;
        {
            auto results = flow::stream(f, home);
            home.run_ready(home.get_chooser().choose(200));
            drawn = in.calls;
        }
        home.run();
        invariant(in.now == 0, "no call is left");
        invariant(in.calls <= drawn + 8, "and hardly any was made since");
    });
}

BOOST_AUTO_TEST_CASE(threads_call_at_once_and_every_answer_comes) {
    auto const on_pool = [](int i) -> asio::awaitable<int> {
        auto const executor = co_await asio::this_coro::executor;
        co_await asio::post(executor, asio::use_awaitable);
        co_return i;
    };
    auto const f =
        flow::from(std::views::iota(0, 5000)) | flow::map_async({.concurrency = 32, .ordered = false}, on_pool);
    everywhere([&](collector const& collect) {
        auto const got = sorted(collect(f));
        BOOST_TEST(got.size() == 5000u);
        BOOST_TEST(got.back() == 4999);
    });
}

BOOST_AUTO_TEST_CASE(no_call_outlives_its_flow_however_that_ends) {
    in_many_orders([](simulation& home) {
        for (bool const fails : {false, true}) {
            world in{&home};
            std::string said;
            std::size_t left = 99;
            auto const f = flow::from(std::views::iota(0, 100)) |
                           flow::map_async({.concurrency = 9}, fails_at{&in, fails ? 20 : -1}) | flow::take(5);
            auto const g =
                flow::from(std::views::iota(0, 100)) | flow::map_async({.concurrency = 9}, fails_at{&in, 20});
            auto const note = [&](std::exception_ptr error, std::vector<int>) {
                said = sluice::end_reason(error).describe();
                left = in.now;
            };
            if (fails) {
                flow::async_collect(g, home, note);
            } else {
                flow::async_collect(f, home, note);
            }
            home.run();
            invariant(said == (fails ? "failed: no answer" : "normal"), said);
            invariant(left == 0, "when it is told, no call is under way");
        }
    });
}

BOOST_AUTO_TEST_CASE(what_a_copy_for_another_attempt_throws_ends_the_flow) {
    struct brittle {
        int copies_left = 1;
        brittle() = default;
        brittle(brittle&&) = default;
        brittle(brittle const& other) : copies_left(other.copies_left - 1) {
            if (other.copies_left == 0) throw std::runtime_error("it broke");
        }
        auto operator=(brittle const&) -> brittle& = default;
    };
    in_many_orders([](simulation& home) {
        world in{&home};
        auto const busy = [&in](brittle const&) -> asio::awaitable<int> {
            co_await in.wait(1ms);
            throw std::runtime_error("busy");
        };
        auto const f = flow::from(std::views::iota(0, 1)) | flow::map([](int) { return brittle(); }) |
                       flow::map_async({.attempts = 5}, busy);
        auto const got = run_here(f, home);
        invariant(got.error == "failed: it broke", got.error);
    });
}

BOOST_AUTO_TEST_CASE(the_first_answer_is_enough_though_no_other_call_ever_answers) {
    in_many_orders([](simulation& home) {
        auto const asks = [&home](int mirror) -> asio::awaitable<int> {
            auto const time = mirror == 3 ? std::chrono::hours(0) : std::chrono::hours(1'000'000);
            co_await home.async_wait(time);
            co_return mirror;
        };
        auto const f = flow::from(std::views::iota(0, 5)) | flow::map_async({.concurrency = 5, .ordered = false}, asks);
        auto const began = home.now();
        std::optional<int> got;
        flow::async_first(f, home, [&](std::exception_ptr, std::optional<int> answer) { got = answer; });
        home.run();
        invariant(got == 3, "the mirror that answers");
        invariant(home.now() - began < std::chrono::hours(1), "and nobody waits for the others");
    });
}

BOOST_AUTO_TEST_CASE(a_stage_that_waits_for_events_hears_that_nobody_wants_more) {
    in_many_orders([](simulation& home) {
        auto const one_and_then_long_nothing = [&home](sluice::outlet<int>& out) -> asio::awaitable<void> {
            const bool taken = co_await out.emit(1);
            if (taken) co_await home.async_wait(std::chrono::hours(1'000'000));
        };
        auto const to_one = [](int) { return 7; };
        auto const f = flow::source<int>(one_and_then_long_nothing) | flow::partition({.stages = 3}, to_one) |
                       flow::map([](int i) { return i; });
        auto const began = home.now();
        std::optional<int> got;
        flow::async_first(f, home, [&](std::exception_ptr, std::optional<int> event) { got = event; });
        home.run();
        invariant(got == 1, "the event");
        invariant(home.now() - began < std::chrono::hours(1), "and nobody waits for another, or for the source");
    });
}

BOOST_AUTO_TEST_CASE(what_was_not_given_out_is_counted_when_a_flow_is_stopped) {
    in_many_orders([](simulation& home) {
        auto const first_never = [&home](int i) -> asio::awaitable<int> {
            auto const time = i == 0 ? std::chrono::hours(1) : std::chrono::hours(0);
            co_await home.async_wait(time);
            co_return i;
        };
        auto const f = flow::from(std::views::iota(0, 40)) | flow::map_async({.concurrency = 20}, first_never);
        auto running = flow::launch(f, home);
        home.async_wait(1min, [&](auto&&...) { running.async_stop(flow::stopping::now, [](auto&&...) {}); });
        home.run();
        auto const stats = running.stats();
        auto const& calls = stats[1];
        invariant(calls.events_in >= 20, "so many calls there may be");
        invariant(calls.discarded >= 19, "answers are discarded, and what was not taken in");
        invariant(calls.lost_in_hand + 19 == calls.events_in, "the rest was in hand");
    });
}

BOOST_AUTO_TEST_CASE(a_failure_is_heard_while_an_answer_waits_for_a_taker) {
    in_many_orders([](simulation& home) {
        auto const asks = [&home](int i) -> asio::awaitable<int> {
            auto const time = i == 7 ? 1min : 0min;
            co_await home.async_wait(time);
            if (i == 7) throw std::runtime_error("no answer");
            co_return i;
        };
        auto const takes_none = [&home](sluice::inlet<int>& in) -> asio::awaitable<void> {
            auto const some = co_await in.receive();
            invariant(some.has_value(), "it gets some");
            co_await home.async_wait(std::chrono::hours(100));
        };
        sluice::consumer<int> taker(home, sluice::sources<int>(), takes_none);
        auto const f = flow::from(std::views::iota(0, 2000)) | flow::map_async({.ordered = false}, asks);
        std::string said;
        flow::async_into(f, home, taker, [&](std::exception_ptr e) { said = sluice::end_reason(e).describe(); });
        auto const began = home.now();
        home.run();
        invariant(said == "failed: no answer", said);
        invariant(home.now() - began < std::chrono::hours(1), "at once");
    });
}

BOOST_AUTO_TEST_CASE(a_wait_that_the_clock_cannot_hold_is_none) {
    in_many_orders([](simulation& home) {
        world in{&home};
        auto const asked = std::make_shared<std::vector<int>>(10);
        auto const longest = std::chrono::steady_clock::duration::max() / 3;
        auto const f = flow::from(std::views::iota(0, 2)) |
                       flow::map_async({.attempts = 100, .backoff = longest}, fails_at_first{&in, asked, 99});
        auto const got = run_here(f, home);
        invariant(got.error == "failed: busy", got.error);
    });
    auto const third = [](std::size_t attempts, std::chrono::steady_clock::duration backoff) {
        return sluice::detail::backoff_after(attempts, {.backoff = backoff});
    };
    BOOST_TEST((third(1, 3ms) == 3ms));
    BOOST_TEST((third(4, 3ms) == 24ms));
    BOOST_TEST((third(40, 1ns) == std::chrono::nanoseconds(std::int64_t{1} << 39)));
    BOOST_TEST((third(1'000'000'000, 0ms) == 0ms));
    BOOST_TEST((third(1'000'000'000, 1ns) == std::chrono::steady_clock::duration::max()));
}

BOOST_AUTO_TEST_CASE(options_are_checked) {
    auto const said = [](flow::map_async_options const& options) -> std::string {
        try {
            flow::map_async(options, [](int i) -> asio::awaitable<int> { co_return i; });
        } catch (boost::system::system_error const& error) {
            return error.what();
        }
        return "nothing";
    };
    BOOST_TEST(said({.concurrency = 0}).find("map_async_options::concurrency must be at least 1 (got 0)") == 0u);
    BOOST_TEST(said({.attempts = 0}).find("map_async_options::attempts must be at least 1 (got 0)") == 0u);
    BOOST_TEST(said({.backoff = -5ms}).find("map_async_options::backoff must be at least 0 (got -5 ms)") == 0u);
    auto const unique = flow::from(std::views::iota(0, 5)) | flow::map([](int i) { return std::make_unique<int>(i); });
    world in{nullptr};
    BOOST_CHECK_THROW(unique | flow::map_async({.attempts = 2}, unique_of{&in}), boost::system::system_error);
}

BOOST_AUTO_TEST_SUITE_END()
