// D.1 24 … 31: events that are emitted without demand. Letters are numbers here: a = 1.
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <memory>
#include <sstream>

#include "helpers.hpp"

using namespace conformance;

namespace {

constexpr sluice::subscribe_options four{.max_demand = 4, .min_demand = 0};

/// A producer that emits what it is told to, before anybody has asked.
struct full {
    std::ostringstream log;
    batches got;
    std::vector<int> discarded;
    int calls = 0;
    sluice::producer<int> letters;
    outcome up, down;

    full(simulation& home, sluice::outlet_options const& options) : letters(home, options, silent{}) {
        auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(log);
        auto logger = std::make_shared<spdlog::logger>("log", std::move(sink));
        logger->set_pattern("%l %v");
        letters.set_name("letters");
        letters.set_logger(std::move(logger));
        letters.on_discard([this](batch<int> events, sluice::discard_reason why) {
            invariant(why == sluice::discard_reason::buffer_full, "why");
            discarded.insert(discarded.end(), events.begin(), events.end());
            ++calls;
        });
        start(up, letters);
        home.run();
    }
    /// One emission each.
    void emit(simulation& home, std::initializer_list<std::vector<int>> all) {
        for (auto const& each : all) {
            queue(letters, each);
            home.run();
        }
    }
    void consume(simulation& home, sluice::subscribe_options const& options) {
        sluice::consumer<int> all{home, from(letters, options), forwarder{&got}};
        start(down, all);
        home.run();
        stop_all(home, letters);
    }
};

constexpr auto five_first = sluice::outlet_options{.buffer_size = 5, .buffer_keep = sluice::buffer_keep::first};
constexpr auto unbounded = sluice::outlet_options{.buffer_size = std::numeric_limits<std::size_t>::max()};

}  // namespace

BOOST_AUTO_TEST_SUITE(gen_stage_buffer)

BOOST_AUTO_TEST_CASE(d1_024_stores_events_when_there_is_no_demand) {
    in_many_orders([](simulation& home) {
        batches got;
        sluice::producer numbers{home, counter{.enough = 40}};
        outcome up, down;
        start(up, numbers);
        bool answered = false;
        numbers.async_visit(
            [](outlet<int>& out) {
                out.push(batch_of({-5, -4, -3}));
            },
            [&](std::exception_ptr error) { answered = !error; });
        home.run();
        invariant(answered, "a call has an answer");
        queue(numbers, {-2, -1});
        home.run();
        sluice::consumer<int> all{home, from(numbers, four), forwarder{&got}};
        start(down, all);
        home.run();
        // After the first four the last one and the first new ones may travel together; GenStage sends them apart.
        expect_equal(got.at(0), iota(-5, -1), "as many as were asked for");
        expect_equal(joined(got).at(4), -1, "the last of the buffer");
        expect_batches(got, {{-5, -1}});
        expect_equal(longest(got), std::size_t{4}, "never more than four");
        stop_all(home, numbers);
    });
}

BOOST_AUTO_TEST_CASE(d1_025_warns_and_keeps_the_first_when_it_exceeds_its_size) {
    in_many_orders([](simulation& home) {
        full world{home, five_first};
        world.emit(home, {{1, 2, 3, 4, 5}, {6, 7, 8}});
        expect_text(world.log.str(), "warning letters: discarded 3 events: the buffer is full\n", "the warning");
        world.consume(home, four);
        expect_equal(world.got, batches{{1, 2, 3, 4}, {5}}, "the first");
    });
}

BOOST_AUTO_TEST_CASE(keeps_the_last_when_it_exceeds_its_size) {
    in_many_orders([](simulation& home) {
        full world{home, {.buffer_size = 5}};
        world.emit(home, {{1, 2, 3, 4, 5}, {6, 7, 8}});
        expect_text(world.log.str(), "warning letters: discarded 3 events: the buffer is full\n", "the warning");
        world.consume(home, four);
        expect_equal(world.got, batches{{4, 5, 6, 7}, {8}}, "the last");
    });
}

BOOST_AUTO_TEST_CASE(d1_027_may_have_no_limit) {
    in_many_orders([](simulation& home) {
        full world{home, unbounded};
        world.emit(home, {{1, 2, 3, 4, 5}, {6, 7, 8}});
        world.consume(home, four);
        expect_equal(world.got, batches{{1, 2, 3, 4}, {5, 6, 7, 8}}, "all");
    });
}

BOOST_AUTO_TEST_CASE(d1_028_calls_the_discard_hook_with_what_is_discarded) {
    in_many_orders([](simulation& home) {
        full world{home, five_first};
        world.emit(home, {{1, 2, 3, 4, 5, 6, 7, 8}});
        expect_equal(world.discarded, std::vector{6, 7, 8}, "three, and which");
        expect_equal(world.calls, 1, "once for each emission");
        auto const before = world.log.str();
        world.consume(home, four);
        expect_equal(world.got, batches{{1, 2, 3, 4}, {5}}, "the first");
        expect_text(world.log.str().substr(before.size()).substr(0, 12), "info letters", "no warning later");
    });
}

BOOST_AUTO_TEST_CASE(d1_029_a_stage_with_a_discard_hook_still_logs) {
    in_many_orders([](simulation& home) {
        full world{home, five_first};
        world.emit(home, {{1, 2, 3, 4, 5, 6, 7, 8}});
        expect_text(world.log.str(), "warning letters: discarded 3 events: the buffer is full\n", "the warning");
        world.consume(home, {.max_demand = 5, .min_demand = 0});
        expect_equal(world.got, batches{{1, 2, 3, 4, 5}}, "the first");
    });
}

// Where GenStage's callback answers false: a stage without a logger logs nothing, and its hook is called all the same.
BOOST_AUTO_TEST_CASE(d1_030_a_stage_without_a_logger_logs_nothing) {
    in_many_orders([](simulation& home) {
        full world{home, five_first};
        world.letters.set_logger(nullptr);
        world.emit(home, {{1, 2, 3, 4, 5, 6, 7, 8}});
        expect_equal(world.discarded, std::vector{6, 7, 8}, "the hook");
        world.consume(home, {.max_demand = 5, .min_demand = 0});
        expect_text(world.log.str(), "", "the log");
        expect_equal(world.got, batches{{1, 2, 3, 4, 5}}, "the first");
    });
}

BOOST_AUTO_TEST_CASE(d1_031_says_how_many_events_are_buffered_when_asked) {
    in_many_orders([](simulation& home) {
        full world{home, unbounded};
        world.emit(home, {{1, 2, 3, 4, 5}});
        expect_equal(world.letters.stats().buffered, std::size_t{5}, "five");
        world.emit(home, {{6, 7, 8}});
        expect_equal(world.letters.stats().buffered, std::size_t{8}, "eight");
        world.consume(home, four);
        expect_equal(world.got, batches{{1, 2, 3, 4}, {5, 6, 7, 8}}, "all");
        expect_equal(world.letters.stats().buffered, std::size_t{0}, "none");
    });
}

// GenStage counts informs too where its buffer has no limit.
BOOST_AUTO_TEST_CASE(informs_are_not_counted_as_buffered) {
    for (auto const& options : {five_first, unbounded}) {
        in_many_orders([&](simulation& home) {
            full world{home, options};
            world.emit(home, {{1, 2}});
            for (int i = 0; i < 2; ++i) world.letters.async_inform([] {}, asio::detached);
            home.run();
            expect_equal(world.letters.stats().buffered, std::size_t{2}, "the events");
            world.consume(home, four);
        });
    }
}

BOOST_AUTO_TEST_SUITE_END()
