// D.1 102 … 119: streams, that is drawing from stages in a coroutine that is none; and stages of ranges.
#include <boost/system/system_error.hpp>
#include <ranges>
#include <sluice/testing/spawn.hpp>
#include <stdexcept>

#include "helpers.hpp"

using namespace conformance;
using sluice::cancel_mode;

namespace {

/// Draws until it has so many events, or all, or fails.
struct drawn {
    std::vector<int> got;
    std::string end = "not ended";
};
auto draw(sluice::stream<int> results, std::size_t most, drawn& into) -> asio::awaitable<void> {
    try {
        while (into.got.size() < most) {
            auto events = co_await results.receive();
            if (!events) break;
            into.got.insert(into.got.end(), events->begin(), events->end());
        }
        into.end = "done";
    } catch (...) {
        into.end = describe(std::current_exception());
    }
    into.got.resize(std::min(into.got.size(), most));
}
/// take(n) of a stream, which is gone afterwards.
void take(simulation& home, sluice::source<int> from, std::size_t most, drawn& into) {
    sluice::testing::spawn(home, draw(sluice::stream<int>(home, std::move(from)), most, into));
}

/// A dispatcher that refuses every subscriber.
struct no_thanks {
    auto subscribe(sluice::subscriber_id, sluice::subscriber<int> const&) -> std::size_t {
        throw std::runtime_error("no_thanks");
    }
    auto cancel(sluice::subscriber_id) -> std::size_t { return 0; }
    auto ask(sluice::subscriber_id, std::size_t n, std::size_t) -> std::size_t { return n; }
    template <class Deliver>
    auto dispatch(std::span<int> events, Deliver&&) -> std::span<int> {
        return events;
    }
    auto total_demand() const -> std::size_t { return 0; }
};

auto from_the_dead(simulation& home, cancel_mode mode) -> drawn {
    drawn result;
    sluice::producer gone{home, silent{}};
    outcome told;
    start(told, gone);
    stop_all(home, gone);
    take(home, from(gone, {.cancel = mode}), 10, result);
    home.run();
    return result;
}

auto from_one_that_refuses(simulation& home, cancel_mode mode, bool dies) -> drawn {
    drawn result;
    sluice::producer<int> refuses{home, no_thanks{}, silent{}};
    outcome told;
    start(told, refuses);
    home.run();
    take(home, from(refuses, {.cancel = mode}), 10, result);
    if (dies) refuses.stop();
    home.run();
    if (!dies) expect_text(told.text(), "not ended", "the producer lives");
    stop_all(home, refuses);
    return result;
}

void expect_failed(drawn const& got, std::string const& why) {
    expect_text(got.end, why, "the end");
    invariant(got.got.empty(), "no events");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gen_stage_stream)

BOOST_AUTO_TEST_CASE(d1_102_may_consume_10_events_out_of_a_demand_of_1000) {
    in_many_orders([](simulation& home) {
        drawn result;
        sluice::producer numbers{home, counter{}};
        outcome told;
        start(told, numbers);
        take(home, from(numbers, {.max_demand = 1000}), 10, result);
        home.run();
        expect_equal(result.got, iota(0, 10), "the first ten");
        expect_text(told.text(), "normal", "its last consumer has left");
    });
}
BOOST_AUTO_TEST_CASE(may_consume_more_events_than_its_demand) {
    in_many_orders([](simulation& home) {
        drawn result;
        sluice::producer numbers{home, counter{}};
        outcome told;
        start(told, numbers);
        take(home, from(numbers, {.max_demand = 10}), 1000, result);
        home.run();
        expect_equal(result.got, iota(0, 1000), "all of them");
        expect_text(told.text(), "normal", "its last consumer has left");
    });
}

BOOST_AUTO_TEST_CASE(d1_106_fails_when_its_producer_is_dead_and_the_subscription_not_temporary) {
    in_many_orders([](simulation& home) {
        auto const gone = make_error_code(sluice::errc::no_such_stage).message();
        expect_failed(from_the_dead(home, cancel_mode::permanent), gone);
        expect_failed(from_the_dead(home, cancel_mode::transient), gone);
    });
}
BOOST_AUTO_TEST_CASE(d1_107_fails_when_its_producer_refuses_and_dies) {
    in_many_orders([](simulation& home) {
        for (auto mode : {cancel_mode::permanent, cancel_mode::transient}) {
            auto const result = from_one_that_refuses(home, mode, true);
            // Which of the two reaches it first is open: the refusal, or that there is nobody any more.
            bool const refused = result.end == "no_thanks";
            bool const gone = result.end == make_error_code(sluice::errc::no_such_stage).message();
            invariant(refused || gone, result.end);
        }
    });
}
BOOST_AUTO_TEST_CASE(d1_108_fails_when_its_producer_refuses_and_lives) {
    in_many_orders([](simulation& home) {
        expect_failed(from_one_that_refuses(home, cancel_mode::permanent, false), "no_thanks");
        expect_failed(from_one_that_refuses(home, cancel_mode::transient, false), "no_thanks");
    });
}
BOOST_AUTO_TEST_CASE(d1_110_is_empty_when_its_producer_is_dead_and_the_subscription_temporary) {
    in_many_orders([](simulation& home) { expect_failed(from_the_dead(home, cancel_mode::temporary), "done"); });
}
BOOST_AUTO_TEST_CASE(d1_111_is_empty_when_its_producer_refuses_and_dies_and_the_subscription_is_temporary) {
    in_many_orders(
        [](simulation& home) { expect_failed(from_one_that_refuses(home, cancel_mode::temporary, true), "done"); });
}
BOOST_AUTO_TEST_CASE(d1_112_is_empty_when_its_producer_refuses_and_lives_and_the_subscription_is_temporary) {
    in_many_orders(
        [](simulation& home) { expect_failed(from_one_that_refuses(home, cancel_mode::temporary, false), "done"); });
}

BOOST_AUTO_TEST_CASE(d1_113_cancels_when_it_is_done_and_its_producer_lives_on) {
    in_many_orders([](simulation& home) {
        drawn result;
        auto numbers =
            sluice::from_range(home, std::views::iota(0), {.on_last_cancel = sluice::on_last_cancel::stay_open});
        outcome told;
        start(told, numbers);
        take(home, from(numbers), 10, result);
        home.run();
        expect_equal(result.got, iota(0, 10), "the first ten");
        expect_text(told.text(), "not ended", "the producer");
        stop_all(home, numbers);
    });
}
BOOST_AUTO_TEST_CASE(d1_114_ends_when_its_producer_does) {
    in_many_orders([](simulation& home) {
        drawn result;
        auto numbers = sluice::from_range(home, std::views::iota(0, 10));
        outcome told;
        start(told, numbers);
        take(home, from(numbers), 1000, result);
        home.run();
        expect_equal(result.got, iota(0, 10), "all");
        expect_text(result.end, "done", "the stream");
        expect_text(told.text(), "normal", "the producer");
    });
}

BOOST_AUTO_TEST_CASE(d1_115_refuses_bad_options) {
    in_many_orders([](simulation& home) {
        sluice::producer numbers{home, silent{}};
        std::string said;
        try {
            sluice::stream<int> never{home, from(numbers, {.max_demand = 0})};
        } catch (boost::system::system_error const& error) {
            said = error.what();
        }
        invariant(said.find("max_demand must be at least 1 (got 0)") != std::string::npos, said);
    });
}

BOOST_AUTO_TEST_CASE(d1_118_a_stage_of_a_range_ends_or_stays_when_its_last_consumer_leaves) {
    for (auto leaving : {sluice::on_last_cancel::stop, sluice::on_last_cancel::stay_open}) {
        in_many_orders([leaving](simulation& home) {
            drawn result;
            auto cycle = std::views::iota(0) | std::views::transform([](int i) { return i % 3 + 1; });
            auto numbers = sluice::from_range(home, cycle, {.on_last_cancel = leaving});
            outcome told;
            start(told, numbers);
            take(home, from(numbers), 5, result);
            home.run();
            expect_equal(result.got, std::vector{1, 2, 3, 1, 2}, "five of them");
            bool const stays = leaving == sluice::on_last_cancel::stay_open;
            expect_text(told.text(), stays ? "not ended" : "normal", "the producer");
            stop_all(home, numbers);
        });
    }
}

BOOST_AUTO_TEST_CASE(d1_119_events_flow_from_the_stage_that_is_named_by_its_handle) {
    in_many_orders([](simulation& home) {
        batches got;
        sluice::producer numbers{home, counter{.enough = 100, .ends = true}};
        sluice::consumer<int> all{home, from(numbers, {.max_demand = 10, .min_demand = 0}), forwarder{&got}};
        outcome told;
        start(told, numbers, all);
        home.run();
        expect_equal(joined(got), iota(0, 100), "all");
        expect_text(told.text(), "normal", "the run");
    });
}

BOOST_AUTO_TEST_SUITE_END()
