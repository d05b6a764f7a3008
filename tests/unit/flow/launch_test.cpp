#include <atomic>
#include <boost/asio/deferred.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <istream>
#include <optional>
#include <ranges>
#include <sluice/end_reason.hpp>
#include <sluice/flow/bodies.hpp>
#include <sluice/flow/from_lines.hpp>
#include <sluice/flow/launch.hpp>
#include <sluice/flow/run.hpp>
#include <sluice/flow/stateful_steps.hpp>
#include <sluice/flow/through.hpp>
#include <sluice/from_range.hpp>
#include <sluice/testing/testing.hpp>
#include <stdexcept>
#include <streambuf>
#include <string>
#include <thread>
#include <vector>

#include "support.hpp"

BOOST_AUTO_TEST_SUITE(flow_launch)

using namespace flow_test;
using namespace std::chrono_literals;
using flow::stopping;
using sluice::testing::explore;
using sluice::testing::invariant;
using sluice::testing::simulation;

namespace {

struct counts {
    int made = 0;
    int seen = 0;
};
/// Endless, and noted.
struct numbers {
    counts* in;
    auto operator()() const -> std::optional<int> { return in->made++; }
};
/// A sink that needs a millisecond for each batch.
auto note_slowly(sluice::inlet<int>& in, simulation& home, counts& into) -> asio::awaitable<void> {
    while (auto events = co_await in.receive()) {
        for (int const event : *events) invariant(event == into.seen++, "in order, and none is missing");
        co_await home.async_wait(1ms);
    }
}

auto endless(simulation& home, counts& of) {
    return flow::from(numbers{&of}) | flow::map([](int i) { return i; }) |
           flow::sink(note_slowly, std::ref(home), std::ref(of));
}
/// What an operation on the flow ends with.
struct ending {
    std::string said = "not ended";
    auto note() {
        return [this](std::exception_ptr error) { said = sluice::end_reason(error).describe(); };
    }
};

template <class Scenario>
void in_many_orders(Scenario&& scenario) {
    auto const& name = boost::unit_test::framework::current_test_case().p_name.get();
    sluice::testing::simulation_options const patient{.early_deadline_one_in = 0};
    auto const report = explore({.name = name.c_str(), .seeds = 60, .simulation = patient}, scenario);
    BOOST_TEST(report.passed());
}
/// Lets so much time pass.
void pass(simulation& home, std::chrono::milliseconds time) {
    home.async_wait(time, [&home](auto&&...) { home.stop(); });
    home.run();
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_flow_that_is_drained_delivers_all_that_its_source_has_made) {
    in_many_orders([](simulation& home) {
        counts of;
        auto const f = endless(home, of);
        auto running = flow::launch(f, home);
        ending stopped;
        pass(home, 20ms);
        invariant(of.seen > 0, "it runs");
        running.async_stop(stopping::drain, stopped.note());
        home.run();
        invariant(stopped.said == "normal", "it ends: " + stopped.said);
        invariant(of.seen == of.made, "all of it has arrived");
    });
}

BOOST_AUTO_TEST_CASE(a_flow_that_is_stopped_now_ends_in_a_moment) {
    in_many_orders([](simulation& home) {
        counts of;
        auto const f = endless(home, of);
        auto running = flow::launch(f, home);
        ending stopped, joined;
        running.async_join(joined.note());
        pass(home, 5ms);
        running.async_stop(stopping::now, stopped.note());
        home.run();
        invariant(stopped.said.find("Operation canceled") != std::string::npos, "it was stopped: " + stopped.said);
        invariant(joined.said == stopped.said, "all who wait hear the same");
    });
}

BOOST_AUTO_TEST_CASE(a_flow_that_leaves_out_a_line_without_an_end_can_be_stopped) {
    in_many_orders([](simulation& home) {
        struct : std::streambuf {
            char one = 'x';
            auto underflow() -> int_type override {
                setg(&one, &one, &one + 1);
                return one;
            }
        } endless;
        std::istream stream{&endless};
        sluice::line_options const options{.chunk_size = 64, .max_line = 50, .long_lines = sluice::long_lines::skip};
        auto const f = flow::from_lines(stream, options) | flow::drop(1);
        auto running = flow::launch(f, home);
        ending stopped;
        home.run_ready(50);
        running.async_stop(stopping::now, stopped.note());
        home.run();
        invariant(stopped.said.find("Operation canceled") != std::string::npos, "it was stopped: " + stopped.said);
    });
}

BOOST_AUTO_TEST_CASE(every_event_of_a_flow_that_is_stopped_has_arrived_or_is_counted) {
    in_many_orders([](simulation& home) {
        counts of;
        auto const f = flow::from(numbers{&of}) | flow::partition({.stages = 3, .max_demand = 20});
        auto running = flow::launch(f, home);
        home.run_ready(home.get_chooser().choose(200));
        running.async_stop(stopping::now, [](auto&&...) {});
        home.run();
        std::uint64_t counted = 0;
        for (auto const& each : running.stats()) counted += each.events_in + each.discarded;
        invariant(counted == static_cast<std::uint64_t>(of.made), "none is missing");
    });
}

BOOST_AUTO_TEST_CASE(a_pause_lets_through_what_is_on_its_way_and_nothing_more) {
    in_many_orders([](simulation& home) {
        counts of;
        auto const f = endless(home, of);
        auto running = flow::launch(f, home);
        pass(home, 10ms);
        running.pause();
        running.pause();
        pass(home, 10s);
        auto const quiet = of.seen;
        pass(home, 10s);
        invariant(of.seen == quiet, "nothing comes");
        invariant(of.made <= quiet + 3000, "and the source has stopped too");
        running.resume();
        pass(home, 20ms);
        invariant(of.seen > quiet, "it goes on where it was");
        running.pause();
        ending stopped;
        running.async_stop(stopping::drain, stopped.note());
        home.run();
        invariant(stopped.said == "normal" && of.seen == of.made, "a drain ends the pause");
    });
}

BOOST_AUTO_TEST_CASE(a_layer_without_outlets_is_paused_and_drained_too) {
    in_many_orders([](simulation& home) {
        counts of;
        auto const f = flow::from(numbers{&of}) | flow::map([&of](int i) { return of.seen += (i >= 0); });
        auto running = flow::launch(f, home);
        home.run_ready(50);
        running.pause();
        home.run();
        auto const quiet = of.made;
        home.run();
        invariant(of.made == quiet, "it makes nothing");
        running.resume();
        home.run_ready(50);
        invariant(of.made > quiet, "it goes on");
        ending stopped;
        running.async_stop(stopping::drain, stopped.note());
        home.run();
        invariant(stopped.said == "normal" && of.seen == of.made, "and ends in order");
    });
}

BOOST_AUTO_TEST_CASE(a_flow_that_begins_with_a_stage_leaves_it_when_it_is_drained) {
    in_many_orders([](simulation& home) {
        for (bool const has_outlets : {true, false}) {
            counts of;
            auto outside = sluice::from_range(home, std::views::iota(0));
            ending outside_ended, stopped;
            sluice::async_run(outside, outside_ended.note());
            auto const begin = flow::from(outside, {.max_demand = 30});
            auto const with_sink = begin | flow::sink(note_slowly, std::ref(home), std::ref(of));
            auto const with_tap = begin | flow::tap([&of](int i) { invariant(i == of.seen++, "in order"); });
            auto running = has_outlets ? flow::launch(with_sink, home) : flow::launch(with_tap, home);
            home.run_ready(home.get_chooser().choose(300));
            running.async_stop(stopping::drain, stopped.note());
            auto const began = home.now();
            home.run();
            invariant(stopped.said == "normal", "it ends: " + stopped.said);
            invariant(home.now() - began < 1s, "at once");
            auto const stats = outside.stats();
            invariant(outside_ended.said == "normal", "its only consumer has left: " + outside_ended.said);
            invariant(stats.events_out - stats.discarded == static_cast<std::uint64_t>(of.seen),
                      "what it was given has arrived");
        }
    });
}

BOOST_AUTO_TEST_CASE(a_flow_that_begins_with_a_stage_is_paused_as_any_other) {
    in_many_orders([](simulation& home) {
        for (bool const has_outlets : {true, false}) {
            counts of;
            auto outside = sluice::from_range(home, std::views::iota(0));
            sluice::async_run(outside, [](auto&&...) {});
            auto const begin = flow::from(outside);
            auto const with_sink = begin | flow::sink(note_slowly, std::ref(home), std::ref(of));
            auto const with_tap = begin | flow::tap([&of](int i) { invariant(i == of.seen++, "in order"); });
            auto running = has_outlets ? flow::launch(with_sink, home) : flow::launch(with_tap, home);
            home.run_ready(100);
            running.pause();
            pass(home, 10s);
            auto const quiet = of.seen;
            pass(home, 10s);
            invariant(of.seen == quiet, "nothing comes");
            running.resume();
            home.run_ready(200);
            invariant(of.seen > quiet, "it goes on where it was");
            ending stopped;
            running.async_stop(stopping::drain, stopped.note());
            home.run();
            invariant(stopped.said == "normal", "it ends: " + stopped.said);
        }
    });
}

BOOST_AUTO_TEST_CASE(what_is_in_a_stage_that_a_flow_goes_through_arrives_when_it_is_drained) {
    in_many_orders([](simulation& home) {
        counts of;
        auto const pass_on = [](sluice::inlet<int>& in, sluice::outlet<int>& out) -> asio::awaitable<void> {
            while (auto events = co_await in.receive()) {
                bool const taken = co_await out.emit(std::move(*events));
                if (!taken) co_return;
            }
        };
        sluice::producer_consumer<int, int> outside(home, {}, pass_on);
        auto const f =
            flow::from(numbers{&of}) | flow::through(outside) | flow::sink(note_slowly, std::ref(home), std::ref(of));
        ending outside_ended, stopped;
        sluice::async_run(outside, outside_ended.note());
        auto running = flow::launch(f, home);
        pass(home, 20ms);
        running.async_stop(stopping::drain, stopped.note());
        home.run();
        invariant(stopped.said == "normal" && outside_ended.said == "normal", "it ends: " + stopped.said);
        invariant(of.seen > 0 && of.seen == of.made, "all of it has arrived");
    });
}

BOOST_AUTO_TEST_CASE(a_pause_is_nothing_to_a_flow_that_is_being_stopped) {
    in_many_orders([](simulation& home) {
        counts of;
        auto const f = endless(home, of);
        auto running = flow::launch(f, home);
        home.run_ready(home.get_chooser().choose(100));
        ending stopped;
        running.async_stop(stopping::drain, stopped.note());
        home.run_ready(home.get_chooser().choose(20));
        running.pause();
        auto const began = home.now();
        home.run();
        invariant(stopped.said == "normal" && of.seen == of.made, "it drains: " + stopped.said);
        invariant(home.now() - began < sluice::stage_group_options().drain_timeout, "in its own time");
    });
}

BOOST_AUTO_TEST_CASE(a_flow_is_stopped_when_the_operation_is_started) {
    in_many_orders([](simulation& home) {
        counts of;
        auto const f = endless(home, of);
        auto running = flow::launch(f, home);
        auto stop = running.async_stop(stopping::now, asio::deferred);
        pass(home, 20ms);
        auto const seen = of.seen;
        invariant(seen > 0, "it runs");
        pass(home, 20ms);
        invariant(of.seen > seen, "and goes on");
        ending stopped;
        std::move(stop)(stopped.note());
        home.run();
        invariant(stopped.said.find("Operation canceled") != std::string::npos, "until then: " + stopped.said);
    });
}

BOOST_AUTO_TEST_CASE(the_end_is_told_at_once_and_no_timer_is_left) {
    in_many_orders([](simulation& home) {
        auto const f = flow::from(std::views::iota(0, 100)) | flow::map([](int i) { return i; });
        auto const began = home.now();
        int told = 0;
        bool ended = false;
        auto const note = [&](std::vector<sluice::stage_stats> const& stages) {
            ++told;
            ended = stages.front().doing == sluice::activity::ended && stages.front().events_in == 0;
        };
        auto running = flow::launch(f, home);
        running.on_progress(1h, [](auto const&) { invariant(false, "another has taken its place"); });
        running.on_progress(1h, note);
        home.run();
        invariant(told == 1 && ended, "once, at the end");
        running.on_progress(1h, note);
        home.run();
        invariant(told == 2, "who asks later is told too");
        invariant(home.now() - began < 1min, "nothing waits for the next time");
    });
}

BOOST_AUTO_TEST_CASE(progress_may_be_asked_for_from_several_threads) {
    std::atomic<int> now = 0;  // outlives the pool: the end may be told after who waited for it has been
    std::atomic<bool> alone = true;
    {
        sluice::thread_pool pool(2);
        auto const f = flow::from(std::views::iota(0)) | flow::map([](int i) { return i; });
        auto running = flow::launch(f, pool);
        auto const ask = [&] {
            for (int i = 0; i < 200; ++i) {
                running.on_progress(std::chrono::microseconds(50), [&](auto const&) {
                    if (now.fetch_add(1) != 0) alone = false;
                    now.fetch_sub(1);
                });
            }
        };
        std::thread other(ask);
        ask();
        other.join();
        running.async_stop(stopping::now, asio::use_future).wait();
    }
    BOOST_TEST(alone);
}

BOOST_AUTO_TEST_CASE(numbers_and_pictures_are_there_while_it_runs_and_progress_is_told_until_the_end) {
    in_many_orders([](simulation& home) {
        counts of;
        auto const f = endless(home, of);
        auto running = flow::launch(f, home);
        std::vector<std::uint64_t> told;
        bool ended = false;
        running.on_progress(10ms, [&](std::vector<sluice::stage_stats> const& stages) {
            told.push_back(stages.back().events_in);
            ended = stages.front().doing == sluice::activity::ended;
        });
        pass(home, 55ms);
        invariant(told.size() == 5 && std::ranges::is_sorted(told) && told.back() > 0, "each ten milliseconds");
        auto const stats = running.stats();
        invariant(stats.size() == 2 && stats[0].events_out >= stats[1].events_in, "a source and a sink");
        invariant(running.snapshot().edges().size() == 1, "one feeds the other");
        ending stopped;
        running.async_stop(stopping::drain, stopped.note());
        home.run();
        invariant(ended && told.back() == static_cast<std::uint64_t>(of.made), "the end is told too");
    });
}

BOOST_AUTO_TEST_CASE(a_failure_is_what_who_waits_is_told) {
    in_many_orders([](simulation& home) {
        auto const fails = [](int i) -> int { return i < 10 ? i : throw std::runtime_error("ten"); };
        auto const f = flow::from(std::views::iota(0)) | flow::map(fails);
        auto running = flow::launch(f, home);
        ending joined;
        running.async_join(joined.note());
        home.run();
        invariant(joined.said == "failed: ten", joined.said);
    });
}

BOOST_AUTO_TEST_CASE(a_handle_that_goes_stops_its_flow) {
    in_many_orders([](simulation& home) {
        counts of;
        auto const f = endless(home, of);
        {
            auto const running = flow::launch(f, home);
            home.run_ready(home.get_chooser().choose(100));
        }
        home.run();
        invariant(of.made < 100'000, "it has ended");
    });
}

BOOST_AUTO_TEST_CASE(intervals_are_checked) {
    in_many_orders([](simulation& home) {
        counts of;
        auto const f = endless(home, of);
        bool refused = false;
        {
            auto running = flow::launch(f, home);
            try {
                running.on_progress(0ms, [](auto const&) {});
            } catch (boost::system::system_error const& error) {
                refused = error.code() == sluice::errc::invalid_option;
            }
        }
        home.run();
        invariant(refused, "an interval of nothing");
    });
}

BOOST_AUTO_TEST_SUITE_END()
