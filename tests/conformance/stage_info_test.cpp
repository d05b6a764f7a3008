// D.1 32 … 39: informs come behind the events that wait.
#include "helpers.hpp"

using namespace conformance;

namespace {

constexpr sluice::subscribe_options four{.max_demand = 4, .min_demand = 0};

void expect_both(journal const& heard) {
    for (auto const* each : {"sync", "answer", "async"}) {
        invariant(std::ranges::count(heard, each) == 1, each + std::string(" once"));
    }
    expect_equal(heard.size(), std::size_t{3}, "and nothing else");
    invariant(std::ranges::find(heard, "sync") < std::ranges::find(heard, "async"), "in order");
}

/// Puts these into the producer's buffer, then one inform behind them; a consumer gets them, and the inform comes.
void behind_buffered(std::size_t buffer_size, std::vector<int> const& letters) {
    in_many_orders([&](simulation& home) {
        journal heard;
        batches got;
        sluice::producer source{home, sluice::outlet_options{.buffer_size = buffer_size}, silent{}};
        outcome up, down;
        start(up, source);
        queue(source, letters);
        home.run();
        source.async_inform([&heard] { heard.push_back("info"); },
                            [&heard](std::exception_ptr error) { heard.push_back(error ? "no answer" : "answer"); });
        home.run();
        invariant(heard.empty(), "it is held");
        sluice::consumer<int> all{home, from(source, four), forwarder{&got}};
        start(down, all);
        home.run();
        expect_equal(joined(got), letters, "the events");
        expect_equal(heard, journal{"info", "answer"}, "then the inform");
        stop_all(home, source);
    });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gen_stage_info)

BOOST_AUTO_TEST_CASE(d1_032_delivers_info_to_a_consumer) {
    in_many_orders([](simulation& home) {
        journal heard;
        batches got;
        sluice::producer source{home, silent{}};
        sluice::consumer<int> all{home, from(source), forwarder{&got}};
        outcome told;
        start(told, source, all);
        inform_both_ways(all, heard);
        home.run();
        expect_both(heard);
        stop_all(home, source);
    });
}

BOOST_AUTO_TEST_CASE(d1_033_delivers_info_to_a_middle_at_once_when_nothing_waits_there) {
    in_many_orders([](simulation& home) {
        journal heard;
        batches got;
        sluice::producer numbers{home, counter{.enough = 100}};
        sluice::producer_consumer<int, int> twofold{home, from(numbers), doubler{}};
        sluice::consumer<int> all{home, from(twofold), forwarder{&got}};
        outcome told;
        start(told, numbers, twofold, all);
        inform_both_ways(twofold, heard);
        home.run();
        expect_both(heard);
        stop_all(home, numbers);
    });
}

BOOST_AUTO_TEST_CASE(d1_034_delivers_info_to_a_middle_behind_what_waits_there) {
    in_many_orders([](simulation& home) {
        journal heard;
        batches got;
        sluice::producer source{home, silent{}};
        sluice::producer_consumer<int, int> twofold{home, from(source), doubler{}};
        outcome up, down;
        start(up, source, twofold);
        home.run();
        queue(source, iota(0, 10));
        home.run();
        inform_both_ways(twofold, heard);
        home.run();
        invariant(heard.empty(), "they are held");
        sluice::consumer<int> all{home, from(twofold), forwarder{&got}};
        start(down, all);
        home.run();
        expect_equal(joined(got), twice(0, 10), "the events");
        expect_both(heard);
        stop_all(home, source);
    });
}

BOOST_AUTO_TEST_CASE(d1_035_delivers_info_to_a_producer_at_once_when_nothing_is_buffered) {
    in_many_orders([](simulation& home) {
        journal heard;
        sluice::producer source{home, silent{}};
        outcome told;
        start(told, source);
        inform_both_ways(source, heard);
        home.run();
        expect_both(heard);
        stop_all(home, source);
    });
}

BOOST_AUTO_TEST_CASE(d1_036_delivers_info_behind_a_buffer_without_limit) {
    behind_buffered(std::numeric_limits<std::size_t>::max(), {1, 2, 3});
}
BOOST_AUTO_TEST_CASE(d1_037_delivers_info_behind_a_buffer_of_one_item) { behind_buffered(3, {1}); }
BOOST_AUTO_TEST_CASE(d1_038_delivers_info_behind_a_buffer_partly_filled) { behind_buffered(3, {1, 2}); }
BOOST_AUTO_TEST_CASE(d1_039_delivers_info_behind_a_full_buffer) { behind_buffered(3, {1, 2, 3}); }

// A.7: with buffer_keep::last the events before an inform may be dropped, the inform never.
BOOST_AUTO_TEST_CASE(an_inform_whose_events_are_dropped_comes_at_once) {
    in_many_orders([](simulation& home) {
        journal heard;
        sluice::producer source{home, sluice::outlet_options{.buffer_size = 3}, silent{}};
        outcome told;
        start(told, source);
        queue(source, {1, 2, 3});
        home.run();
        inform_both_ways(source, heard);
        home.run();
        invariant(heard.empty(), "they are held");
        queue(source, {4, 5, 6});
        home.run();
        expect_both(heard);
        stop_all(home, source);
    });
}

BOOST_AUTO_TEST_SUITE_END()
